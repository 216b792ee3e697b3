package exporter

import (
	"context"
	"errors"

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
		Settings: pollSettings(c, rec.Selected), Logger: e.log,
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

// end stops polling and waits until what was in hand is recorded. What it leaves for the
// next start to begin with is worth no error: that start manages without.
func (s *session) end() error {
	s.cancel()
	err := <-s.ended
	_ = s.recorder.KeepSums(context.Background())
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
