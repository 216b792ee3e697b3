package tally

import (
	"slices"

	"socialboards_exporter/internal/fact"
)

// TicketState is the present state of a followed ticket.
type TicketState struct {
	ID               int64
	Status           string // empty: not known
	Done             bool   // in a done status: it has no clocks and no series of its own
	Read             bool   // its log was read completely at least once
	Begin, Since     fact.Instant
	Assignee, Source string
	Clocks           []ClockState
}

// ClockState is an active clock, as far as it does not depend on the time of day.
type ClockState struct {
	Objective    string
	Breached     bool
	Paused       bool
	Due, Warning fact.Instant // Never while paused and unbreached
}

// At gives the state of the clock at now. A due time that has passed is no breach: that
// takes a reading that shows that nobody answered.
func (c ClockState) At(now fact.Instant) State {
	switch {
	case c.Breached:
		return Breached
	case c.Paused:
		return Paused
	case c.Warning.Known() && now >= c.Warning:
		return Warning
	}
	return Running
}

// tickets are the followed tickets. Live ones are kept whole; of the far more numerous
// done ones only their status is, as a number.
type tickets struct {
	live    map[int64]TicketState
	changed map[int64]struct{} // live tickets that changed, came or went since the latest snapshot
	done    map[int64]done
	ids     map[string]int32 // number of a status
	status  []status         // by number
	unread  int
}

type done struct {
	status int32
	read   bool
}

type status struct {
	name  string
	count int
}

func newTickets() *tickets {
	return &tickets{live: make(map[int64]TicketState), changed: make(map[int64]struct{}), done: make(map[int64]done), ids: make(map[string]int32)}
}

// know has a status shown from now on, at 0 when no ticket is in it.
func (ts *tickets) know(name string) int32 {
	id, ok := ts.ids[name]
	if !ok {
		id = int32(len(ts.status)) //nolint:gosec // there are few statuses
		ts.ids[name] = id
		ts.status = append(ts.status, status{name: name})
	}
	return id
}

// set takes over a ticket's state and says whether anything is different.
func (ts *tickets) set(s TicketState) bool {
	s.Status, s.Assignee, s.Source = Label(s.Status), Label(s.Assignee), Label(s.Source)
	s.Clocks = slices.Clone(s.Clocks)
	for i := range s.Clocks {
		s.Clocks[i].Objective = Label(s.Clocks[i].Objective)
	}
	id := ts.know(s.Status)
	d := done{id, s.Read}
	if s.Done {
		if was, ok := ts.done[s.ID]; ok && was == d {
			return false
		}
	} else if was, ok := ts.live[s.ID]; ok && was.equal(s) {
		return false
	}
	ts.drop(s.ID)
	ts.status[id].count++
	if !s.Read {
		ts.unread++
	}
	if s.Done {
		ts.done[s.ID] = d
	} else {
		ts.live[s.ID] = s
		ts.changed[s.ID] = struct{}{}
	}
	return true
}

// drop forgets a ticket and says whether it was there.
func (ts *tickets) drop(id int64) bool {
	d, ok := ts.done[id]
	if s, live := ts.live[id]; live {
		ts.changed[id] = struct{}{}
		d, ok = done{ts.ids[s.Status], s.Read}, true
	}
	if !ok {
		return false
	}
	delete(ts.done, id)
	delete(ts.live, id)
	ts.status[d.status].count--
	if !d.read {
		ts.unread--
	}
	return true
}

func (s TicketState) equal(o TicketState) bool {
	return s.ID == o.ID && s.Status == o.Status && s.Done == o.Done && s.Read == o.Read &&
		s.Begin == o.Begin && s.Since == o.Since && s.Assignee == o.Assignee && s.Source == o.Source &&
		slices.Equal(s.Clocks, o.Clocks)
}
