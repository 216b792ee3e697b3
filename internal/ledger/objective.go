package ledger

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/sla"
)

// trial judges the clocks of one ticket by one objective.
type trial struct {
	*Objective
	c       *Case
	members []span         // when the ticket belonged to the objective
	pauses  []span         // when its status held the clock
	rows    []fact.Outcome // counted before, by Start
	// reached is the last instant at which anything was counted before. A clock that began
	// earlier and is not among the rows is another view of one that is; it is not counted.
	reached fact.Instant
	end     fact.Instant // when the ticket departed or was handed over; Never: it is here
}

// newTrial sees the steps as they were when the rows were counted, and gives the clock's
// runs along with the trial.
func newTrial(f *file, o *Objective) (*trial, cycles) {
	t := &trial{Objective: o, c: f.c, reached: fact.Never, end: f.end}
	for _, row := range f.c.Outcomes {
		if row.Objective == o.Name {
			t.rows = append(t.rows, row)
			t.reached = max(t.reached, row.Breached, row.Stopped)
		}
	}
	steps, begin := f.steps, f.begin
	if len(t.rows) > 0 {
		slices.SortFunc(t.rows, func(a, b fact.Outcome) int { return cmp.Compare(a.Start, b.Start) })
		before := countedOf(t.rows)
		valid := func(e *fact.Entry) bool { return !before.late(placeOf(e)) }
		if begin = beginningOf(f.log, f.c.Ticket.Created, valid); begin != f.begin {
			steps = stepsOf(f.log, f.line, begin)
		}
		steps = before.seenBy(steps, f.line.initial)
	}
	t.members = membership(f.c.Views, o.Match)
	t.pauses = pausesOf(steps, f.line.initial, t.pausedBy(f.rules))
	return t, t.bounded(trace(newMeter(o, begin), steps, f.line.initial, f.rules.Done))
}

// pausedBy tells the statuses in which the clock stands still; nil: there are none.
func (o *Objective) pausedBy(r *Rules) func(string) bool {
	switch {
	case o.Measure == FirstResponse:
		return func(s string) bool { return o.PauseIn[s] || r.Done(s) }
	case len(o.PauseIn) > 0:
		return func(s string) bool { return o.PauseIn[s] }
	default:
		return nil
	}
}

func pausesOf(steps []step, status string, paused func(string) bool) []span {
	if paused == nil {
		return nil
	}
	var spans []span
	if paused(status) {
		spans = append(spans, span{fact.Never, fact.Never})
	}
	for _, s := range steps {
		if s.kind != turns || paused(s.from) == paused(s.to) {
			continue
		}
		if paused(s.to) {
			spans = append(spans, span{s.at, fact.Never})
		} else {
			spans[len(spans)-1].to = s.at
		}
	}
	return spans
}

// bounded ends the runs with the ticket: what was open then has no outcome.
func (t *trial) bounded(runs cycles) cycles {
	if !t.end.Known() {
		return runs
	}
	for i := range runs {
		if k := &runs[i]; k.how == open || k.end > t.end {
			k.end, k.how = t.end, dropped
		}
	}
	return runs
}

// clock is the arithmetic of a run.
func (t *trial) clock(k cycle) sla.Clock {
	c := sla.Clock{Calendar: t.Calendar, Start: k.start.Time(), Target: t.Target}
	first, _ := slices.BinarySearchFunc(t.pauses, k.start, func(p span, start fact.Instant) int {
		if p.to.Known() && p.to <= start {
			return -1
		}
		return 1
	})
	for _, p := range t.pauses[first:] {
		if k.end.Known() && p.from >= k.end {
			break
		}
		c.Pauses = append(c.Pauses, sla.Span{From: p.from.Time(), To: p.to.Time()})
	}
	return c
}

// row gives what was counted of a run, or nil. Where the rules have changed what a clock's
// start is, the row goes on with the run in which its breach lies.
func (t *trial) row(k cycle) *fact.Outcome {
	i, ok := slices.BinarySearchFunc(t.rows, k.start, func(o fact.Outcome, at fact.Instant) int {
		return cmp.Compare(o.Start, at)
	})
	if ok {
		return &t.rows[i]
	}
	for _, o := range t.rows[max(i-1, 0):min(i+1, len(t.rows))] {
		if o.Breached >= k.start && (!k.end.Known() || o.Breached < k.end) {
			return &o
		}
	}
	return nil
}

// verdict is what is true of a run.
type verdict struct {
	breached fact.Instant // Never: it was not, or not certainly
	counts   bool         // whether its outcome is to be counted
	// observes says whether its duration is to be observed once it stops. Of a clock that was
	// breached under another shard, the breach is that one's and the stop is ours.
	observes bool
}

// judge says what is true of a run, and what is to be counted of it now, if anything.
func (t *trial) judge(k cycle) (verdict, *fact.Outcome) {
	row := t.row(k)
	final := row != nil && row.Stopped.Known()
	if k.how != open && (final || t.over(k)) {
		return verdict{breached: fact.Never}, nil
	}
	clock := t.clock(k)
	v := t.verdict(k, clock)
	if final {
		return v, nil
	}
	next := fact.Outcome{Ticket: t.c.Ticket.ID, Objective: t.Name, Start: k.start,
		Breached: fact.Never, Stopped: fact.Never, Duration: fact.Unknown}
	switch {
	case row != nil:
		next, v = *row, verdict{row.Breached, row.Counted, t.observes(row.Breached)}
	case v.breached.Known():
		next.Breached, next.BreachSeq, next.Counted = v.breached, t.c.Seq, v.counts
	}
	if v.observes && k.how == stopped && k.end >= next.Breached && joined(t.members, k.end) {
		next.Stopped, next.StopSeq = k.end, t.c.Seq
		next.Duration = fact.TicksOf(clock.Counted(k.end.Time()))
		next.Counted, next.Observed = v.counts, true
	}
	if row != nil && next == *row || !next.Counted && !next.Observed {
		return v, nil
	}
	return v, &next
}

// over says whether a stop lies so far back that it is not judged: before the ticket was
// found, or before this definition of the objective held.
func (t *trial) over(k cycle) bool {
	return !ours(&t.c.Ticket, k.end) || k.end <= t.Since
}

// observes says whether the duration of a clock is observed that was breached at an instant.
func (t *trial) observes(breached fact.Instant) bool {
	return t.c.Ticket.Inherited || ours(&t.c.Ticket, breached)
}

// verdict finds the breach of a run that was not counted before.
func (t *trial) verdict(k cycle, clock sla.Clock) verdict {
	fresh := k.start >= t.reached
	v := verdict{breached: fact.Never, counts: fresh, observes: fresh}
	first, breach := t.breaks(clock)
	if !breach.Known() {
		return v
	}
	if k.end.Known() && k.end <= breach || !t.certain(k, breach) {
		return v
	}
	v.breached = breach
	v.counts, v.observes = fresh && ours(&t.c.Ticket, first), fresh && t.observes(first)
	return v
}

// breaks gives the first instant at which a clock has exceeded its target while its ticket
// belongs to the objective, and from when on that is a breach: not before this definition
// of the objective held. Never: as things are, it will not.
func (t *trial) breaks(clock sla.Clock) (first, breach fact.Instant) {
	at, ok := clock.Exceeds()
	if !ok {
		return fact.Never, fact.Never
	}
	if first, ok = since(t.members, fact.At(at)); !ok {
		return fact.Never, fact.Never
	}
	return first, max(first, t.Since)
}

// certain says whether it is known that a run was open, and not paused, at its breach: a
// read has begun after it, or the log itself shows the run's end after it.
func (t *trial) certain(k cycle, breach fact.Instant) bool {
	return t.c.Known > breach || k.how != open && k.end != t.end && k.end > breach
}
