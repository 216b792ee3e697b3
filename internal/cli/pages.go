package cli

import (
	"net/http"

	"github.com/prometheus/common/version"

	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/web"
)

// pages gives the handler of all paths.
func pages(f Flags, e *exporter.Exporter) (http.Handler, error) {
	return web.New(web.Options{
		Metrics: e.Metrics(), MetricsPath: f.TelemetryPath, Lifecycle: f.Lifecycle,
		Ready: e, Reloader: e, Config: e, Tickets: e, Loaded: e.Loaded(),
		Version: version.Version,
	})
}
