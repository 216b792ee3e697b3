package sla

import (
	"iter"
	"time"
)

// Span is a stretch of time from From up to, but not including, To. A zero To: it still
// goes on.
type Span struct{ From, To time.Time }

// Clock is the arithmetic of one SLA clock: what counts is time since Start that lies in
// its calendar and in none of its pauses.
type Clock struct {
	Calendar *Calendar
	Start    time.Time
	Pauses   []Span // rising; only the last may still go on
	Target   time.Duration
}

// Counted gives how much time counts from the start up to t.
func (k Clock) Counted(t time.Time) time.Duration {
	var total time.Duration
	for run := range k.running() {
		if !run.From.Before(t) {
			break
		}
		if run.To.IsZero() || run.To.After(t) {
			run.To = t
		}
		counted := k.Calendar.Between(run.From, run.To)
		if counted > forever-total {
			return forever
		}
		total += counted
	}
	return total
}

// Reach gives the first instant at which the counted time is d, if no pause comes beyond
// those listed; the start if d is not positive. It is false if that never comes, and while
// a pause goes on before which it was not reached.
func (k Clock) Reach(d time.Duration) (time.Time, bool) {
	if d <= 0 {
		return k.Start.UTC(), true
	}
	for run := range k.running() {
		at, ok := k.Calendar.Reach(run.From, d)
		if run.To.IsZero() || ok && !at.After(run.To) {
			return at, ok
		}
		d -= k.Calendar.Between(run.From, run.To)
	}
	return time.Time{}, false
}

// Exceeds gives the instant from which on the counted time is more than the target: the
// one at which it reaches it, if time goes on counting there, else the first thereafter at
// which the calendar is open and no pause holds. It is false as Reach is.
func (k Clock) Exceeds() (time.Time, bool) {
	due, ok := k.Reach(k.Target)
	if !ok {
		return time.Time{}, false
	}
	for run := range k.running() {
		from := due
		if run.From.After(due) {
			from = run.From
		}
		at, ok := k.Calendar.NextOpen(from)
		if run.To.IsZero() || ok && at.Before(run.To) {
			return at, ok
		}
	}
	return time.Time{}, false
}

// running goes through what lies outside the pauses, in order of time. A pause that ends
// before it begins, or before another has ended, is none.
func (k Clock) running() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		from := k.Start
		for _, p := range k.Pauses {
			begin := p.From
			if begin.Before(from) {
				begin = from
			}
			if !p.To.IsZero() && !p.To.After(begin) {
				continue
			}
			if from.Before(begin) && !yield(Span{from, begin}) {
				return
			}
			if p.To.IsZero() {
				return
			}
			from = p.To
		}
		yield(Span{From: from})
	}
}
