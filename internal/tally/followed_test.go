package tally

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFollowedGivesEachTicketOnce(t *testing.T) {
	ta := readyTally()
	require.Empty(t, slices.Collect(ta.Followed()))
	clock := ClockState{Objective: "resolution", Due: at(2 * time.Hour), Warning: at(time.Hour)}
	ta.Update(func(u *Update) {
		u.Ticket(TicketState{ID: 3, Status: "completed", Done: true, Read: true})
		u.Ticket(TicketState{ID: 1, Status: "open", Assignee: "u1", Read: true, Clocks: []ClockState{clock}})
		u.Ticket(TicketState{ID: 2, Status: "resting", Done: true})
		u.Ticket(TicketState{ID: 4, Status: "open"})
		u.Ticket(TicketState{ID: 5})
		u.Drop(5)
	})
	require.ElementsMatch(t, []Followed{
		{ID: 1, Status: "open", Assignee: "u1", Read: true, Clocks: []ClockState{clock}},
		{ID: 2, Status: "resting", Done: true},
		{ID: 3, Status: "completed", Done: true, Read: true},
		{ID: 4, Status: "open"},
	}, slices.Collect(ta.Followed()))
}

func TestWhoRangesOverTheFollowedHoldsNothingUp(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		for id := range int64(10) {
			u.Ticket(TicketState{ID: id, Status: "open", Done: id%2 == 0})
		}
	})
	seen := 0
	for f := range ta.Followed() {
		seen++
		require.Equal(t, "open", f.Status, "as it was when the range began")
		require.True(t, ta.mu.TryLock(), "the range holds the lock")
		ta.mu.Unlock()
		ta.Update(func(u *Update) {
			for id := range int64(20) {
				u.Ticket(TicketState{ID: id, Status: "pending", Done: id%3 == 0})
			}
		})
	}
	require.Equal(t, 10, seen)
	for _, done := range []bool{false, true} { // a range that went on after a break would panic
		for f := range ta.Followed() {
			if f.Done == done {
				break
			}
		}
	}
}
