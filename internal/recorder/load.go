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
	r.understand(c.Labels)
	for _, s := range c.Selections {
		r.selections[s.Key] = s
	}
	if at, ok := c.Meta[metaReady]; ok {
		r.ready, r.pass.over, r.pass.closed = instant(at).Known(), true, true
	}
	r.rules = ledger.Rules{Done: func(s string) bool { return slices.Contains(r.set.Done, s) }}
}

// understand takes over what labels were found to stand for.
func (r *Recorder) understand(labels []fact.Label) {
	for _, l := range labels {
		r.learned[l.Label] = l.Status
	}
	r.statuses = status.NewTable(r.set.Labels, r.learned)
	r.understood = map[string]bool{}
	for _, s := range r.statuses.Known() {
		r.understood[s] = true
	}
	for _, s := range r.learned {
		r.understood[s] = true
	}
}

// follow makes a followed ticket of its row.
func follow(t fact.Ticket) *ticket {
	f := &ticket{Ticket: t, printSince: t.SeenAt, missing: fact.Never, clockDue: fact.Never, triedAt: fact.Never}
	if t.ReadAt.Known() {
		f.clockDue = t.Until
	}
	return f
}

// loadTickets shows the followed tickets that are at rest, and keeps the others, and those
// that the settings may want to go or to stay for another reason. It gives the tickets that
// the settings name; true: it is at rest, and followed for that reason already.
func (r *Recorder) loadTickets(ctx context.Context) (named map[int64]bool, err error) {
	named = make(map[int64]bool, len(r.set.TicketIDs))
	for _, id := range r.set.TicketIDs {
		named[id] = false
	}
	err = r.store.EachTicket(ctx, func(row fact.Ticket) error {
		t := follow(row)
		_, wanted := named[row.ID]
		if !r.atRest(t) || !r.settled(row, wanted) {
			r.tickets[row.ID] = t
			return nil
		}
		if wanted {
			named[row.ID] = true
		}
		r.publish(t, nil)
		return nil
	})
	return named, err
}

// settled says whether a ticket is followed for the same reasons as before.
func (r *Recorder) settled(row fact.Ticket, named bool) bool {
	for _, o := range row.Origins {
		if o != byID && !slices.Contains(r.set.Selections, o) {
			return false
		}
	}
	return len(row.Origins) > 0 && slices.Contains(row.Origins, byID) == named && r.set.Shard.Owns(row.ID)
}

// read takes over all that the store holds.
func (r *Recorder) read(ctx context.Context) (c eventstore.Contents, named map[int64]bool, err error) {
	if c, err = r.store.Outline(ctx); err != nil {
		return c, nil, err
	}
	r.load(c)
	if err = r.replay(ctx, c); err != nil {
		return c, nil, err
	}
	named, err = r.loadTickets(ctx)
	return c, named, err
}

// replay adds up what was counted.
func (r *Recorder) replay(ctx context.Context, c eventstore.Contents) error {
	sums, err := r.store.Sums(ctx)
	if err != nil {
		return err
	}
	r.tally.Update(func(u *tally.Update) {
		for _, s := range c.Series {
			u.Series(s)
			u.Events(s.ID, c.Events[s.ID])
		}
		for _, user := range c.Users {
			u.User(user)
		}
		addCounts(u, c.Counts)
		if sums.Text != "" && u.Restore([]byte(sums.Text)) {
			r.addSince(sums, u)
			return
		}
		err = r.addUp(ctx, u)
	})
	return err
}

// addSince adds the changes and outcomes that the stored sums lack.
func (r *Recorder) addSince(sums eventstore.Sums, u *tally.Update) {
	for _, c := range sums.Changes {
		u.Change(c)
	}
	for _, o := range sums.Outcomes {
		u.Outcome(o.Before, o.After)
	}
	r.unsummed = len(sums.Changes) + len(sums.Outcomes)
}

// addUp adds all changes of status and all outcomes.
func (r *Recorder) addUp(ctx context.Context, u *tally.Update) error {
	err := r.store.EachChange(ctx, func(c fact.Change) error {
		u.Change(c)
		return nil
	})
	if err != nil {
		return err
	}
	r.unsummed = mostUnsummed // have the sums stored once all is in them
	return r.store.EachOutcome(ctx, func(o fact.Outcome) error {
		u.Outcome(fact.Outcome{}, o)
		return nil
	})
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
