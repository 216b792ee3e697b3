package tally

import (
	"sync"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

// Settings are the parts of the configuration that shape what is shown.
type Settings struct {
	Bounds     []float64 // of status durations: seconds, rising, without +Inf
	Native     bool      // native buckets beside the classic ones
	Statuses   []string  // shown at 0 when no ticket is in them
	Objectives []ObjectiveSetting
	Calendars  []CalendarSetting
}

// ObjectiveSetting is a configured objective.
type ObjectiveSetting struct {
	Name   string
	Target time.Duration
}

// CalendarSetting is a configured calendar.
type CalendarSetting struct {
	Name     string
	Calendar Hours
}

// Hours tells opening hours.
type Hours interface {
	Open(at time.Time) bool
	// NextChange gives the first instant after at when it opens or closes; false: none.
	NextChange(at time.Time) (time.Time, bool)
}

// Known is the result of an entry that was shown again.
const Known fact.Result = "known"

// Tally keeps the totals of everything counted and the present state of every followed
// ticket. It lives as long as the store's content is served and only ever grows with what
// is durable. It may be used by several goroutines at once.
type Tally struct {
	mu    sync.Mutex
	ready bool
	shown *Snapshot // of the present content; nil: not made yet
	made  time.Time // the now that shown was made for

	counters   *counters
	objectives []*objective // sorted by name
	byName     map[string]*objective
	shape      shape
	calendars  []CalendarSetting // sorted by name
	users      map[string]fact.User
	tickets    *tickets

	batches [][]Ticket // of live tickets, in the latest snapshot
}

// New gives an empty tally, not ready.
func New(s Settings) *Tally {
	t := &Tally{
		counters: newCounters(s.Bounds, s.Native),
		byName:   make(map[string]*objective),
		users:    make(map[string]fact.User),
		tickets:  newTickets(),
	}
	for _, name := range s.Statuses {
		t.tickets.know(Label(name))
	}
	t.setObjectives(s.Objectives, s.Native)
	t.shape = shapeOf(s)
	t.setCalendars(s.Calendars)
	return t
}

// Update lets f change the totals. No snapshot shows a part of what f does. f must not
// call the tally's own methods, and the Update it is given ends with it.
func (t *Tally) Update(f func(u *Update)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counters.entries == nil {
		t.counters.begin()
		t.shown = nil
	}
	f(&Update{t})
}

// Snapshot gives what there is to show at now. As long as nothing changes, and now does
// not pass ValidUntil, it gives the same pointer.
func (t *Tally) Snapshot(now time.Time) *Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shown == nil || now.Before(t.made) || t.shown.expired(now) {
		t.shown, t.made = t.build(now), now
	}
	return t.shown
}

func (s *Snapshot) expired(now time.Time) bool {
	return s.ValidUntil.Known() && fact.At(now) >= s.ValidUntil
}

// Update changes a tally, within one call of Tally.Update.
type Update struct{ t *Tally }

// Series publishes a series, at 0 until something is counted by it.
func (u *Update) Series(s fact.Series) {
	u.t.shown = nil
	s.Labels = labels3(s.Labels)
	switch s.Kind {
	case fact.Clocks, fact.Breaches, fact.SLADurations:
		if o := u.t.byName[s.Labels[0]]; o != nil {
			o.publish(s)
		}
	case fact.Changes:
		u.t.tickets.know(s.Labels[0])
		u.t.tickets.know(s.Labels[1])
		fallthrough
	default:
		u.t.counters.publish(s)
	}
}

// Events counts n entries by a series of kind fact.Events. They show once the series is
// published.
func (u *Update) Events(series int64, n uint64) {
	if n == 0 {
		return
	}
	u.t.counters.count(series, n)
	u.t.shown = nil
}

// Change counts a change of status, unless it is one that does not count.
func (u *Update) Change(c fact.Change) {
	if !c.Counted {
		return
	}
	u.t.shown = nil
	u.t.counters.change(c)
	u.t.tickets.know(Label(c.From))
	u.t.tickets.know(Label(c.To))
}

// Inconsistent counts n inconsistent changes that no entry of a log stands for.
func (u *Update) Inconsistent(n uint64) {
	u.t.shown = nil
	u.t.counters.inconsistent += n
	u.t.counters.corrections += n
}

// Outcome counts what after has more than before; the zero Outcome stands for nothing.
// Outcomes of objectives that are not configured are not shown.
func (u *Update) Outcome(before, after fact.Outcome) {
	o := u.t.byName[Label(after.Objective)]
	if o == nil {
		return
	}
	u.t.shown = nil
	if after.Counted && !before.Counted {
		o.clocks.Value++
	}
	if breachCounted(after) && !breachCounted(before) {
		o.breaches.Value++
	}
	if after.Observed && !before.Observed {
		o.durations.Observe(after.Duration, histogram.Exemplar{Ticket: after.Ticket, At: after.Stopped})
	}
}

func breachCounted(o fact.Outcome) bool { return o.Counted && o.Breached.Known() }

// User takes over a user's present name and place.
func (u *Update) User(user fact.User) {
	user.ID, user.Type, user.Name = Label(user.ID), Label(user.Type), Label(user.Name)
	if u.t.users[user.ID] == user {
		return
	}
	u.t.users[user.ID] = user
	u.t.shown = nil
}

// Count counts n entries of a log by how they were taken: a fact.Result, or Known.
func (u *Update) Count(result fact.Result, n uint64) {
	if n == 0 {
		return
	}
	u.t.counters.entries[string(result)] += n
	u.t.shown = nil
}

// Ticket takes over the present state of a followed ticket.
func (u *Update) Ticket(s TicketState) {
	if u.t.tickets.set(s) {
		u.t.shown = nil
	}
}

// Drop ends a ticket's series and clocks. What it counted stays.
func (u *Update) Drop(id int64) {
	if u.t.tickets.drop(id) {
		u.t.shown = nil
	}
}

// Ready says whether the domain metrics are to be shown.
func (u *Update) Ready(ready bool) {
	if u.t.ready != ready {
		u.t.ready = ready
		u.t.shown = nil
	}
}
