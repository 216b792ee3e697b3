// Package cli does what the commands of the program say.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/sla"
	"socialboards_exporter/internal/terminal"
)

// Flags is what the command line says, and what a command works with.
type Flags struct {
	ConfigFile      string
	AutoReload      bool // when the configuration has changed
	StoragePath     string
	StorageSet      bool // by the user
	Web             *web.FlagConfig
	TelemetryPath   string
	Lifecycle       bool
	SimulateAddress string
	SimulateTickets int
	SimulateSeed    uint64

	Out    io.Writer
	Line   *terminal.Line // shows how far something is, under the log; nil: there is no terminal
	Log    *slog.Logger
	Hangup <-chan os.Signal // asks for a reload
}

// Run serves metrics until ctx is done.
func Run(ctx context.Context, f Flags) error {
	load := func() (*config.Config, error) { return loadConfig(f.ConfigFile) }
	return serve(ctx, f, load, f.StoragePath)
}

func loadConfig(path string) (*config.Config, error) {
	c, err := config.Load(path, config.Known{HolidayCountry: sla.HolidayCountry})
	if err != nil {
		return nil, reading(path, err)
	}
	return c, nil
}

// CheckConfig validates the configuration file.
func CheckConfig(f Flags) error {
	c, err := loadConfig(f.ConfigFile)
	if err != nil {
		return err
	}
	for _, w := range c.Warnings() {
		fmt.Fprintln(f.Out, "warning:", w)
	}
	fmt.Fprintf(f.Out, "%s is valid: %d ticket ids, %d selections, %d objectives\n", f.ConfigFile,
		len(c.Tickets().IDs), len(c.Tickets().Discover), len(c.SLA().Objectives))
	return nil
}

// How long the parts of a stop may take, so that all of it ends within 10 s.
const drainTime = 3 * time.Second

// watchInterval is how often it is looked whether the configuration has changed.
const watchInterval = 5 * time.Second

// serve runs an exporter and its web server until ctx is done or one of them fails.
func serve(ctx context.Context, f Flags, load func() (*config.Config, error), storage string) error {
	if err := web.Validate(*f.Web.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file %s: %w", *f.Web.WebConfigFile, err)
	}
	e, err := exporter.New(exporter.Options{
		Config: load, StoragePath: storage, Clock: clock.System{}, Logger: f.Log, Version: version.Version,
	})
	if err != nil {
		return err
	}
	f.Log.Info("starting", "version", version.Info(), "build", version.BuildContext())
	handler, err := pages(f, e)
	if err != nil {
		return fmt.Errorf("--web.telemetry-path: %w", err)
	}
	hook, err := newHook(ctx, f, e)
	if err != nil {
		return err
	}
	server := newServer(handler)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served, ran := make(chan error, 2), make(chan error, 1)
	go func() { served <- web.ListenAndServe(server, f.Web, f.Log); stop() }()
	go func() { served <- hook.serve(ctx, f); stop() }()
	go func() { ran <- e.Run(ctx); stop() }()
	go reloadOnHangup(ctx, f, e)
	shown := follow(ctx, f, e)
	if f.AutoReload {
		go e.WatchConfig(ctx, watchInterval)
	}
	<-ctx.Done()
	shown()
	f.Log.Info("stopping")
	err = <-ran // the commit in hand first: scrapes are still answered meanwhile
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err = errors.Join(err, finish(drain, server), hook.shutdown(drain))
	for range cap(served) {
		if serr := <-served; !errors.Is(serr, http.ErrServerClosed) {
			err = errors.Join(err, serving(serr))
		}
	}
	return err
}

// finish lets the requests in hand be answered until ctx is done. Then it cuts off who is
// too slow, or has connected and asks nothing: that is no failure of ours.
func finish(ctx context.Context, s *http.Server) error {
	err := s.Shutdown(ctx)
	if err != nil && errors.Is(err, ctx.Err()) {
		return s.Close()
	}
	return err
}

func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // a slow scraper must not hold memory for ever
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

func reloadOnHangup(ctx context.Context, f Flags, e *exporter.Exporter) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.Hangup:
			_, _ = e.Reload(ctx) // it logs what came of it
		}
	}
}
