package web

import (
	"net/http"

	toolkit "github.com/prometheus/exporter-toolkit/web"
)

const darkCSS = `a { color: #0b62c4; }
@media (prefers-color-scheme: dark) {
  :root { color-scheme: dark; }
  body { background: #181b1f; color: #d8d9da; }
  a { color: #6ea8fe; }
}`

// landingPage leads to the other pages.
func landingPage(o Options) (http.Handler, error) {
	links := []toolkit.LandingLinks{
		{Address: o.MetricsPath, Text: "Metrics"},
		{Address: "/tickets", Text: "Tickets", Description: "what is followed, and when it was last looked at"},
		{Address: "/-/healthy", Text: "Healthy", Description: "the process serves"},
		{Address: "/-/ready", Text: "Ready", Description: "the counters are there"},
	}
	if o.Lifecycle {
		links = append(links, toolkit.LandingLinks{Address: "/config", Text: "Configuration", Description: "secrets are masked"})
	}
	return toolkit.NewLandingPage(toolkit.LandingConfig{
		Name:        "socialboards_exporter",
		Description: "Prometheus exporter for the ticket logs of Socialboards",
		Version:     o.Version,
		Links:       links,
		ExtraCSS:    darkCSS,
		Profiling:   "false",
	})
}
