package recorder

import (
	"context"
	"maps"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/tally"
)

// judge lets the ledger say what follows from the history, known up to an instant. In
// the first pass nothing is counted of it: labels are learned before status changes are.
func (rec *recording) judge(known fact.Instant) {
	rules := rec.rules
	rules.Status = rec.statusOf(rec.d)
	rec.j = ledger.Judge(ledger.Case{History: rec.h, Known: known, Seq: rec.seq}, &rules)
	rec.h.Ticket.Status, rec.h.Ticket.Since, rec.h.Ticket.Done = rec.j.Status, rec.j.Since, rec.j.Done
	if rec.ready || rec.pass.ending {
		rec.b.Changes, rec.b.Outcomes = rec.j.Changes, rec.j.Outcomes
		rec.series()
	}
	rec.after = append(rec.after, func() {
		rec.t.Ticket = rec.h.Ticket
		rec.t.clockDue = clockDue(rec.j.Clocks, rec.t.Until)
	})
}

// statusOf resolves display labels, with a bound on the statuses they can make up.
func (r *Recorder) statusOf(d *draft) func(string) (string, bool) {
	return func(label string) (string, bool) {
		s, recognized := r.statuses.Resolve(label)
		if recognized {
			return s, true
		}
		return d.status(s), false
	}
}

// series gives what was judged its series.
func (rec *recording) series() {
	for _, c := range rec.b.Changes {
		if !c.Counted {
			continue
		}
		values := [3]string{c.From, c.To}
		rec.d.need(fact.Changes, values, c.Time)
		rec.d.need(fact.Durations, values, c.Time)
	}
	for _, o := range rec.b.Outcomes {
		values := [3]string{o.Objective}
		at := o.Stopped
		if o.Breached.Known() {
			at = o.Breached
		}
		if o.Counted {
			rec.d.need(fact.Clocks, values, at)
		}
		if o.Counted && o.Breached.Known() {
			rec.d.need(fact.Breaches, values, at)
		}
		if o.Observed {
			rec.d.need(fact.SLADurations, values, o.Stopped)
		}
	}
}

// clockDue is the next instant after which only a read can tell whether a promise was
// broken, or whether a ticket that another shard takes over is complete.
func clockDue(clocks []ledger.Clock, until fact.Instant) fact.Instant {
	due := until
	for _, c := range clocks {
		if c.Breached || !c.Exceeded.Known() {
			continue
		}
		if !due.Known() || c.Exceeded < due {
			due = c.Exceeded
		}
	}
	return due
}

// publish adds a recording to the totals, and shows the ticket as it is now. rec is nil
// when nothing was counted.
func (r *Recorder) publish(t *ticket, rec *recording) {
	r.tally.Update(func(u *tally.Update) {
		if rec != nil {
			rec.addTo(u)
		}
		r.show(u, t, rec)
	})
}

func (rec *recording) addTo(u *tally.Update) {
	for _, s := range rec.b.Series {
		u.Series(s)
	}
	for _, user := range rec.b.Users {
		u.User(user)
	}
	for series, n := range rec.counts {
		u.Events(series, n)
	}
	rec.count(u, rec.b.Counts)
	for _, c := range rec.b.Changes {
		u.Change(c)
	}
	for _, o := range rec.b.Outcomes {
		u.Outcome(rec.before[outcomeKey{o.Objective, o.Start}], o)
	}
}

// show puts the ticket's present state on display. Without a judgement only what the
// list says of it has changed.
func (r *Recorder) show(u *tally.Update, t *ticket, rec *recording) {
	if t.Departed.Known() {
		return
	}
	if rec != nil {
		t.shown = tally.TicketState{ID: t.ID, Begin: rec.j.Begin}
		for _, c := range rec.j.Clocks {
			t.shown.Clocks = append(t.shown.Clocks, tally.ClockState{
				Objective: c.Objective, Breached: c.Breached, Paused: c.Paused, Due: c.Due, Warning: c.Warning,
			})
		}
	}
	s := t.shown
	s.ID, s.Status, s.Since, s.Done, s.Read = t.ID, t.Status, t.Since, t.Done, t.ReadAt.Known()
	s.Assignee, s.Source = t.Assignee, t.Source
	if s.Status == "" {
		s.Status = t.ListStatus
		s.Done = r.rules.Done(s.Status)
	}
	u.Ticket(s)
}

// resume shows every followed ticket that is kept after a start. Clocks run only on live
// tickets; the others are judged anew only by an objective that has never judged them.
func (r *Recorder) resume(ctx context.Context) error {
	var live []int64
	for _, id := range slices.Sorted(maps.Keys(r.tickets)) {
		t := r.tickets[id]
		r.pass.await(t)
		r.publish(t, nil)
		done := t.Done && r.rules.Done(t.Status) // by the former configuration, and by this one
		if t.ReadAt.Known() && (!done || !r.ready) {
			live = append(live, id)
		}
		r.remember(t)
	}
	if r.ready && len(r.newObjectives) > 0 {
		if err := r.judgeAll(ctx); err != nil {
			return err
		}
	} else if err := r.rejudge(ctx, live); err != nil {
		return err
	}
	if !r.ready {
		return r.settle(ctx)
	}
	return r.open(ctx, fact.Batch{Objectives: r.newObjectives})
}
