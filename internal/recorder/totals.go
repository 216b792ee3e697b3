package recorder

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// Totals adds up what a store has counted, as it would be shown at now, without changing
// anything. Of the objectives only those of the settings are shown.
func Totals(ctx context.Context, store Store, set Settings, now func() time.Time, log *slog.Logger) (*tally.Snapshot, error) {
	r := newRecorder(store, set, now, log)
	c, err := store.Outline(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.replay(ctx, c); err != nil {
		return nil, err
	}
	r.tally.Update(func(u *tally.Update) {
		err = store.EachTicket(ctx, func(t fact.Ticket) error {
			u.Ticket(tally.TicketState{ID: t.ID, Status: cmp.Or(t.Status, t.ListStatus), Done: t.Done, Read: t.ReadAt.Known()})
			return nil
		})
		u.Ready(true)
	})
	if err != nil {
		return nil, err
	}
	return r.tally.Snapshot(now()), nil
}
