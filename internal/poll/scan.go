package poll

import (
	"time"

	"socialboards_exporter/internal/fact"
)

// scan reads one selection again and again: to its end, or as far as it holds something
// new. Each page is a job of its own, so that a long list does not hold up the rest.
type scan struct {
	selection Selection
	complete  bool
	every     fact.Ticks // from the begin of one reading to that of the next
	due       fact.Instant
	survey    *survey      // nil: between two readings
	begun     fact.Instant // of the latest reading
	sought    bool         // asked for again since then, see seek
	busy      bool         // a page is in hand
	failures  int          // of pages, in a row
	unstable  int          // readings in a row that came to no end
}

// beginScans begins to read the selections.
func (s *schedule) beginScans(now fact.Instant) {
	for _, sel := range s.settings.Selections {
		s.scans = append(s.scans,
			&scan{selection: sel, complete: true, every: max(s.rules.interval, s.rules.live), due: s.firstDue(sel, true, now), begun: fact.Never},
			&scan{selection: sel, every: s.rules.interval, due: s.firstDue(sel, false, now), begun: fact.Never})
	}
}

// firstDue tells when a selection is read for the first time in this process. One that
// was never read to its end begins with that; the reading of what is new can wait.
func (s *schedule) firstDue(sel Selection, complete bool, now fact.Instant) fact.Instant {
	last := fact.At(sel.Complete)
	switch {
	case complete && last.Known():
		return min(last, now).Add(max(s.rules.interval, s.rules.live))
	case !complete && !last.Known():
		return now.Add(s.rules.interval)
	default:
		return now
	}
}

// nextScan gives the scan that is most overdue, and that falls due next; nil: none.
func (s *schedule) nextScan() *scan {
	var next *scan
	for _, c := range s.scans {
		if !c.busy && (next == nil || c.due < next.due) {
			next = c
		}
	}
	return next
}

// begin gives the survey whose next page is to be asked for.
func (c *scan) begin(now time.Time) *survey {
	if c.survey == nil {
		c.survey = newSurvey(c.selection, c.complete, now)
		c.begun, c.sought = fact.At(now), false
	}
	return c.survey
}

// scanAnswered goes on after a page: with the next one, or with the next reading. A
// reading that came to no end is repeated sooner than it would be, but ever less soon.
func (s *schedule) scanAnswered(c *scan, v verdict, now fact.Instant) {
	c.failures = 0
	begun := min(fact.At(c.survey.begun), now)
	switch v {
	case goOn:
		c.due = now
		return
	case unstable:
		c.due = now.Add(min(s.rules.interval<<min(c.unstable, 20), c.every))
		c.unstable++
	default:
		c.due = max(now, begun.Add(c.every))
		c.unstable = 0
	}
	c.survey = nil
	if c.sought {
		s.hasten(c, now)
	}
}

// seekPause is the shortest wait between two readings of a selection that webhooks cause.
const seekPause = fact.Ticks(5 * time.Second / (100 * time.Nanosecond))

// seek has the selections read for what is new as soon as may be, since a ticket was named
// that is not followed: one of them may show it. The ticket itself cannot be asked for,
// for it is not known whether a list heeds ids and a selection at once. false: there are
// no selections.
func (s *schedule) seek(now fact.Instant) bool {
	for _, c := range s.scans {
		if c.complete {
			continue
		}
		c.sought = true // a reading under way may have passed the ticket's place already
		if c.survey == nil {
			s.hasten(c, now)
		}
	}
	return len(s.scans) > 0
}

// hasten makes a reading due that has not begun.
func (s *schedule) hasten(c *scan, now fact.Instant) {
	soon := now
	if c.begun.Known() {
		soon = max(now, c.begun.Add(min(seekPause, c.every)))
	}
	c.due = min(c.due, soon)
}

// scanFailed asks for the same page again later.
func (s *schedule) scanFailed(c *scan, now fact.Instant) {
	c.failures++
	c.due = now.Add(backoff(c.failures, s.settings.MaxInterval, s.random))
}
