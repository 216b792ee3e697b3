package ledger

import (
	"slices"

	"socialboards_exporter/internal/fact"
)

// step is one thing that may move a clock.
type step struct {
	place
	kind     stepKind
	from, to string // of a turn
	// quiet says that the turn came to be known only after something later was counted. It
	// holds from there on, but what it ends has no outcome: when that was is not what counted.
	quiet bool
}

type stepKind uint8

const (
	begins stepKind = iota
	teamReplies
	clientReplies
	turns
)

// stepsOf lines up the beginning, the replies and the turns of the timeline.
func stepsOf(log []*fact.Entry, line timeline, begin beginning) []step {
	steps := make([]step, 0, len(log)+1)
	if begin.at.Known() {
		steps = append(steps, step{place: place{at: begin.at, rank: rankCreated}, kind: begins})
	}
	for _, e := range log {
		if e.Action != fact.ReplyCreated {
			continue
		}
		kind := clientReplies
		if e.UserType == fact.Team {
			kind = teamReplies
		}
		steps = append(steps, step{place: placeOf(e), kind: kind})
	}
	for _, t := range line.turns {
		if t.from != t.to {
			steps = append(steps, step{place: t.place, kind: turns, from: t.from, to: t.to})
		}
	}
	sortSteps(steps)
	return steps
}

func sortSteps(steps []step) {
	slices.SortStableFunc(steps, func(a, b step) int { return a.compare(b.place) })
}

// counted is what was counted of one objective before: nothing that arrives later and
// happened before it may move it.
type counted struct {
	upTo []bound // by seq, with rising instants
}

type bound struct {
	seq    int64        // the last entry that had arrived
	before fact.Instant // what is older and arrived later came too late
}

func countedOf(rows []fact.Outcome) counted {
	var c counted
	for i := range rows {
		if o := &rows[i]; o.Breached.Known() {
			// Nothing had happened at that very instant either, else it were no breach.
			c.upTo = append(c.upTo, bound{o.BreachSeq, o.Breached + 1})
		}
		if o := &rows[i]; o.Stopped.Known() {
			c.upTo = append(c.upTo, bound{o.StopSeq, o.Stopped})
		}
	}
	slices.SortFunc(c.upTo, func(a, b bound) int { return int(min(1, max(-1, a.seq-b.seq))) })
	for i := 1; i < len(c.upTo); i++ {
		c.upTo[i].before = max(c.upTo[i].before, c.upTo[i-1].before)
	}
	return c
}

// reach is how far things had been counted when p arrived.
func (c counted) reach(p place) fact.Instant {
	n, _ := slices.BinarySearchFunc(c.upTo, p.seq, func(b bound, seq int64) int {
		if b.seq < seq {
			return -1
		}
		return 1
	})
	if n == 0 {
		return fact.Never
	}
	return c.upTo[n-1].before
}

func (c counted) late(p place) bool { return p.at < c.reach(p) }

// seenBy gives the steps as an objective sees them that has counted c: replies that came
// too late are left out, and turns that did so are put off to where counting had come.
func (c counted) seenBy(steps []step, initial string) []step {
	late := func(s step) bool { return s.kind != begins && c.late(s.place) }
	if !slices.ContainsFunc(steps, late) {
		return steps
	}
	seen := make([]step, 0, len(steps))
	for i, s := range steps {
		switch {
		case !late(s):
			seen = append(seen, s)
		case s.kind == turns:
			s.place = place{c.reach(s.place), rankCorrection, s.seq}
			s.quiet = true
			if !turnsBy(steps[i+1:], s.at) {
				seen = append(seen, s)
			}
		}
	}
	sortSteps(seen)
	return rejoined(seen, initial)
}

func turnsBy(steps []step, by fact.Instant) bool {
	for _, s := range steps {
		if s.at > by {
			return false
		}
		if s.kind == turns {
			return true
		}
	}
	return false
}

// rejoined lets each turn begin where the one before it ended.
func rejoined(steps []step, status string) []step {
	kept := steps[:0]
	for _, s := range steps {
		if s.kind == turns {
			s.from = status
			if s.from == s.to {
				continue
			}
			status = s.to
		}
		kept = append(kept, s)
	}
	return kept
}
