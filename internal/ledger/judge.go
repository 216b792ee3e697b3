package ledger

import (
	"time"

	"socialboards_exporter/internal/fact"
)

// file is what the objectives judge a ticket by.
type file struct {
	c     *Case
	rules *Rules
	log   []*fact.Entry // in the order of what happened
	begin beginning
	line  timeline
	steps []step
	end   fact.Instant // when the ticket departed or was handed over; Never: it is here
}

// Judge says what is true of a ticket, and what of it is to be counted now. It is pure:
// it asks no clock and changes nothing of c. Judging the same again, with what was counted
// added to the case, counts nothing. It takes time in proportion to n log n, for n entries.
func Judge(c Case, r *Rules) Judgement {
	f := file{c: &c, rules: r, log: inOrder(c.Entries, c.Ticket.Until), end: endOf(&c)}
	f.begin = beginningOf(f.log, c.Ticket.Created, anyEntry)
	j := Judgement{Begin: f.begin.at}
	f.line, j.Changes = chronicle(&c, f.log, f.begin.at, r)
	f.steps = stepsOf(f.log, f.line, f.begin)
	j.Status, j.Since = f.line.present(f.begin.at)
	j.Done = r.Done(j.Status)
	for i := range r.Objectives {
		t, runs := newTrial(&f, &r.Objectives[i])
		t.judgeAll(runs, &j)
	}
	return j
}

// endOf is when all clocks of a ticket end, whatever its log says.
func endOf(c *Case) fact.Instant {
	departed, until := c.Ticket.Departed, c.Ticket.Until
	if !until.Known() || departed.Known() && departed < until {
		return departed
	}
	if departed.Known() || c.Known >= until {
		return until
	}
	return fact.Never
}

// judgeAll judges the runs of a clock, and shows the one that is active.
func (t *trial) judgeAll(runs cycles, j *Judgement) {
	for _, k := range runs {
		v, outcome := t.judge(k)
		if outcome != nil {
			j.Outcomes = append(j.Outcomes, *outcome)
		}
		if k.how == open && !j.Done && t.c.Known.Known() && present(t.members) {
			j.Clocks = append(j.Clocks, t.show(k, v, t.PauseIn[j.Status]))
		}
	}
}

// show gives an active clock.
func (t *trial) show(k cycle, v verdict, paused bool) Clock {
	clock := t.clock(k)
	exceeded, _ := clock.Exceeds()
	due, _ := clock.Reach(t.Target)
	warning, _ := clock.Reach(time.Duration(t.WarnAt * float64(t.Target)))
	shown := Clock{Objective: t.Name, Start: k.start, Breached: v.breached.Known(),
		Due: fact.At(due), Warning: fact.At(warning), Exceeded: fact.At(exceeded)}
	if !shown.Breached {
		_, shown.Exceeded = t.breaks(clock)
	}
	switch {
	case shown.Breached:
		shown.passed(v.breached)
	case paused:
		shown.Paused, shown.Warned = true, shown.Warning.Known()
		shown.Due, shown.Warning = fact.Never, fact.Never
	}
	return shown
}

// passed holds a broken promise against what counted time says by now: later pauses, or
// another target, do not move when it was broken.
func (c *Clock) passed(breached fact.Instant) {
	for _, at := range []*fact.Instant{&c.Due, &c.Warning, &c.Exceeded} {
		if !at.Known() || *at > breached {
			*at = breached
		}
	}
}
