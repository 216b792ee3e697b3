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

// addLive shows the live tickets.
func (t *Tally) addLive(s *Snapshot, now fact.Instant) active {
	b := batches{now: now, live: t.tickets.live}
	s.Live = b.rebatch(t.batches, slices.Sorted(maps.Keys(t.tickets.changed)))
	t.batches, t.tickets.changed = s.Live, make(map[int64]struct{})
	counts := make(active)
	for ticket := range s.Tickets() {
		for _, c := range ticket.Clocks {
			counts.of(c.Objective)[c.State]++
			if c.State == Running {
				s.validUntil(c.Warning)
			}
		}
	}
	return counts
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
