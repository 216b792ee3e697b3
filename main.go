// Command socialboards_exporter exposes what happens in Socialboards tickets to Prometheus.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"socialboards_exporter/internal/cli"
	"socialboards_exporter/internal/logging"
	"socialboards_exporter/internal/terminal"
)

const name = "socialboards_exporter"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// flags are the application's flags, so that all of them show in --help.
type flags struct {
	cli.Flags
	logLevel, logFormat string
}

// run parses the command line and does what it says; it gives the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var f flags
	kingpin.ManPageTemplate = cli.ManPage // the only place where kingpin takes one
	app := application(&f, stdout, stderr)
	commands := commands(app, &f)
	chosen, err := app.Parse(args)
	if err != nil {
		return fail(stderr, cli.Blame(app, args, err))
	}
	logs := stderr
	if terminal.Is(stderr) {
		f.Line = terminal.NewLine(stderr)
		logs = f.Line
	}
	logger, err := logging.New(logs, f.logLevel, f.logFormat)
	if err != nil {
		return fail(stderr, err)
	}
	f.Out, f.Log = stdout, logger
	slog.SetDefault(logger)

	// SIGHUP reloads; the default would end the process when it comes too early.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	f.Hangup = hup
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := commands[chosen](ctx); err != nil {
		return fail(stderr, err)
	}
	return 0
}

func fail(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "%s: %v\n", name, err)
	return 1
}

func application(f *flags, stdout, stderr io.Writer) *kingpin.Application {
	app := kingpin.New(name, "Exposes what happens in Socialboards tickets to Prometheus: counted once, for good.")
	app.UsageWriter(stdout).ErrorWriter(stderr).DefaultEnvars()
	app.HelpFlag.Short('h').NoEnvar()
	app.Version(version.Print(name))
	app.VersionFlag.NoEnvar()

	app.Flag("config.file", "Configuration file.").Default("socialboards.yml").StringVar(&f.ConfigFile)
	app.Flag("config.auto-reload", "Reload when the configuration file, or a file that is read with it, has changed.").BoolVar(&f.AutoReload)
	app.Flag("storage.path", "Local directory for what is counted, made if it is missing; `:memory:` or empty: keep everything in memory and count from 0. An empty variable of the environment is as good as none.").
		Default("data").IsSetByUser(&f.StorageSet).StringVar(&f.StoragePath)
	f.Web = toolkitFlags(app)
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.TelemetryPath)
	app.Flag("web.enable-lifecycle", "Allow POST /-/reload and GET /config.").BoolVar(&f.Lifecycle)
	app.Flag("simulate.listen-address", "Where the command simulate serves the simulated API.").Default("127.0.0.1:10080").StringVar(&f.SimulateAddress)
	app.Flag("simulate.tickets", "How many tickets the simulated team has.").Default("40").IntVar(&f.SimulateTickets)
	app.Flag("simulate.seed", "Seed of the simulated team; the same seed makes the same history.").Default("1").Uint64Var(&f.SimulateSeed)
	app.Flag("log.level", "Least severe level to log.").Default("info").EnumVar(&f.logLevel, logging.Levels()...)
	app.Flag("log.format", "Format of log lines.").Default("logfmt").EnumVar(&f.logFormat, logging.Formats()...)
	return app
}

func toolkitFlags(app *kingpin.Application) *web.FlagConfig {
	return kingpinflag.AddFlags(app, ":10066")
}

// commands adds the commands and tells what each does.
func commands(app *kingpin.Application, f *flags) map[string]func(context.Context) error {
	does := map[string]func(context.Context) error{}
	add := func(name, help string, do func(context.Context) error) *kingpin.CmdClause {
		does[name] = do
		return app.Command(name, help)
	}
	add("run", "Serve metrics (the default).", func(ctx context.Context) error { return cli.Run(ctx, f.Flags) }).Default()
	add("demo", "Serve metrics of the built-in simulated Socialboards: no account, no file needed.",
		func(ctx context.Context) error { return cli.Demo(ctx, f.Flags) })
	add("simulate", "Serve only the simulated Socialboards API.",
		func(ctx context.Context) error { return cli.Simulate(ctx, f.Flags) })
	var file string
	add("check-config", "Check a configuration file; exit 1 if it is not right.", func(context.Context) error {
		if file != "" {
			f.ConfigFile = file
		}
		return cli.CheckConfig(f.Flags)
	}).Arg("file", "The file, instead of --config.file.").StringVar(&file)
	var dryRun bool
	add("recount", "Judge all stored history anew by the present configuration; the exporter must be stopped.",
		func(ctx context.Context) error { return cli.Recount(ctx, f.Flags, dryRun) }).
		Flag("dry-run", "Only show what would move.").BoolVar(&dryRun)
	addBackfill(add, f)
	addExplain(add, f)
	add("healthcheck", "Ask the exporter on this host whether it is healthy; exit 1 if not.",
		func(ctx context.Context) error { return cli.HealthCheck(ctx, f.Flags) })
	return does
}

// addBackfill adds the command that writes history for promtool.
func addBackfill(add func(name, help string, do func(context.Context) error) *kingpin.CmdClause, f *flags) {
	var b cli.BackfillFlags
	cmd := add("backfill", "Write stored history as OpenMetrics text, from which `promtool tsdb create-blocks-from openmetrics` makes blocks for Prometheus.",
		func(ctx context.Context) error { return cli.Backfill(ctx, f.Flags, b) })
	cmd.Flag("from", "Begin of the range: a date in UTC, an RFC 3339 time, or Unix seconds. Default: 30 days before the live series begin.").StringVar(&b.From)
	cmd.Flag("to", "End of the range; later samples are not written. Default, and for live series at most: when they begin.").StringVar(&b.To)
	cmd.Flag("step", "Time between two samples of a series, as if scraped that often.").Default("1m").StringVar(&b.Step)
	cmd.Flag("output", "Directory for a file of each day; those that are there are not written again. `-`: one document to standard output.").Default("-").StringVar(&b.Output)
	cmd.Flag("backlog", "Also what is older than when its ticket was found, in series of their own with result=\"backlog\".").Default("true").BoolVar(&b.Backlog)
}

// addExplain adds the command that tells what a configuration comes to.
func addExplain(add func(name, help string, do func(context.Context) error) *kingpin.CmdClause, f *flags) {
	var x cli.ExplainFlags
	cmd := add("explain", "Ask the API, and tell what the configuration comes to: tickets, requests, series. Changes nothing; exit 1 if the interval cannot be kept.",
		func(ctx context.Context) error { return cli.Explain(ctx, f.Flags, x) })
	cmd.Flag("output", "How to tell it: table or json.").Default("table").EnumVar(&x.Output, "table", "json")
	cmd.Flag("max-lists", "Most requests for lists; if there are more, numbers are at least those told.").Default("1000").IntVar(&x.Lists)
	cmd.Flag("logs", "How many logs to read, for status labels, users, and what reading takes.").Default("20").IntVar(&x.Logs)
}
