package tally

import (
	"cmp"
	"slices"
)

// Followed is a followed ticket, as far as it is known without asking the store.
type Followed struct {
	ID       int64
	Status   string // empty: not known
	Assignee string // of a live ticket
	Done     bool
	Read     bool // its log was read completely at least once
	// Clocks are the active clocks. They are not the caller's to change.
	Clocks []ClockState
}

// Followed gives all followed tickets by id.
func (t *Tally) Followed() []Followed {
	t.mu.Lock()
	defer t.mu.Unlock()
	ts := t.tickets
	all := make([]Followed, 0, len(ts.live)+len(ts.done))
	for id, s := range ts.live {
		all = append(all, Followed{ID: id, Status: s.Status, Assignee: s.Assignee, Read: s.Read, Clocks: s.Clocks})
	}
	for id, d := range ts.done {
		all = append(all, Followed{ID: id, Status: ts.status[d.status].name, Done: true, Read: d.read})
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
