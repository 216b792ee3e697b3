package tally

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
)

// build makes the snapshot of now. It shares nothing that changes later.
func (t *Tally) build(now time.Time) *Snapshot {
	c := t.counters
	s := &Snapshot{
		Ready:        t.ready,
		Entries:      maps.Clone(c.entries),
		Unrecognized: c.unrecognized,
		Inconsistent: c.inconsistent,
		Tracked:      len(t.tickets.live) + len(t.tickets.done),
		Unread:       t.tickets.unread,
		ValidUntil:   fact.Never,
	}
	if !t.ready {
		return s
	}
	s.Events, s.Changes, s.Durations = sorted(c.events), sorted(c.changes), c.histograms()
	s.Users = t.placedUsers()
	s.ByStatus = t.tickets.byStatus()
	active := t.addLive(s, fact.At(now))
	for _, o := range t.objectives {
		s.Objectives = append(s.Objectives, o.shown(active.of(o.name)))
	}
	for _, cal := range t.calendars {
		s.addCalendar(cal, now)
	}
	return s
}

func (t *Tally) placedUsers() []fact.User {
	users := make([]fact.User, 0, len(t.users))
	for _, u := range t.users {
		if u.Placed {
			users = append(users, u)
		}
	}
	slices.SortFunc(users, func(a, b fact.User) int { return cmp.Compare(a.ID, b.ID) })
	return users
}

// byStatus leaves out tickets whose status is not known.
func (ts *tickets) byStatus() []StatusCount {
	out := make([]StatusCount, 0, len(ts.status))
	for _, st := range ts.status {
		if st.name != "" {
			out = append(out, StatusCount{st.name, st.count})
		}
	}
	slices.SortFunc(out, func(a, b StatusCount) int { return cmp.Compare(a.Status, b.Status) })
	return out
}

// active counts clocks by objective and state.
type active map[string]map[State]int

// of gives the numbers of one objective, every state among them.
func (a active) of(objective string) map[State]int {
	n, ok := a[objective]
	if !ok {
		n = make(map[State]int, len(States()))
		for _, st := range States() {
			n[st] = 0
		}
		a[objective] = n
	}
	return n
}

// addLive shows the live tickets. What stayed as it was is taken from the snapshot before.
func (t *Tally) addLive(s *Snapshot, now fact.Instant) active {
	counts := make(active)
	made := batches{before: t.batches, made: make([][]Ticket, 0, len(t.batches))}
	var clocks []Clock
	t.order = t.tickets.ordered(t.order)
	for _, id := range t.order {
		l := t.tickets.live[id]
		clocks = clocks[:0]
		for _, c := range l.Clocks {
			clocks = append(clocks, Clock{c.Objective, c.At(now), c.Due, c.Warning})
			state := clocks[len(clocks)-1].State
			counts.of(c.Objective)[state]++
			if state == Running {
				s.validUntil(c.Warning)
			}
		}
		made.add(Ticket{ID: id, Status: l.Status, Assignee: l.Assignee, Source: l.Source, Begin: l.Begin, Since: l.Since}, clocks)
	}
	made.end()
	s.Live, t.batches = made.made, made.made
	return counts
}

// ordered gives the ids of live tickets, sorted: before, if these are still they.
func (ts *tickets) ordered(before []int64) []int64 {
	there := func(id int64) bool { _, ok := ts.live[id]; return ok }
	if len(before) == len(ts.live) && !slices.ContainsFunc(before, func(id int64) bool { return !there(id) }) {
		return before
	}
	return slices.Sorted(maps.Keys(ts.live))
}

func (s *Snapshot) addCalendar(c CalendarSetting, now time.Time) {
	s.Calendars = append(s.Calendars, Calendar{c.Name, c.Calendar.Open(now)})
	if next, ok := c.Calendar.NextChange(now); ok {
		s.validUntil(fact.At(next))
	}
}

func (s *Snapshot) validUntil(at fact.Instant) {
	if at.Known() {
		s.ValidUntil = earliest(s.ValidUntil, at)
	}
}
