package tally

import (
	"slices"

	"socialboards_exporter/internal/fact"
)

// batches divides live tickets, by id, into batches, and takes those in which nothing
// changed from the snapshot before. So a snapshot takes little time and memory, and who
// kept something of the batch before can tell at once that it still holds.
type batches struct {
	now  fact.Instant
	live map[int64]TicketState
	made [][]Ticket

	tickets []Ticket // of the batch at hand; so are the clocks
	clocks  []Clock
}

// ends says whether a batch ends with a ticket: on average with each 64th. It goes by
// nothing but the id, so that a ticket that comes or goes moves no other boundary.
func ends(id int64) bool {
	const golden = 0x9e3779b97f4a7c15 // spreads consecutive numbers (Knuth's multiplicative hashing)
	return uint64(id)*golden>>58 == 0 //nolint:gosec // any bits will do
}

// rebatch makes the batches of now from those of before, and the ids of all tickets that
// changed, came or went since, sorted.
func (b *batches) rebatch(before [][]Ticket, changed []int64) [][]Ticket {
	for i, batch := range before {
		n := len(changed)
		if i+1 < len(before) {
			n, _ = slices.BinarySearch(changed, before[i+1][0].ID)
		}
		if n == 0 && len(b.tickets) == 0 && b.holds(batch) {
			b.made = append(b.made, batch)
		} else {
			b.merge(batch, changed[:n])
		}
		changed = changed[n:]
	}
	b.merge(nil, changed)
	b.end()
	return b.made
}

// holds says whether the batch shows now what it showed.
func (b *batches) holds(batch []Ticket) bool {
	for _, t := range batch {
		for _, c := range t.Clocks {
			if c.at(b.now) != c.State {
				return false
			}
		}
	}
	return true
}

func (b *batches) merge(batch []Ticket, changed []int64) {
	for _, t := range batch {
		for len(changed) > 0 && changed[0] < t.ID {
			b.fetch(changed[0])
			changed = changed[1:]
		}
		if len(changed) == 0 || changed[0] != t.ID {
			b.keep(t)
		}
	}
	for _, id := range changed {
		b.fetch(id)
	}
}

// keep adds a ticket of which nothing was reported.
func (b *batches) keep(t Ticket) {
	begin := len(b.clocks)
	for _, c := range t.Clocks {
		c.State = c.at(b.now)
		b.clocks = append(b.clocks, c)
	}
	b.add(t, begin)
}

// fetch adds a ticket of which something was reported, unless it is gone.
func (b *batches) fetch(id int64) {
	l, ok := b.live[id]
	if !ok {
		return
	}
	begin := len(b.clocks)
	for _, c := range l.Clocks {
		b.clocks = append(b.clocks, Clock{c.Objective, c.At(b.now), c.Due, c.Warning})
	}
	b.add(Ticket{ID: id, Status: l.Status, Assignee: l.Assignee, Source: l.Source, Begin: l.Begin, Since: l.Since}, begin)
}

// add adds a ticket whose clocks are those from begin on.
func (b *batches) add(t Ticket, begin int) {
	t.Clocks = nil
	if end := len(b.clocks); begin < end {
		t.Clocks = b.clocks[begin:end:end]
	}
	b.tickets = append(b.tickets, t)
	if ends(t.ID) {
		b.end()
	}
}

// end ends the batch at hand. It is copied into two pieces of memory.
func (b *batches) end() {
	if len(b.tickets) == 0 {
		return
	}
	tickets, clocks := slices.Clone(b.tickets), slices.Clone(b.clocks)
	for i, t := range tickets {
		if n := len(t.Clocks); n > 0 {
			tickets[i].Clocks, clocks = clocks[:n:n], clocks[n:]
		}
	}
	b.made = append(b.made, tickets)
	b.tickets, b.clocks = b.tickets[:0], b.clocks[:0]
}

// at gives the state of the clock at another instant. Only warnings come and go with time.
func (c Clock) at(now fact.Instant) State {
	return ClockState{"", c.State == Breached, c.State == Paused, c.Due, c.Warning}.At(now)
}
