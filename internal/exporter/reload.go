package exporter

import (
	"context"
	"errors"
	"fmt"

	"socialboards_exporter/internal/config"
)

// reloaded is what came of a reload.
type reloaded struct {
	advice []string
	err    error
}

// Reload reads the configuration again and goes on by it. The advice tells, a sentence each,
// what deserves a second look. If the configuration is not right, or needs a restart, the
// error says so and the running one stays. All of it is logged, too.
func (e *Exporter) Reload(ctx context.Context) (advice []string, err error) {
	done := make(chan reloaded, 1)
	select {
	case e.reloads <- done:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-e.ended:
		return nil, errors.New("the exporter is stopping")
	}
	a := <-done
	return a.advice, a.err
}

// reload gives the session that goes on: a new one, or the old one when there is an error.
func (e *Exporter) reload(ctx context.Context, s *session) (*session, reloaded) {
	next, advice, err := e.tryReload(ctx, s)
	e.own.ConfigLoaded(err == nil, e.opts.Clock.Now())
	if err != nil {
		e.log.Error("the configuration was not reloaded; the running one stays", "err", err)
		return next, reloaded{err: err}
	}
	e.log.Info("the configuration was reloaded")
	return next, reloaded{advice: advice}
}

func (e *Exporter) tryReload(ctx context.Context, s *session) (next *session, advice []string, err error) {
	c, err := e.opts.Config()
	e.remember(c, err)
	if err != nil {
		return s, nil, err
	}
	running := e.config.Load()
	if err := reloadable(running, c); err != nil {
		return s, nil, err
	}
	advice = append(c.Warnings(), unchanged(running, c)...)
	e.warn(advice)
	if err := s.end(); err != nil {
		e.log.Error("polling ended with an error", "err", err)
	}
	next, err = e.begin(ctx, c)
	if err != nil {
		return e.back(ctx, running, s), nil, err
	}
	e.config.Store(c)
	return next, append(advice, next.recorder.Advice()...), nil // the recorder has logged its own
}

// remember keeps what was read, so that a watch does not try it again.
func (e *Exporter) remember(c *config.Config, err error) {
	r := readingOf(c, err)
	e.tried.Store(&r)
}

func (e *Exporter) warn(advice []string) {
	for _, text := range advice {
		e.log.Warn(text)
	}
}

// back goes on by the running configuration after another could not be taken in. The store
// may have got a part of what followed from that one, so it is read again if possible.
func (e *Exporter) back(ctx context.Context, running *config.Config, s *session) *session {
	next, err := e.begin(ctx, running)
	if err != nil {
		e.log.Error("the store could not be read again", "err", err)
		return e.poll(ctx, running, s.recorder)
	}
	return next
}

// reloadable names everything that changed which only a restart can take in: the store
// belongs to one account and one shard, and connections are made in one way.
func reloadable(running, next *config.Config) error {
	old, now := running.API(), next.API()
	var errs []error
	refuse := func(changed bool, format string, args ...any) {
		if changed {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(old.BaseURL != now.BaseURL || old.TokenURL != now.TokenURL,
		"api.base_url or api.token_url changed (%s to %s): restart, with another --storage.path if it is another account", old.BaseURL, now.BaseURL)
	refuse(old.ClientID != now.ClientID, "api.client_id changed: restart with another --storage.path, since the store belongs to one account")
	refuse(!old.SameWay(now), "api.ca_file or the proxy changed: restart to connect another way")
	refuse(running.Shard() != next.Shard(), "shard changed: restart all shards with it")
	refuse(!sameListener(running, next),
		"webhook.listen_address or webhook.path changed, or the section came or went: restart to listen elsewhere")
	return errors.Join(errs...)
}

// sameListener holds the webhook to the address it was started with: others may have been
// given the address, or the port, meanwhile.
func sameListener(running, next *config.Config) bool {
	old, had := running.Webhook()
	now, has := next.Webhook()
	return had == has && old.ListenAddress == now.ListenAddress && old.Path == now.Path
}

// unchanged tells what keeps its old form until a restart, though nothing speaks against
// going on by the new configuration.
func unchanged(running, next *config.Config) []string {
	if running.Metrics().NativeHistograms == next.Metrics().NativeHistograms {
		return nil
	}
	return []string{"metrics.native_histograms changed: socialboards_exporter_api_request_duration_seconds keeps its form until a restart"}
}
