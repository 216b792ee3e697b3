package cli

// ManPage is the template of the manual page. Unlike kingpin's own it names no version and
// no machine, so that the same source makes the same page, and it says what the options do
// not: environment, files and exit codes.
const ManPage = `{{define "flags"}}{{range .Flags}}{{if not .Hidden}}.TP
\fB{{if .Short}}\-{{.Short|Char}}, {{end}}\-\-{{.Name}}{{if not .IsBoolFlag}}={{.FormatPlaceHolder}}{{end}}\fR
{{.Help}}
{{end}}{{end}}{{end -}}
.TH SOCIALBOARDS_EXPORTER 1 "" "socialboards_exporter" "User Commands"
.SH NAME
socialboards_exporter \- a Prometheus exporter for Socialboards support tickets
.SH SYNOPSIS
.B socialboards_exporter
[\fIflags\fR] [\fIcommand\fR [\fIarguments\fR]]
.SH DESCRIPTION
{{.App.Help}}
Without a command it does what \fBrun\fR does.
.SH COMMANDS
{{range .App.FlattenedCommands}}{{if not .Hidden}}.SS {{.FullCommand}}{{range .Args}} {{if not .Required}}[{{end}}<{{.Name}}>{{if not .Required}}]{{end}}{{end}}
{{.Help}}
{{template "flags" .}}{{end}}{{end -}}
.SH OPTIONS
{{template "flags" .App -}}
.SH ENVIRONMENT
Each of the options can be given as a variable: \fB\-\-storage.path\fR is \fBSOCIALBOARDS_EXPORTER_STORAGE_PATH\fR.
Those of a single command, \fB\-\-help\fR and \fB\-\-version\fR cannot.
An empty variable is as good as none.
.SH FILES
.TP
\fIsocialboards.yml\fR
The configuration.
.TP
\fIdata/\fR
What was counted. Keep it, and back it up.
.SH SIGNALS
.TP
SIGHUP
Reads the configuration again.
.TP
SIGTERM, SIGINT
End in good order, within ten seconds.
.SH "EXIT STATUS"
0, or 1 when something is wrong, which is told on standard error.
`
