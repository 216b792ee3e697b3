package tally

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// at gives the instant d after noon.
func at(d time.Duration) fact.Instant { return fact.At(noon.Add(d)) }

// hours opens and closes at one instant each.
type hours struct{ open, close time.Time }

func (h hours) Open(t time.Time) bool { return !t.Before(h.open) && t.Before(h.close) }

func (h hours) NextChange(t time.Time) (time.Time, bool) {
	switch {
	case t.Before(h.open):
		return h.open, true
	case t.Before(h.close):
		return h.close, true
	}
	return time.Time{}, false
}

func settings() Settings {
	return Settings{
		Bounds: []float64{60, 3600}, Native: true,
		Statuses:   []string{"pending", "open"},
		Objectives: []ObjectiveSetting{{"resolution", 10 * time.Hour}, {"first_response", time.Hour}},
		Calendars:  []CalendarSetting{{"office", hours{noon.Add(time.Hour), noon.Add(2 * time.Hour)}}},
	}
}

func readyTally() *Tally {
	t := New(settings())
	t.Update(func(u *Update) { u.Ready(true) })
	return t
}

func live(id int64, clocks ...ClockState) TicketState {
	return TicketState{ID: id, Status: "open", Read: true, Begin: at(0), Since: at(0), Clocks: clocks}
}

func TestNothingOfTheDomainShowsUntilReady(t *testing.T) {
	ta := New(settings())
	require.Equal(t, &Snapshot{ValidUntil: fact.Never}, ta.Snapshot(noon), "nothing was taken in yet")
	ta.Update(func(u *Update) {
		u.Series(fact.Series{ID: 1, Kind: fact.Events, Labels: labels{"reply_created"}})
		u.Events(1, 3)
		u.User(fact.User{ID: "u", Placed: true})
		u.Change(fact.Change{From: "open", To: "pending", Counted: true, Duration: 1, Inconsistent: true, Unrecognized: 2})
		u.Ticket(TicketState{ID: 1, Status: "open"})
		u.Count(fact.New, 3)
	})
	require.Equal(t, &Snapshot{
		Entries:      map[string]uint64{"new": 3, "late": 0, "backlog": 0, "known": 0},
		Unrecognized: 2, Inconsistent: 1, Tracked: 1, Unread: 1, ValidUntil: fact.Never,
	}, ta.Snapshot(noon))
}

func TestWhatIsKnownBeforehandStandsAtZero(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		u.Series(fact.Series{ID: 7, Kind: fact.Events, Labels: labels{"reply_created", "u", "team"}, Created: at(0)})
		u.Series(fact.Series{Kind: fact.Changes, Labels: labels{"open", "on_hold"}, Created: at(1)})
		u.Series(fact.Series{Kind: fact.Durations, Labels: labels{"open", "on_hold"}, Created: at(2)})
		u.Series(fact.Series{Kind: fact.Clocks, Labels: labels{"resolution"}, Created: at(3)})
		u.Series(fact.Series{Kind: fact.Breaches, Labels: labels{"resolution"}, Created: at(4)})
		u.Series(fact.Series{Kind: fact.SLADurations, Labels: labels{"resolution"}, Created: at(5)})
		u.Series(fact.Series{Kind: fact.Clocks, Labels: labels{"gone"}, Created: at(3)})
	})
	s := ta.Snapshot(noon)
	require.Equal(t, []Count{{labels{"reply_created", "u", "team"}, 0, at(0)}}, s.Events)
	require.Equal(t, []Count{{labels{"open", "on_hold"}, 0, at(1)}}, s.Changes)
	require.Len(t, s.Durations, 1)
	require.Equal(t, at(2), s.Durations[0].Created)
	require.Zero(t, s.Durations[0].Data.Count)
	require.Equal(t, []StatusCount{{"on_hold", 0}, {"open", 0}, {"pending", 0}}, s.ByStatus)
	require.Equal(t, []string{"first_response", "resolution"}, []string{s.Objectives[0].Name, s.Objectives[1].Name})
	for _, o := range s.Objectives {
		require.Equal(t, map[State]int{Breached: 0, Paused: 0, Warning: 0, Running: 0}, o.Active)
	}
	require.Equal(t, fact.Never, s.Objectives[0].Clocks.Created, "not published in the store yet")
	require.Equal(t, at(3), s.Objectives[1].Clocks.Created)
	require.Equal(t, at(4), s.Objectives[1].Breaches.Created)
	require.Equal(t, at(5), s.Objectives[1].Durations.Created)
	require.Equal(t, []Calendar{{"office", false}}, s.Calendars)
}

func TestEventsMayComeBeforeTheirSeries(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) { u.Events(1, 2) })
	require.Empty(t, ta.Snapshot(noon).Events)
	ta.Update(func(u *Update) {
		u.Series(fact.Series{ID: 1, Kind: fact.Events, Labels: labels{"a"}, Created: at(5)})
		u.Events(1, 3)
	})
	require.Equal(t, []Count{{labels{"a"}, 5, at(5)}}, ta.Snapshot(noon).Events)
}

func TestLabelsThatAreCutAlikeAreOneSeries(t *testing.T) {
	long := strings.Repeat("x", 128)
	ta := readyTally()
	ta.Update(func(u *Update) {
		u.Series(fact.Series{ID: 1, Kind: fact.Events, Labels: labels{long + "1"}, Created: at(5)})
		u.Series(fact.Series{ID: 2, Kind: fact.Events, Labels: labels{long + "2"}, Created: at(4)})
		u.Events(1, 1)
		u.Events(2, 1)
		u.Change(fact.Change{From: long + "1", To: "a", Counted: true, Duration: 1})
		u.Change(fact.Change{From: long + "2", To: "a", Counted: true, Duration: 1})
		u.Ticket(TicketState{ID: 1, Status: long + "1"})
		u.Ticket(TicketState{ID: 2, Status: long + "2", Done: true})
	})
	s := ta.Snapshot(noon)
	require.Equal(t, []Count{{labels{long}, 2, at(4)}}, s.Events)
	require.Equal(t, []Count{{labels{long, "a"}, 2, fact.Never}}, s.Changes)
	require.Len(t, s.Durations, 1)
	require.EqualValues(t, 2, s.Durations[0].Data.Count)
	require.Contains(t, s.ByStatus, StatusCount{long, 2})
}

func TestChanges(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		u.Change(fact.Change{Ticket: 9, Time: at(1), From: "open", To: "pending", Counted: true, Duration: fact.TicksOf(time.Minute)})
		u.Change(fact.Change{From: "open", To: "pending", Counted: true, Duration: fact.Unknown, Inconsistent: true})
		u.Change(fact.Change{From: "open", To: "odd", Counted: true, Duration: fact.Unknown, Unrecognized: 1})
		u.Change(fact.Change{From: "open", To: "new", Counted: false, Duration: 5, Inconsistent: true, Unrecognized: 1})
		u.Inconsistent(1)
	})
	s := ta.Snapshot(noon)
	require.Equal(t, []Count{{labels{"open", "odd"}, 1, fact.Never}, {labels{"open", "pending"}, 2, fact.Never}}, s.Changes)
	require.Len(t, s.Durations, 1)
	d := s.Durations[0]
	require.Equal(t, labels{"open", "pending"}, d.Labels)
	require.Equal(t, []uint64{1, 1}, d.Data.Cumulative)
	require.Equal(t, histogram.Exemplar{Ticket: 9, Value: fact.TicksOf(time.Minute), At: at(1)}, d.Data.Exemplars[0])
	require.EqualValues(t, 2, s.Inconsistent)
	require.EqualValues(t, 1, s.Unrecognized)
	require.NotContains(t, s.ByStatus, StatusCount{"new", 0}, "a change that does not count shows nothing")
}

func TestOutcomes(t *testing.T) {
	hour := fact.TicksOf(time.Hour)
	open := fact.Outcome{Ticket: 4, Objective: "first_response", Breached: fact.Never, Stopped: fact.Never, Duration: fact.Unknown}
	breached, met, seen := open, open, open
	breached.Breached, breached.Counted = at(1), true
	met.Stopped, met.Duration, met.Counted, met.Observed = at(1), hour, true, true
	late := breached
	late.Stopped, late.Duration, late.Observed = at(9), 3*hour, true
	seen.Breached = at(-1) // before its ticket was found: shown, not counted
	for _, tc := range []struct {
		name                       string
		before, after              fact.Outcome
		clocks, breaches, observed uint64
	}{
		{"nothing yet", fact.Outcome{}, open, 0, 0, 0},
		{"met", open, met, 1, 0, 1},
		{"met, from the store", fact.Outcome{}, met, 1, 0, 1},
		{"breached, still open", open, breached, 1, 1, 0},
		{"breached before, stopped now", breached, late, 0, 0, 1},
		{"breached and stopped, from the store", fact.Outcome{}, late, 1, 1, 1},
		{"the same again", late, late, 0, 0, 0},
		{"breached before its ticket was found", open, seen, 0, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ta := readyTally()
			ta.Update(func(u *Update) { u.Outcome(tc.before, tc.after) })
			o := ta.Snapshot(noon).Objectives[0]
			require.Equal(t, tc.clocks, o.Clocks.Value)
			require.Equal(t, tc.breaches, o.Breaches.Value)
			require.Equal(t, tc.observed, o.Durations.Data.Count)
			if tc.observed > 0 {
				i := slices.IndexFunc(o.Durations.Data.Exemplars, func(e histogram.Exemplar) bool { return e.Ticket != 0 })
				require.Equal(t, histogram.Exemplar{Ticket: 4, Value: tc.after.Duration, At: tc.after.Stopped}, o.Durations.Data.Exemplars[i])
			}
		})
	}
	t.Run("of an objective that is not configured", func(t *testing.T) {
		ta := readyTally()
		gone := met
		gone.Objective = "gone"
		ta.Update(func(u *Update) { u.Outcome(fact.Outcome{}, gone) })
		require.Len(t, ta.Snapshot(noon).Objectives, 2)
	})
}

func TestAClockStoppedAtItsTargetIsWithinTheTarget(t *testing.T) {
	for _, target := range []time.Duration{100 * time.Nanosecond, 300 * time.Millisecond, 1100 * time.Millisecond, 4 * time.Hour, 9000 * time.Hour} {
		ta := New(Settings{Objectives: []ObjectiveSetting{{"o", target}}})
		ta.Update(func(u *Update) {
			u.Ready(true)
			for _, more := range []fact.Ticks{0, 1} {
				u.Outcome(fact.Outcome{}, fact.Outcome{Objective: "o", Observed: true, Duration: fact.TicksOf(target) + more})
			}
		})
		o := ta.Snapshot(noon).Objectives[0]
		require.Equal(t, fact.TicksOf(target).Seconds(), o.Target)
		require.Equal(t, o.Target, o.Durations.Data.Bounds[4])
		require.EqualValues(t, 1, o.Durations.Data.Cumulative[4], "%v", target)
	}
}

func TestBoundsOfAnObjective(t *testing.T) {
	got := readyTally().Snapshot(noon).Objectives[0].Durations.Data.Bounds
	require.Equal(t, []float64{450, 900, 1800, 2700, 3600, 5400, 7200, 14400, 28800}, got)
}

func TestOnlyPlacedUsersShowByTheirLatestName(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		u.User(fact.User{ID: "b", Type: "bot", Name: "Bot", Placed: true})
		u.User(fact.User{ID: "a", Type: "team", Name: "Old", Placed: true})
		u.User(fact.User{ID: "a", Type: "team", Name: "New", Placed: true})
		u.User(fact.User{ID: "c", Type: "team", Name: "No place"})
	})
	require.Equal(t, []fact.User{
		{ID: "a", Type: "team", Name: "New", Placed: true}, {ID: "b", Type: "bot", Name: "Bot", Placed: true},
	}, ta.Snapshot(noon).Users)
}

func TestStateOfAClock(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		u.Ticket(live(2,
			ClockState{Objective: "first_response", Due: at(40 * time.Minute), Warning: at(30 * time.Minute)},
			ClockState{Objective: "resolution", Breached: true, Paused: true, Due: at(-2), Warning: at(-3)}))
		u.Ticket(live(1, ClockState{Objective: "first_response", Paused: true, Due: fact.Never, Warning: fact.Never}))
	})
	states := func(now time.Duration) []State {
		s := ta.Snapshot(noon.Add(now))
		shown := slices.Collect(s.Tickets())
		require.Equal(t, []int64{1, 2}, []int64{shown[0].ID, shown[1].ID})
		counted := map[State]int{}
		for _, o := range s.Objectives {
			for st, n := range o.Active {
				counted[st] += n
			}
		}
		out := []State{shown[0].Clocks[0].State, shown[1].Clocks[0].State, shown[1].Clocks[1].State}
		for _, st := range States() {
			require.Equal(t, countOf(out, st), counted[st])
		}
		return out
	}
	require.Equal(t, []State{Paused, Running, Breached}, states(0))
	require.Equal(t, at(30*time.Minute), ta.Snapshot(noon).ValidUntil)
	require.Equal(t, []State{Paused, Running, Breached}, states(30*time.Minute-100))
	require.Equal(t, []State{Paused, Warning, Breached}, states(30*time.Minute))
	require.Equal(t, []State{Paused, Warning, Breached}, states(50*time.Minute), "a due time that passes is no breach")
	require.Equal(t, []State{Paused, Running, Breached}, states(0), "the host's clock was set back")
}

func countOf(in []State, st State) (n int) {
	for _, s := range in {
		if s == st {
			n++
		}
	}
	return n
}

func TestCalendarsOpenAndClose(t *testing.T) {
	ta := readyTally()
	for _, tc := range []struct {
		now  time.Duration
		open bool
		next fact.Instant
	}{
		{0, false, at(time.Hour)}, {time.Hour, true, at(2 * time.Hour)}, {2 * time.Hour, false, fact.Never},
	} {
		s := ta.Snapshot(noon.Add(tc.now))
		require.Equal(t, []Calendar{{"office", tc.open}}, s.Calendars)
		require.Equal(t, tc.next, s.ValidUntil)
	}
}

func TestTheSameSnapshotUntilSomethingChanges(t *testing.T) {
	ta := readyTally()
	state := live(1, ClockState{Objective: "first_response", Due: at(40 * time.Minute), Warning: at(30 * time.Minute)})
	all := func(u *Update) {
		u.User(fact.User{ID: "a", Placed: true})
		u.Ticket(state)
		u.Ticket(TicketState{ID: 2, Status: "completed", Done: true, Read: true})
		u.Ready(true)
	}
	ta.Update(all)
	first := ta.Snapshot(noon)
	ta.Update(func(u *Update) {
		all(u)
		u.Drop(99)
		u.Events(1, 0)
		u.Count(fact.Late, 0)
		u.Change(fact.Change{})
	})
	require.Same(t, first, ta.Snapshot(noon.Add(29*time.Minute)), "nothing new was said")
	require.NotSame(t, first, ta.Snapshot(noon.Add(30*time.Minute)))

	for name, change := range map[string]func(u *Update){
		"series":       func(u *Update) { u.Series(fact.Series{ID: 1, Kind: fact.Events}) },
		"events":       func(u *Update) { u.Events(1, 1) },
		"change":       func(u *Update) { u.Change(fact.Change{Counted: true}) },
		"inconsistent": func(u *Update) { u.Inconsistent(1) },
		"outcome":      func(u *Update) { u.Outcome(fact.Outcome{}, fact.Outcome{Objective: "resolution", Counted: true}) },
		"user":         func(u *Update) { u.User(fact.User{ID: "a", Name: "n", Placed: true}) },
		"count":        func(u *Update) { u.Count(Known, 1) },
		"ticket":       func(u *Update) { u.Ticket(live(1)) },
		"done ticket":  func(u *Update) { u.Ticket(TicketState{ID: 2, Status: "completed", Done: true}) },
		"drop":         func(u *Update) { u.Drop(2) },
		"ready":        func(u *Update) { u.Ready(false) },
	} {
		before := ta.Snapshot(noon)
		ta.Update(change)
		require.NotSame(t, before, ta.Snapshot(noon), name)
	}
}

func TestTheCallersClocksAreItsOwn(t *testing.T) {
	ta := readyTally()
	clocks := []ClockState{{Objective: "resolution", Due: at(1), Warning: at(1)}}
	ta.Update(func(u *Update) { u.Ticket(live(1, clocks...)) })
	clocks[0].Breached = true
	ta.Update(func(u *Update) { u.Ready(false); u.Ready(true) })
	require.Equal(t, Warning, ta.Snapshot(noon.Add(time.Second)).Live[0][0].Clocks[0].State)
}

func followed(s *Snapshot) (n int) {
	for range s.Tickets() {
		n++
	}
	return n
}

func TestScrapesSeeWholeUpdates(t *testing.T) {
	ta := readyTally()
	ta.Update(func(u *Update) { u.Series(fact.Series{ID: 1, Kind: fact.Events, Labels: labels{"a"}}) })
	const updates = 2000
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for i := range updates {
				ta.Update(func(u *Update) {
					u.Events(1, 1)
					u.Count(fact.New, 1)
					u.Change(fact.Change{From: "open", To: "pending", Counted: true, Duration: 1})
					u.Ticket(live(int64(w*updates + i)))
				})
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for last := uint64(0); ; {
				s := ta.Snapshot(noon)
				n := s.Events[0].Value
				if n < last || n != s.Entries["new"] || n != uint64(followed(s)) ||
					n > 0 && (n != s.Changes[0].Value || n != s.Durations[0].Data.Count) {
					t.Errorf("a part of an update shows: %d events after %d, %v", n, last, s.Entries)
					return
				}
				last = n
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	require.EqualValues(t, 2*updates, ta.Snapshot(noon).Events[0].Value)
}
