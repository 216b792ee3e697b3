package tally

import (
	"iter"
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

// Followed gives all followed tickets in no particular order, as they are when the range
// begins. Nothing waits for whoever ranges over them.
func (t *Tally) Followed() iter.Seq[Followed] {
	return func(yield func(Followed) bool) {
		live, resting, names := t.followed()
		for _, f := range live {
			if !yield(f) {
				return
			}
		}
		for _, r := range resting {
			if !yield(Followed{ID: r.id, Status: names[r.status], Done: true, Read: r.read}) {
				return
			}
		}
	}
}

// resting is a done ticket. It is small, since nearly all tickets are done.
type resting struct {
	id int64
	done
}

// followed copies the followed tickets, so that they can be ranged over without the lock.
// A done ticket has the name of its status by number.
func (t *Tally) followed() (live []Followed, rest []resting, names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ts := t.tickets
	live, rest, names = make([]Followed, 0, len(ts.live)), make([]resting, 0, len(ts.done)), make([]string, 0, len(ts.status))
	for id, s := range ts.live {
		live = append(live, Followed{ID: id, Status: s.Status, Assignee: s.Assignee, Read: s.Read, Clocks: s.Clocks})
	}
	for id, d := range ts.done {
		rest = append(rest, resting{id, d})
	}
	for _, s := range ts.status {
		names = append(names, s.name)
	}
	return live, rest, names
}

// Clocks gives the active clocks of a ticket.
func (t *Tally) Clocks(id int64) []ClockState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.tickets.live[id].Clocks)
}
