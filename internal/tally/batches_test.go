package tally

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBatches changes tickets, and the time, at random, and compares each snapshot with one
// made from nothing, and with the snapshot before.
func TestBatches(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	ta, tickets := readyTally(), map[int64]TicketState{}
	var before, copied [][]Ticket
	last := noon
	for range 50 {
		touched := r.IntN(60) >> r.IntN(5)
		ta.Update(func(u *Update) {
			u.Count(Known, 1)
			for range touched {
				something(r, u, tickets)
			}
		})
		now := noon.Add(time.Duration(r.IntN(3)) * time.Hour)
		s := ta.Snapshot(now)
		require.Equal(t, copied, before, "a snapshot that was given stays as it is")

		fresh := readyTally()
		fresh.Update(func(u *Update) {
			u.Count(Known, s.Entries[string(Known)])
			for _, s := range tickets {
				u.Ticket(s)
			}
		})
		require.Equal(t, fresh.Snapshot(now), s)
		if now.Equal(last) {
			require.LessOrEqual(t, len(s.Live)-shared(before, s.Live), 1+2*touched)
		}
		before, copied, last = s.Live, deep(s.Live), now
	}
	require.Greater(t, len(before), 1, "batches to be shared")
}

func something(r *rand.Rand, u *Update, tickets map[int64]TicketState) {
	id := r.Int64N(1000)
	if r.IntN(4) == 0 { // more often one that ends a batch
		for !ends(id) {
			id = (id + 1) % 1000
		}
	}
	switch r.IntN(5) {
	case 0, 1:
		delete(tickets, id)
		u.Drop(id)
		return
	case 2:
		delete(tickets, id)
		u.Ticket(TicketState{ID: id, Status: "open", Done: true})
		u.Drop(id)
		return
	}
	s := live(id)
	for range r.IntN(3) {
		s.Clocks = append(s.Clocks, ClockState{
			Objective: "resolution", Breached: r.IntN(4) == 0, Paused: r.IntN(4) == 0,
			Due: at(3 * time.Hour), Warning: at(time.Duration(r.IntN(3)) * time.Hour),
		})
	}
	tickets[id] = s
	u.Ticket(s)
}

// shared counts the batches that are the same in both.
func shared(before, now [][]Ticket) (n int) {
	for _, b := range now {
		if slices.ContainsFunc(before, func(a []Ticket) bool { return &a[0] == &b[0] }) {
			n++
		}
	}
	return n
}

func deep(all [][]Ticket) [][]Ticket {
	var out [][]Ticket
	for _, b := range all {
		b = slices.Clone(b)
		for i := range b {
			b[i].Clocks = slices.Clone(b[i].Clocks)
		}
		out = append(out, b)
	}
	return out
}

func TestTicketsThatDiffer(t *testing.T) {
	a := Ticket{1, "open", "u1", "web", at(1), at(2), []Clock{{"o", Running, at(3), at(4)}}}
	require.True(t, a.Equal(a))
	for _, change := range []func(*Ticket){
		func(t *Ticket) { t.ID++ },
		func(t *Ticket) { t.Status = "" },
		func(t *Ticket) { t.Assignee = "" },
		func(t *Ticket) { t.Source = "" },
		func(t *Ticket) { t.Begin++ },
		func(t *Ticket) { t.Since++ },
		func(t *Ticket) { t.Clocks = nil },
		func(t *Ticket) { t.Clocks = []Clock{{"o", Running, at(3), at(time.Hour)}} },
		func(t *Ticket) { t.Clocks = []Clock{{"o", Warning, at(3), at(4)}} },
	} {
		b := a
		change(&b)
		require.False(t, a.Equal(b), "%v", b)
	}
}
