package exporter

import (
	"context"
	"errors"
	"fmt"

	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
)

// session is the time in which one configuration holds.
type session struct {
	recorder *recorder.Recorder
	poller   *poll.Poller
	cancel   context.CancelFunc
	ended    chan error // receives how polling ended, once
}

// begin brings the store in line with the configuration and polls by it.
func (e *Exporter) begin(ctx context.Context, c *config.Config) (*session, error) {
	rec, err := e.adopt(ctx, c)
	if err != nil {
		return nil, err
	}
	return e.poll(ctx, c, rec), nil
}

// adopt brings the store in line with the configuration.
func (e *Exporter) adopt(ctx context.Context, c *config.Config) (*recorder.Recorder, error) {
	settings, err := recorderSettings(c, inMemory(e.opts.StoragePath))
	if err != nil {
		return nil, err
	}
	rec, err := recorder.Open(ctx, e.store, settings, e.opts.Clock.Now, e.log)
	if err != nil {
		return nil, err
	}
	if err := e.client.SetLimits(limits(c)); err != nil {
		return nil, err
	}
	e.health.SetInterval(c.Poll().Interval)
	e.domain.Configure(rec.Tally(), shownOptions(c))
	return rec, nil
}

// poll begins to poll for the recorder.
func (e *Exporter) poll(ctx context.Context, c *config.Config, rec *recorder.Recorder) *session {
	s := e.newSession(c, rec)
	ctx, s.cancel = context.WithCancel(ctx)
	go func() { s.ended <- s.poller.Run(ctx) }()
	return s
}

// newSession makes the session that is shown from now on. It does not poll yet.
func (e *Exporter) newSession(c *config.Config, rec *recorder.Recorder) *session {
	s := &session{recorder: rec, ended: make(chan error, 1)}
	s.poller = poll.New(poll.Options{
		Source: e.client, Recorder: rec, Observer: observer{e.own, e.health}, Clock: e.opts.Clock,
		Settings: pollSettings(c, rec), Logger: e.log,
	})
	e.own.SetSchedule(s.poller)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.session != nil { // what webhooks have named must not be lost in a reload
		for _, id := range e.session.poller.Notified() {
			s.poller.Notify(id)
		}
	}
	e.session = s
	return s
}

// end stops polling and waits until what was in hand is recorded.
func (s *session) end() error {
	s.cancel()
	if err := <-s.ended; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Reload reads the configuration again and goes on by it. If it is not right, or needs a
// restart, the error says so and the running configuration stays.
func (e *Exporter) Reload(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case e.reloads <- done:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.ended:
		return errors.New("the exporter is stopping")
	}
	return <-done
}

// reload gives the session that goes on: a new one, or the old one when there is an error.
func (e *Exporter) reload(ctx context.Context, s *session) (*session, error) {
	next, err := e.tryReload(ctx, s)
	e.own.ConfigLoaded(err == nil, e.opts.Clock.Now())
	if err != nil {
		e.log.Error("the configuration was not reloaded; the running one stays", "err", err)
		return next, err
	}
	e.log.Info("the configuration was reloaded")
	return next, nil
}

func (e *Exporter) tryReload(ctx context.Context, s *session) (*session, error) {
	c, err := e.opts.Config()
	if err != nil {
		return s, err
	}
	running := e.config.Load()
	if err := reloadable(running, c); err != nil {
		return s, err
	}
	e.warn(c)
	if err := s.end(); err != nil {
		e.log.Error("polling ended with an error", "err", err)
	}
	next, err := e.begin(ctx, c)
	if err != nil {
		return e.back(ctx, running, s), err
	}
	e.config.Store(c)
	return next, nil
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

// reloadable names what changed that only a restart can take in: the store belongs to one
// account and one shard.
func reloadable(running, next *config.Config) error {
	old, now := running.API(), next.API()
	switch {
	case old.BaseURL != now.BaseURL || old.TokenURL != now.TokenURL:
		return fmt.Errorf("api.base_url or api.token_url changed (%s to %s): restart, with another --storage.path if it is another account", old.BaseURL, now.BaseURL)
	case old.ClientID != now.ClientID:
		return errors.New("api.client_id changed: restart with another --storage.path, since the store belongs to one account")
	case running.Shard() != next.Shard():
		return errors.New("shard changed: restart all shards with it")
	}
	return sameListener(running, next)
}

// sameListener holds the webhook to the address it was started with: others may have been
// given the address, or the port, meanwhile.
func sameListener(running, next *config.Config) error {
	old, had := running.Webhook()
	now, has := next.Webhook()
	if had != has || old.ListenAddress != now.ListenAddress || old.Path != now.Path {
		return errors.New("webhook.listen_address or webhook.path changed, or the section came or went: restart to listen elsewhere")
	}
	return nil
}
