{{- define "socialboards.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "socialboards.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "socialboards.labels" -}}
{{ include "socialboards.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "socialboards.secret" -}}
{{- default (include "socialboards.fullname" .) .Values.existingSecret -}}
{{- end }}

{{- /* The configuration with the shards of this release. The index is the number of each pod. */ -}}
{{- define "socialboards.config" -}}
{{- if and .Values.shards.leaving (not .Values.shards.since) }}{{ fail "shards.leaving needs shards.since: the instant at which they leave" }}{{ end -}}
{{- $shard := dict "index" "hostname" "total" (int .Values.shards.total) -}}
{{- with .Values.shards.since }}{{ $_ := set $shard "since" . }}{{ end -}}
{{- merge (dict "shard" $shard) .Values.config | toYaml -}}
{{- end }}

{{- /* The port of the webhook, or nothing. */ -}}
{{- define "socialboards.webhookPort" -}}
{{- with .Values.config.webhook -}}
{{- regexFind "[0-9]+$" (required "config.webhook.listen_address is missing; give it as \":10067\"" .listen_address) -}}
{{- end -}}
{{- end }}

{{- /* A probe of a path: behind a web configuration the program itself asks whether it is healthy. */ -}}
{{- define "socialboards.probe" -}}
{{- if .root.Values.web.existingSecret -}}
exec:
  command: [/socialboards_exporter, healthcheck, --web.config.file=/etc/socialboards-web/web.yml]
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
{{- end -}}
{{- end }}
