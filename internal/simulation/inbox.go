// Package simulation lets the schedule of internal/poll work through days that take
// seconds: time and the API are simulated, and nothing is stored. It counts requests, tells
// how late what happened is known, and holds both against what the configured intervals
// promise and against a poller that asks for every log all the time.
package simulation

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
)

// Shape says what an invented inbox is like.
type Shape struct {
	Tickets int           // followed at the same time, in the mean
	Life    time.Duration // mean time from creation to done; 0: no ticket is ever done, and none is created
	Entries float64       // of a log, in the mean: a week of a ticket that is never done, else in its life
	Seed    uint64
}

// WorkingDay is an inbox of which 5 % is live: of each ticket's time, 4.7 of 94.7 days.
func WorkingDay(tickets int) Shape {
	return Shape{Tickets: tickets, Life: doneFor * 5 / 95, Entries: 10, Seed: 1}
}

// AllLive is an inbox in which nothing is ever done, and each log gets that many entries a
// week.
func AllLive(tickets int, aWeek float64) Shape {
	return Shape{Tickets: tickets, Entries: aWeek, Seed: 1}
}

const (
	day     = 24 * time.Hour
	doneFor = 90 * day
)

// start is midnight before the first simulated day.
func start() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }

// kind is what a happening shows of itself. Each adds an entry to the log.
type kind uint8

const (
	created kind = iota
	reply        // moves the ticket to the head of the list
	silent       // lists show it, but it does not move the ticket: assigned, tagged
	hidden       // only the log shows it
	done         // as silent; the ticket leaves the selection of open ones
)

type happening struct {
	at     fact.Instant
	ticket int32
	kind   kind
}

// ticket is what is true of a ticket, and what has been learned of it.
type ticket struct {
	id int64 // one more than its index

	created, activity, last, doneSince fact.Instant
	entries                            int32 // of its log
	version                            int32 // of what lists show
	exists, done                       bool

	followed                 bool
	lookedAt, readAt, fullAt fact.Instant
	seen, read               int32 // versions that a list showed, and that a read has followed
	known                    int32 // entries read
	knownLast                fact.Instant
	knownDone                bool
}

// inbox is the tickets by index, as at start, and what happens afterwards, by time.
type inbox struct {
	tickets    []ticket
	happenings []happening
}

// invent makes an inbox up.
func invent(s Shape, until time.Time) inbox {
	random := rand.New(rand.NewPCG(s.Seed, uint64(s.Tickets))) //nolint:gosec // invents tickets
	var in inbox
	if s.Life == 0 {
		for range s.Tickets {
			begin := start().Add(-time.Duration(random.Float64() * float64(30*day)))
			in.add(random, life{begin: begin, end: until.Add(day), gap: float64(7*day) / s.Entries}, until)
		}
		return in.sorted()
	}
	span := s.Life + doneFor
	births := float64(s.Tickets) / float64(span)
	from := start().Add(-span - 4*s.Life)
	for at := from; ; {
		at = at.Add(time.Duration(random.ExpFloat64() / births))
		if at.After(until) {
			return in.sorted()
		}
		end := at.Add(time.Duration(random.ExpFloat64() * float64(s.Life)))
		if end.After(start().Add(-doneFor)) {
			in.add(random, life{begin: at, end: end, gap: float64(s.Life) / max(s.Entries-2, 1), ends: true}, until)
		}
	}
}

// life is what one ticket goes through.
type life struct {
	begin, end time.Time
	gap        float64 // mean time between two entries
	ends       bool    // else end is beyond what is simulated
}

func (in *inbox) add(random *rand.Rand, l life, until time.Time) {
	id := int32(len(in.tickets)) //nolint:gosec // at most some millions
	in.tickets = append(in.tickets, ticket{id: int64(id) + 1, lookedAt: fact.Never, readAt: fact.Never, fullAt: fact.Never, doneSince: fact.Never, knownLast: fact.Never})
	put := func(at time.Time, k kind) {
		h := happening{fact.At(worktime(at)), id, k}
		switch {
		case !at.Before(until):
		case at.Before(start()):
			in.tickets[id].apply(h)
		default:
			in.happenings = append(in.happenings, h)
		}
	}
	put(l.begin, created)
	for at := l.begin; ; {
		at = at.Add(time.Duration(random.ExpFloat64() * l.gap))
		if !at.Before(l.end) || !at.Before(until) {
			break
		}
		put(at, kindOf(random.IntN(10)))
	}
	if l.ends && l.end.Before(until) {
		put(l.end, done)
	}
}

// kindOf gives the kind of an entry by a draw from ten: six are replies.
func kindOf(draw int) kind {
	switch {
	case draw < 6:
		return reply
	case draw == 6:
		return silent
	default:
		return hidden
	}
}

// worktime moves a time of day into the hours from eight to six o'clock.
func worktime(at time.Time) time.Time {
	midnight := at.Truncate(day)
	return midnight.Add(8*time.Hour + at.Sub(midnight)*10/24).Truncate(100 * time.Nanosecond)
}

func (in *inbox) sorted() inbox {
	slices.SortStableFunc(in.happenings, func(a, b happening) int { return cmp.Compare(a.at, b.at) })
	return *in
}

// apply makes a happening true.
func (t *ticket) apply(h happening) {
	t.entries++
	t.last = h.at
	switch h.kind {
	case created:
		t.exists, t.created, t.activity = true, h.at, h.at
		t.version++
	case reply:
		t.activity = h.at
		t.version++
	case done:
		t.done, t.doneSince = true, h.at
		t.version++
	case silent:
		t.version++
	case hidden:
	}
}
