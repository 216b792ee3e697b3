// Package collector embeds the exporter in another Go program: it polls the ticket logs of
// Socialboards, counts each entry once, for good, and is a prometheus.Collector and a
// prometheus.Gatherer of what was counted. It has the metrics of the program
// socialboards_exporter and takes the same configuration; see the documentation of those.
package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/sla"
)

// Options are what a Collector is made from: a configuration, by one of Config and
// ConfigFile, and where to keep what was counted.
type Options struct {
	// Config is the configuration as YAML. Paths in it start at the working directory.
	Config []byte
	// ConfigFile names a file with the configuration, which Reload reads again. Paths in it
	// start at its directory.
	ConfigFile string
	// StoragePath is the directory of the durable store, which is made if it is not there
	// and belongs to one Collector at a time. Without it everything is kept in memory, and
	// counters start at 0, at what happens from then on.
	StoragePath string
	// Transport carries requests to Socialboards, in place of connections of its own.
	Transport http.RoundTripper
	// Logger takes what there is to say, never a secret. nil: nothing is said.
	Logger *slog.Logger
	// Version is told to Socialboards in the User-Agent header.
	Version string
}

// Collector polls Socialboards while Run runs, and shows what was counted. Its methods may
// be called by several goroutines at once.
type Collector struct {
	exporter *exporter.Exporter
	log      *slog.Logger
}

// New checks the configuration and prepares a Collector. Nothing is opened or asked before
// Run. An error of the configuration lists everything that is wrong with it, by line.
func New(o Options) (*Collector, error) {
	if (o.ConfigFile == "") == (o.Config == nil) {
		return nil, errors.New("collector: give either Config or ConfigFile")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Version == "" {
		o.Version = "embedded"
	}
	e, err := exporter.New(exporter.Options{
		Config: o.load, StoragePath: o.StoragePath, Clock: clock.System{}, Transport: o.Transport, Logger: o.Logger, Version: o.Version,
	})
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	return &Collector{e, o.Logger}, nil
}

func (o Options) load() (*config.Config, error) {
	known := config.Known{HolidayCountry: sla.HolidayCountry}
	if o.ConfigFile != "" {
		return config.Load(o.ConfigFile, known)
	}
	return config.Parse("configuration", o.Config, ".", known)
}

// Run opens the store and polls until ctx is done, which is no error. It finishes the commit
// in hand and closes the store before it returns. It may be called once.
func (c *Collector) Run(ctx context.Context) error { return c.exporter.Run(ctx) }

// Ready says whether everything is counted that there was when counting began: until then
// only the metrics are there that tell of the collector itself. Once ready, a store is ready
// as soon as it is loaded.
func (c *Collector) Ready() bool { return c.exporter.Waiting() == "" }

// Reload reads ConfigFile again and goes on by it, while Run runs. If that is not right, or
// needs a new Collector, the error says so and everything stays as it is. The advice tells
// what deserves a second look.
func (c *Collector) Reload(ctx context.Context) (advice []string, err error) {
	return c.exporter.Reload(ctx)
}

// Gather implements prometheus.Gatherer. The families are the caller's.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) { return c.exporter.Gather() }

// Handler serves the metrics, beside those of other gatherers, no name of which may be in
// two of them. It keeps what did not change rendered and compressed between scrapes, and so
// costs far less than gathering the Collector where there are many tickets.
func (c *Collector) Handler(others ...prometheus.Gatherer) http.Handler {
	return c.exporter.Beside(others...)
}

// Webhook gives the handler for what Socialboards calls, for the program to serve at the
// configured address. false: the configuration has no webhook.
func (c *Collector) Webhook() (http.Handler, bool) {
	w, ok := c.exporter.Config().Webhook()
	if !ok {
		return nil, false
	}
	return c.exporter.Webhook(w.Path, c.log), true
}

var (
	_ prometheus.Collector = (*Collector)(nil)
	_ prometheus.Gatherer  = (*Collector)(nil)
)
