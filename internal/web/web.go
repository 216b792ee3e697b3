// Package web serves the exporter's pages and its probes. It knows what it shows by small
// interfaces and keeps no state of its own.
package web

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Readiness tells whether the domain metrics are there, and how the exporter fares.
type Readiness interface {
	// Waiting says in a sentence what is waited for; empty: nothing, all is ready.
	Waiting() string
	// Problems says in a sentence each what is wrong.
	Problems() []string
}

// Reloader reads the configuration again, and logs what came of it. An error means that the
// old one stays. The advice tells, a sentence each, what deserves a second look.
type Reloader interface {
	Reload(ctx context.Context) (advice []string, err error)
}

// ConfigSource gives the running configuration as YAML, its secrets masked.
type ConfigSource interface {
	Masked() ([]byte, error)
}

// Options say what is served. Metrics, Ready, Reloader, Config and Tickets are required.
type Options struct {
	Metrics     http.Handler
	MetricsPath string // empty: /metrics
	Lifecycle   bool   // allows reload and /config
	Ready       Readiness
	Reloader    Reloader
	Config      ConfigSource
	Tickets     TicketSource
	// Loaded is closed once the store is loaded; scrapes wait for it for a while.
	Loaded  <-chan struct{}
	Version string // for the landing page
}

// New gives the handler of all paths. It may be used by several goroutines at once, as
// far as what Options name may. The error says why a telemetry path cannot be.
func New(o Options) (http.Handler, error) {
	if o.MetricsPath == "" {
		o.MetricsPath = "/metrics"
	}
	if err := checkMetricsPath(o.MetricsPath); err != nil {
		return nil, err
	}
	tickets, err := newTicketsPage(o.Tickets)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+o.MetricsPath+exactly(o.MetricsPath), WaitLoaded(o.Metrics, o.Loaded))
	if o.MetricsPath != "/" {
		landing, err := landingPage(o)
		if err != nil {
			return nil, err
		}
		mux.Handle("GET /{$}", landing)
	}
	mux.HandleFunc("GET /-/healthy", healthy)
	mux.Handle("GET /-/ready", ready(o.Ready))
	mux.Handle("POST /-/reload", o.whereAllowed(reload(o.Reloader)))
	mux.Handle("GET /config", o.whereAllowed(showConfig(o.Config)))
	mux.Handle("GET /tickets", tickets)
	return secured(mux), nil
}

// exactly keeps a pattern that ends in a slash from matching all that begins with it.
func exactly(path string) string {
	if strings.HasSuffix(path, "/") {
		return "{$}"
	}
	return ""
}

func checkMetricsPath(p string) error {
	clean := path.Clean(p)
	taken := []string{"/tickets", "/config", "/-/healthy", "/-/ready", "/-/reload"}
	switch {
	case !strings.HasPrefix(p, "/") || p != clean && p != clean+"/" || p == "//" || strings.ContainsAny(p, "{}?#% "):
		return fmt.Errorf("telemetry path %q is no path; write it like /metrics", p)
	case slices.Contains(taken, clean):
		return fmt.Errorf("telemetry path %q is taken by another page; choose another one, such as /metrics", p)
	}
	return nil
}

// secured adds the headers that keep browsers from doing more than showing a page.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}
