package ledger

import (
	"math"
	"slices"

	"socialboards_exporter/internal/fact"
)

// timeline is which status a ticket was in, and when.
type timeline struct {
	initial string // from the beginning on; empty: not known
	turns   []turn // in order
}

// turn is a change of the timeline.
type turn struct {
	place
	from, to string // the same where the log left out how the ticket had left to
}

// present gives the last status, and since when; the beginning if it never changed.
func (l timeline) present(begin fact.Instant) (string, fact.Instant) {
	if n := len(l.turns); n > 0 {
		return l.turns[n-1].to, l.turns[n-1].at
	}
	return l.initial, begin
}

// mark is what may change a timeline: an entry of the log, judged before or not yet, or a
// correction.
type mark struct {
	place
	change     fact.Change
	fresh      bool // the change is judged now
	correction bool
	// late says that something after it was counted before it arrived, so that it can
	// decide nothing any more.
	late bool
}

// decides says whether m belongs to the timeline, as far as m alone can tell.
func (m *mark) decides() bool {
	if m.fresh {
		return !m.late && m.change.From != m.change.To
	}
	if m.correction {
		return !m.late
	}
	return m.change.Decides
}

// marksOf lines up what was judged before, what is new in the log, and corrections.
func marksOf(c *Case, log []*fact.Entry, r *Rules) []mark {
	judged := make(map[int64]bool, len(c.Changes))
	marks := make([]mark, 0, len(c.Changes)+len(c.Corrections))
	for _, row := range c.Changes {
		judged[row.Seq] = true
		if !c.Ticket.Until.Known() || row.Time < c.Ticket.Until {
			marks = append(marks, mark{place: place{row.Time, rankStatus, row.Seq}, change: row})
		}
	}
	for _, e := range log {
		if e.Action == fact.TicketStatusChanged && !judged[e.Seq] {
			marks = append(marks, mark{place: placeOf(e), change: read(e, &c.Ticket, r), fresh: true})
		}
	}
	for _, k := range c.Corrections {
		if !c.Ticket.Until.Known() || k.Time < c.Ticket.Until {
			marks = append(marks, mark{place: place{k.Time, rankCorrection, k.Seq}, correction: true,
				change: fact.Change{To: k.Status}})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return a.compare(b.place) })
	findLate(marks)
	return marks
}

// findLate looks from the end for what was counted before something older arrived. What is
// counted now was not counted before what is judged along with it; but a correction, which
// nothing marks as judged, must come to the same end each time.
func findLate(marks []mark) {
	before, atAll := int64(math.MaxInt64), int64(math.MaxInt64) // first arrival of what counts after the mark
	for i := len(marks) - 1; i >= 0; i-- {
		m := &marks[i]
		if m.correction {
			m.late = atAll < m.seq
			continue
		}
		m.late = before < m.seq
		if m.change.Counted {
			atAll = min(atAll, m.seq)
			if !m.fresh {
				before = min(before, m.seq)
			}
		}
	}
}

// read takes from an entry what it alone tells of a change.
func read(e *fact.Entry, t *fact.Ticket, r *Rules) fact.Change {
	c := fact.Change{Seq: e.Seq, Ticket: e.Ticket, Time: e.Time, Duration: fact.Unknown}
	var ok bool
	if c.From, ok = r.Status(e.From); !ok {
		c.Unrecognized++
	}
	if c.To, ok = r.Status(e.To); !ok {
		c.Unrecognized++
	}
	c.Counted = c.From != c.To && e.Result != fact.Backlog && ours(t, e.Time)
	return c
}

// ours says whether what happened to the ticket at an instant is to be counted here: after
// it was found. Another shard that had it before counts what came before that very instant,
// so that the instant itself is ours.
func ours(t *fact.Ticket, at fact.Instant) bool {
	return at > t.Found || t.Inherited && at == t.Found
}

// initialStatus is the from of the first change. As long as the log shows none, it is
// what the list said first; what it says now came about since.
func initialStatus(t *fact.Ticket, marks []mark) string {
	first := t.FirstStatus
	for i := range marks {
		m := &marks[i]
		if !m.decides() {
			continue
		}
		if !m.correction {
			return m.change.From
		}
		if m.change.To != first {
			return first
		}
	}
	if first == "" {
		return t.ListStatus
	}
	return first
}

// chronicle makes the timeline, and judges the changes that are new.
func chronicle(c *Case, log []*fact.Entry, begin fact.Instant, r *Rules) (timeline, []fact.Change) {
	marks := marksOf(c, log, r)
	line := timeline{initial: initialStatus(&c.Ticket, marks)}
	var fresh []fact.Change
	for i := range marks {
		m := &marks[i]
		status, since := line.present(begin)
		decides := m.decides() && (!m.correction || m.change.To != status)
		if m.fresh {
			m.change.Decides = decides
			if decides {
				m.change.Inconsistent = m.change.From != status
				m.change.Duration = lasted(&m.change, since)
			}
			fresh = append(fresh, m.change)
		}
		if decides {
			line.turns = append(line.turns, turn{m.place, status, m.change.To})
		}
	}
	return line, fresh
}

// lasted is how long the ticket had been in the status that it left, if that is known.
// Where clocks disagree so much that it comes out negative, nothing is known.
func lasted(c *fact.Change, since fact.Instant) fact.Ticks {
	if c.Inconsistent || !since.Known() || c.Time < since {
		return fact.Unknown
	}
	return c.Time.Sub(since)
}
