package recorder

import (
	"context"
	"slices"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/status"
	"socialboards_exporter/internal/tally"
)

// Keys of the store's settings.
const (
	metaReady     = "ready"     // instant of first readiness
	metaShard     = "shard"     // index/total
	metaResize    = "resize"    // the last change of the number of shards
	metaZero      = "zero"      // instant from which a store counts that is not to count history
	metaPseudonym = "pseudonym" // fingerprint of the key; absent: users go by their ids
)

// load takes over what the store holds.
func (r *Recorder) load(c eventstore.Contents) {
	r.lastSeq = c.LastSeq
	r.passStarts(c.Meta)
	for _, s := range c.Series {
		r.labels.addSeries(s)
	}
	for _, u := range c.Users {
		r.labels.addUser(u)
	}
	for _, l := range c.Labels {
		r.learned[l.Label] = l.Status
	}
	r.statuses = status.NewTable(r.set.Labels, r.learned)
	for _, s := range c.Selections {
		r.selections[s.Key] = s
	}
	for _, t := range c.Tickets {
		if t.Departed.Known() {
			r.departed[t.ID] = farewellOf(t)
			continue
		}
		r.tickets[t.ID] = follow(t)
	}
	if at, ok := c.Meta[metaReady]; ok {
		r.ready, r.pass.over, r.pass.closed = instant(at).Known(), true, true
	}
	r.rules = ledger.Rules{Done: func(s string) bool { return slices.Contains(r.set.Done, s) }}
}

// follow makes a followed ticket of its row.
func follow(t fact.Ticket) *ticket {
	return &ticket{Ticket: t, printSince: t.SeenAt, missing: fact.Never, clockDue: fact.Never, triedAt: fact.Never}
}

// replay adds up what was counted.
func (r *Recorder) replay(ctx context.Context, c eventstore.Contents) error {
	var err error
	r.tally.Update(func(u *tally.Update) {
		for _, s := range c.Series {
			u.Series(s)
			u.Events(s.ID, c.Events[s.ID])
		}
		for _, user := range c.Users {
			u.User(user)
		}
		addCounts(u, c.Counts)
		err = r.store.EachChange(ctx, func(c fact.Change) error {
			u.Change(c)
			return nil
		})
		if err != nil {
			return
		}
		err = r.store.EachOutcome(ctx, func(o fact.Outcome) error {
			u.Outcome(fact.Outcome{}, o)
			return nil
		})
	})
	return err
}

// addCounts adds stored counters: how entries were taken, and corrections of timelines.
func addCounts(u *tally.Update, counts map[string]uint64) {
	for name, n := range counts {
		if name == correctionCount {
			u.Inconsistent(n)
			continue
		}
		u.Count(fact.Result(name), n)
	}
}
