// Package exporter joins the parts into the running program: it opens the store, counts
// and polls by the configuration, takes a new configuration in, and ends in good order.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/health"
	"socialboards_exporter/internal/tally"
)

// Clock tells the time and waits for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Options are what an Exporter is made from.
type Options struct {
	// Config reads the configuration; it is asked again at each reload.
	Config      func() (*config.Config, error)
	StoragePath string // empty or ":memory:": nothing is kept
	Clock       Clock
	Transport   http.RoundTripper // to the API; nil: the client's own connections
	Logger      *slog.Logger
	Version     string // in the User-Agent header
}

// Exporter is the running program without its web server. Its methods may be called by
// several goroutines at once.
type Exporter struct {
	opts   Options
	log    *slog.Logger
	health *health.Tracker
	own    *exposition.Process
	domain *exposition.Domain
	loaded chan struct{} // closed once the store is

	config  atomic.Pointer[config.Config] // running
	tried   atomic.Pointer[reading]       // what was loaded last, whether it was taken in or not
	reloads chan chan<- reloaded
	ended   chan struct{}

	mu      sync.Mutex
	store   *eventstore.Store // nil until opened
	client  *apiclient.Client
	session *session // nil until the store is loaded
}

// New reads the configuration and prepares everything that needs no store.
func New(o Options) (*Exporter, error) {
	c, err := o.Config()
	if err != nil {
		return nil, err
	}
	e := &Exporter{
		opts: o, log: o.Logger, health: health.New(c.Poll().Interval),
		loaded: make(chan struct{}), reloads: make(chan chan<- reloaded), ended: make(chan struct{}),
	}
	e.config.Store(c)
	e.remember(c, nil)
	e.warn(c.Warnings())
	shard := c.Shard()
	e.own, err = exposition.NewProcess(exposition.ProcessOptions{
		Health: e.health, ShardIndex: shard.Index, Shards: shard.Total,
		Native: c.Metrics().NativeHistograms, Now: o.Clock.Now,
	})
	if err != nil {
		return nil, err
	}
	e.domain = exposition.NewDomain(tally.New(tally.Settings{}), shownOptions(c), o.Clock.Now)
	e.own.ConfigLoaded(true, o.Clock.Now())
	if e.client, err = e.newClient(c); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Exporter) newClient(c *config.Config) (*apiclient.Client, error) {
	o := clientOptions(e.opts, c)
	// The running configuration is asked each time, so that a reload can bring another token.
	o.RefreshToken = func() (string, error) { return e.config.Load().API().RefreshToken() }
	o.Observer = e.own
	if !inMemory(e.opts.StoragePath) {
		o.Rotated = apiclient.FileTokens(rotatedPath(e.opts.StoragePath))
	}
	return apiclient.New(o)
}

// clientOptions are those of any client by a configuration.
func clientOptions(o Options, c *config.Config) apiclient.Options {
	api, l := c.API(), limits(c)
	return apiclient.Options{
		BaseURL: api.BaseURL, TokenURL: api.TokenURL, ClientID: api.ClientID,
		Timeout: l.Timeout, RequestsPerSecond: l.RequestsPerSecond, Burst: l.Burst, Concurrency: l.Concurrency,
		Transport: o.Transport, Roots: api.Roots(), Proxy: api.Proxy(), Clock: o.Clock, Logger: o.Logger,
		UserAgent: "socialboards_exporter/" + o.Version,
	}
}

// rotatedPath is where a refresh token is kept that the API gave in place of the configured one.
func rotatedPath(dir string) string { return filepath.Join(dir, "refresh_token.json") }

func inMemory(path string) bool { return path == "" || path == ":memory:" }

// Run opens the store, polls until ctx is done, finishes the commit in hand and closes
// the store. An error means that it could not begin, or not end in good order.
func (e *Exporter) Run(ctx context.Context) error {
	defer close(e.ended)
	store, err := e.open(ctx)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	s, err := e.begin(ctx, e.config.Load())
	if err != nil {
		return errors.Join(unlessStopped(ctx, err), store.Close())
	}
	close(e.loaded)
	for {
		select {
		case <-ctx.Done():
			return errors.Join(s.end(), store.Close())
		case done := <-e.reloads:
			var a reloaded
			s, a = e.reload(ctx, s)
			done <- a
		case err := <-s.ended:
			return errors.Join(fmt.Errorf("polling ended: %w", err), store.Close())
		}
	}
}

// unlessStopped leaves out an error that says nothing but that ctx is done: being asked to
// stop while the store loads is no failure.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (e *Exporter) open(ctx context.Context) (*eventstore.Store, error) {
	api := e.config.Load().API()
	store, err := eventstore.Open(ctx, eventstore.Options{
		Dir: e.opts.StoragePath, Logger: e.log, Now: e.opts.Clock.Now,
		Account: eventstore.Account{BaseURL: api.BaseURL, ClientID: api.ClientID},
	})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	e.mu.Lock()
	e.store = store
	e.mu.Unlock()
	e.own.SetStorage(store)
	return store, nil
}

// Loaded is closed once the store is loaded, which is before the first pass.
func (e *Exporter) Loaded() <-chan struct{} { return e.loaded }

// Config gives the running configuration.
func (e *Exporter) Config() *config.Config { return e.config.Load() }
