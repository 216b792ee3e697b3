package exporter

import (
	"context"
	"errors"
	"io"

	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/eventstore"
)

// Backfill writes what the store has counted as OpenMetrics text: into files of the
// directory dir or, if that is empty, as one document to w. The configuration completes
// the settings. The exporter of the store may run meanwhile.
func Backfill(ctx context.Context, o Options, s backfill.Settings, dir string, w io.Writer) (summary backfill.Summary, err error) {
	c, err := o.Config()
	if err != nil {
		return summary, err
	}
	if inMemory(o.StoragePath) {
		return summary, errors.New("--storage.path: there is no history in memory; name the directory of a store")
	}
	if s, err = backfillSettings(c, s); err != nil {
		return summary, err
	}
	s.Now, s.Logger = o.Clock.Now, o.Logger
	store, err := eventstore.Open(ctx, eventstore.Options{
		Dir: o.StoragePath, ReadOnly: true, Logger: o.Logger, Now: o.Clock.Now,
		Account: eventstore.Account{BaseURL: c.API().BaseURL, ClientID: c.API().ClientID},
	})
	if err != nil {
		return summary, err
	}
	if dir == "" {
		summary, err = backfill.Write(ctx, store, s, w)
	} else {
		summary, err = backfill.WriteFiles(ctx, store, s, dir)
	}
	return summary, errors.Join(err, store.Close())
}

func backfillSettings(c *config.Config, s backfill.Settings) (backfill.Settings, error) {
	calendars, err := calendars(c)
	if err != nil {
		return s, err
	}
	shown := tallySettings(c, calendars)
	s.Bounds, s.Objectives, s.Calendars = shown.Bounds, shown.Objectives, shown.Calendars
	s.ActionTypes, s.UserNames = c.Events().ActionTypes, c.Users().Names
	return s, nil
}
