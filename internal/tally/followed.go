package tally

import (
	"cmp"
	"slices"
)

// Followed is a followed ticket and its present status.
type Followed struct {
	ID     int64
	Status string // empty: not known
}

// Followed gives all followed tickets by id.
func (t *Tally) Followed() []Followed {
	t.mu.Lock()
	defer t.mu.Unlock()
	ts := t.tickets
	all := make([]Followed, 0, len(ts.live)+len(ts.done))
	for id, s := range ts.live {
		all = append(all, Followed{id, s.Status})
	}
	for id, d := range ts.done {
		all = append(all, Followed{id, ts.status[d.status].name})
	}
	slices.SortFunc(all, func(a, b Followed) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Clocks gives the active clocks of a ticket.
func (t *Tally) Clocks(id int64) []ClockState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.tickets.live[id].Clocks)
}
