package exporter

import (
	"context"
	"errors"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/recount"
)

// Recount judges all that the store holds anew by the configuration, and tells what that
// moves. With apply the result takes the place of the store, which is kept beside it:
// kept is its path. The exporter of the store must be stopped meanwhile.
func Recount(ctx context.Context, o Options, apply bool) (report recount.Report, kept string, err error) {
	c, err := o.Config()
	if err != nil {
		return recount.Report{}, "", err
	}
	if inMemory(o.StoragePath) {
		return recount.Report{}, "", errors.New("--storage.path: there is nothing to recount in memory; name the directory of a store")
	}
	settings, err := recorderSettings(c, false)
	if err != nil {
		return recount.Report{}, "", err
	}
	account := eventstore.Account{BaseURL: c.API().BaseURL, ClientID: c.API().ClientID}
	store := eventstore.Options{Dir: o.StoragePath, Account: account, Logger: o.Logger, Now: o.Clock.Now}
	kept, err = eventstore.Rebuild(ctx, store, func(ctx context.Context, old, fresh *eventstore.Store) (bool, error) {
		before, err := recorder.Totals(ctx, old, settings, o.Clock.Now, o.Logger)
		if err != nil {
			return false, err
		}
		if err := recorder.Recount(ctx, old, fresh, settings, o.Clock.Now, o.Logger); err != nil {
			return false, err
		}
		after, err := recorder.Totals(ctx, fresh, settings, o.Clock.Now, o.Logger)
		if err != nil {
			return false, err
		}
		report = recount.Compare(before, after)
		return apply, nil
	})
	return report, kept, err
}
