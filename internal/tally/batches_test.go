package tally

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBatches changes tickets at random, and compares each snapshot with one made from
// nothing, and with the snapshot before.
func TestBatches(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	ta, tickets := readyTally(), map[int64]TicketState{}
	var before, copied [][]Ticket
	for range 50 {
		ta.Update(func(u *Update) {
			u.Count(Known, 1)
			for range r.IntN(30) {
				id := r.Int64N(1000)
				if r.IntN(3) == 0 {
					delete(tickets, id)
					u.Drop(id)
					continue
				}
				s := live(id)
				for range r.IntN(3) {
					s.Clocks = append(s.Clocks, ClockState{Objective: "resolution", Due: at(time.Duration(r.IntN(2)) * time.Hour)})
				}
				tickets[id] = s
				u.Ticket(s)
			}
		})
		s := ta.Snapshot(noon)
		require.Equal(t, copied, before, "a snapshot that was given stays as it is")

		fresh := readyTally()
		fresh.Update(func(u *Update) {
			for _, s := range tickets {
				u.Ticket(s)
			}
		})
		require.Equal(t, fresh.Snapshot(noon).Live, s.Live)
		checkShared(t, before, s.Live)
		before, copied = s.Live, deep(s.Live)
	}
	require.Greater(t, len(before), 1, "batches to be shared")
}

// checkShared expects batches to be alike exactly when they are the same.
func checkShared(t *testing.T, before, now [][]Ticket) {
	t.Helper()
	for _, b := range now {
		i := slices.IndexFunc(before, func(a []Ticket) bool { return slices.EqualFunc(a, b, Ticket.Equal) })
		if i >= 0 {
			require.Same(t, &before[i][0], &b[0])
		}
	}
}

func deep(all [][]Ticket) [][]Ticket {
	out := make([][]Ticket, 0, len(all))
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
