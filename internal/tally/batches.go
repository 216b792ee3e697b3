package tally

import "slices"

// batches divides tickets, which come by id, into batches, and shares with the snapshot
// before those in which nothing changed. So a snapshot takes little memory of its own, and
// who kept something of the batch before can tell at once that it still holds.
type batches struct {
	before [][]Ticket // yet to be compared
	made   [][]Ticket

	tickets []Ticket // of the batch at hand; so are the clocks
	clocks  []Clock
}

// ends says whether a batch ends with a ticket: on average with each 64th. It goes by
// nothing but the id, so that a ticket that comes or goes moves no other boundary.
func ends(id int64) bool {
	const golden = 0x9e3779b97f4a7c15 // spreads consecutive numbers (Knuth's multiplicative hashing)
	return uint64(id)*golden>>58 == 0 //nolint:gosec // any bits will do
}

// add takes a ticket, and clocks for it to have, of which it keeps nothing.
func (b *batches) add(t Ticket, clocks []Clock) {
	if len(clocks) > 0 {
		begin := len(b.clocks)
		b.clocks = append(b.clocks, clocks...)
		t.Clocks = b.clocks[begin:len(b.clocks):len(b.clocks)]
	}
	b.tickets = append(b.tickets, t)
	if ends(t.ID) {
		b.end()
	}
}

// end ends the batch at hand.
func (b *batches) end() {
	if len(b.tickets) == 0 {
		return
	}
	for len(b.before) > 0 && b.before[0][0].ID < b.tickets[0].ID {
		b.before = b.before[1:]
	}
	if len(b.before) > 0 && slices.EqualFunc(b.before[0], b.tickets, Ticket.Equal) {
		b.made = append(b.made, b.before[0])
	} else {
		b.made = append(b.made, b.clone())
	}
	b.tickets, b.clocks = b.tickets[:0], b.clocks[:0]
}

// clone copies the batch at hand into two pieces of memory.
func (b *batches) clone() []Ticket {
	tickets, clocks := slices.Clone(b.tickets), slices.Clone(b.clocks)
	for i, t := range tickets {
		if n := len(t.Clocks); n > 0 {
			tickets[i].Clocks, clocks = clocks[:n:n], clocks[n:]
		}
	}
	return tickets
}
