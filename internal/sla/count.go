package sla

import (
	"math"
	"time"
)

// forever is the longest time that a time.Duration can tell, some 292 years.
const forever = time.Duration(math.MaxInt64)

func (c *Calendar) always() bool { return c == nil || c.location == nil }

// Between gives how much time counts from a up to b; nothing if b is not after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !a.Before(b) {
		return 0
	}
	if c.always() {
		return b.UTC().Sub(a.UTC())
	}
	from, to := nanos(a), nanos(b)
	y, last := yearOf(from), yearOf(to)
	counted := c.year(last).until(to) - c.year(y).until(from)
	for ; y < last; y++ {
		counted += c.year(y).total
	}
	return time.Duration(counted)
}

// Reach gives the first instant at which the time that counts since start is d: closing
// time if d is reached just then, start itself if d is not positive. It is false if that
// never comes, as far as the calendar goes.
func (c *Calendar) Reach(start time.Time, d time.Duration) (time.Time, bool) {
	if d <= 0 {
		return start.UTC(), true
	}
	if c.always() {
		return start.UTC().Add(d), true
	}
	from, rest := nanos(start), int64(d)
	y := yearOf(from)
	passed := c.year(y).until(from)
	for ; y < endYear; y++ {
		in := c.year(y)
		if left := in.total - passed; rest > left {
			rest, passed = rest-left, 0
			continue
		}
		return instant(in.reach(passed + rest)), true
	}
	return time.Time{}, false
}

// Open says whether the calendar is open at t.
func (c *Calendar) Open(t time.Time) bool {
	at, ok := c.NextOpen(t)
	return ok && at.Equal(t)
}

// NextOpen gives the first instant, at t or after it, at which the calendar is open; false
// if there is none.
func (c *Calendar) NextOpen(t time.Time) (time.Time, bool) {
	if c.always() {
		return t.UTC(), true
	}
	ns := nanos(t)
	s, ok := c.endingAfter(ns)
	if !ok {
		return time.Time{}, false
	}
	return instant(max(ns, s.from)), true
}

// NextChange gives the first instant after t at which the calendar opens or closes; false
// if there is none.
func (c *Calendar) NextChange(t time.Time) (time.Time, bool) {
	if c.always() {
		return time.Time{}, false
	}
	if !c.Open(t) {
		return c.NextOpen(t)
	}
	s, _ := c.endingAfter(nanos(t))
	for {
		next, ok := c.endingAfter(s.to)
		if !ok {
			return time.Time{}, false
		}
		if next.from > s.to { // else it goes on into another year
			return instant(s.to), true
		}
		s = next
	}
}

// endingAfter gives the first span of openness that ends after ns. What is open across New
// Year comes as two.
func (c *Calendar) endingAfter(ns int64) (span, bool) {
	for y := yearOf(ns); y < endYear; y++ {
		in := c.year(y)
		if i := in.endingAfter(ns); i < len(in.open) {
			return in.open[i], true
		}
	}
	return span{}, false
}
