package tally

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

// history is what happened, as a store would keep it.
type history struct {
	events      map[int64]uint64 // by series
	changes     []fact.Change
	outcomes    []fact.Outcome
	tickets     map[int64]TicketState
	counts      map[fact.Result]uint64
	corrections uint64
}

var (
	someStatuses   = []string{"open", "pending", "completed", "odd"}
	someObjectives = []string{"first_response", "resolution"}
)

func newHistory() *history {
	return &history{events: map[int64]uint64{}, tickets: map[int64]TicketState{}, counts: map[fact.Result]uint64{}}
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// happen invents one more thing and tells the tally of it, if there is one.
func (h *history) happen(r *rand.Rand, u *Update) {
	switch r.IntN(6) {
	case 0:
		id, n := r.Int64N(5), uint64(r.IntN(3))
		h.events[id] += n
		u.Events(id, n)
	case 1:
		c := fact.Change{
			Ticket: r.Int64N(9), Time: at(time.Duration(r.IntN(100)) * time.Second), From: pick(r, someStatuses), To: pick(r, someStatuses),
			Duration: fact.Ticks(r.Int64N(1e11)), Counted: r.IntN(4) > 0, Inconsistent: r.IntN(3) == 0, Unrecognized: r.IntN(3),
		}
		if r.IntN(3) == 0 {
			c.Duration = fact.Unknown
		}
		h.changes = append(h.changes, c)
		u.Change(c)
	case 2:
		h.outcome(r, u)
	case 3, 4:
		s := TicketState{
			ID: r.Int64N(9), Status: pick(r, append(someStatuses, "")), Done: r.IntN(2) == 0, Read: r.IntN(2) == 0,
			Begin: at(time.Duration(r.IntN(5))), Since: fact.Never,
		}
		for range r.IntN(3) {
			w := at(time.Duration(r.IntN(200)) * time.Second)
			s.Clocks = append(s.Clocks, ClockState{pick(r, someObjectives), r.IntN(4) == 0, r.IntN(4) == 0, w.Add(5), w})
		}
		h.tickets[s.ID] = s
		u.Ticket(s)
	case 5:
		id, result := r.Int64N(9), pick(r, []fact.Result{fact.New, fact.Late, fact.Backlog, Known})
		delete(h.tickets, id)
		u.Drop(id)
		h.corrections++
		u.Inconsistent(1)
		h.counts[result]++
		u.Count(result, 1)
	}
}

func (h *history) outcome(r *rand.Rand, u *Update) {
	o := fact.Outcome{Ticket: r.Int64N(9), Objective: pick(r, someObjectives), Breached: fact.Never, Stopped: fact.Never, Duration: fact.Unknown}
	i := -1
	var before fact.Outcome
	if len(h.outcomes) > 0 && r.IntN(2) == 0 {
		i = r.IntN(len(h.outcomes))
		before, o = h.outcomes[i], h.outcomes[i]
	}
	if !o.Counted && r.IntN(2) == 0 {
		o.Breached, o.Counted = at(5), true
	}
	if !o.Observed && r.IntN(2) == 0 {
		o.Stopped, o.Duration, o.Counted, o.Observed = at(time.Duration(r.IntN(50))), fact.Ticks(r.Int64N(1e12)), true, true
	}
	u.Outcome(before, o)
	if i < 0 {
		h.outcomes = append(h.outcomes, o)
		return
	}
	h.outcomes[i] = o
}

func publishAll(u *Update) {
	u.Ready(true)
	for id := range int64(5) {
		u.Series(fact.Series{ID: id, Kind: fact.Events, Labels: labels{fmt.Sprint("action", id)}, Created: at(time.Duration(id))})
	}
	for _, from := range someStatuses {
		for _, to := range someStatuses {
			u.Series(fact.Series{Kind: fact.Changes, Labels: labels{from, to}})
			u.Series(fact.Series{Kind: fact.Durations, Labels: labels{from, to}})
		}
	}
}

// replay tells an empty tally everything at once, as a start does, in another order.
func (h *history) replay(r *rand.Rand) *Tally { return h.replayWith(r, nil) }

// replayWith takes changes and outcomes from sums, if there are some.
func (h *history) replayWith(r *rand.Rand, sums []byte) *Tally {
	ta := New(settings())
	shuffled := slices.Clone(h.changes)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	ta.Update(func(u *Update) {
		for id, n := range h.events {
			u.Events(id, n)
		}
		if sums == nil || !u.Restore(sums) {
			for _, c := range shuffled {
				u.Change(c)
			}
			for _, o := range h.outcomes {
				u.Outcome(fact.Outcome{}, o)
			}
		}
		u.Inconsistent(h.corrections)
		for _, s := range h.tickets {
			u.Ticket(s)
		}
		for result, n := range h.counts {
			u.Count(result, n)
		}
		publishAll(u)
	})
	return ta
}

// check recounts everything in the simplest way.
func (h *history) check(t *testing.T, s *Snapshot, now time.Time) {
	t.Helper()
	for _, e := range s.Events {
		var id int64
		_, err := fmt.Sscanf(e.Labels[0], "action%d", &id)
		require.NoError(t, err)
		require.Equal(t, h.events[id], e.Value, e.Labels[0])
	}
	inconsistent, unrecognized := h.corrections, uint64(0)
	changes, observed, sums := map[labels]uint64{}, map[labels]uint64{}, map[labels]fact.Ticks{}
	for _, c := range h.changes {
		if !c.Counted {
			continue
		}
		l := labels{c.From, c.To}
		changes[l]++
		if c.Duration != fact.Unknown {
			observed[l]++
			sums[l] += c.Duration
		}
		if c.Inconsistent {
			inconsistent++
		}
		unrecognized += uint64(c.Unrecognized)
	}
	for _, c := range s.Changes {
		require.Equal(t, changes[c.Labels], c.Value, c.Labels)
	}
	for _, d := range s.Durations {
		require.Equal(t, observed[d.Labels], d.Data.Count, d.Labels)
		require.Equal(t, sums[d.Labels], d.Data.Sum, d.Labels)
	}
	require.Equal(t, inconsistent, s.Inconsistent)
	require.Equal(t, unrecognized, s.Unrecognized)
	for _, result := range []fact.Result{fact.New, fact.Late, fact.Backlog, Known} {
		require.Equal(t, h.counts[result], s.Entries[string(result)], result)
	}
	h.checkTickets(t, s)
	h.checkObjectives(t, s, now)
}

func (h *history) checkTickets(t *testing.T, s *Snapshot) {
	t.Helper()
	unread, liveTickets, byStatus := 0, 0, map[string]int{}
	for _, k := range h.tickets {
		byStatus[k.Status]++
		if !k.Read {
			unread++
		}
		if !k.Done {
			liveTickets++
		}
	}
	require.Equal(t, len(h.tickets), s.Tracked)
	require.Equal(t, unread, s.Unread)
	require.Len(t, slices.Collect(s.Tickets()), liveTickets)
	for _, n := range s.ByStatus {
		require.Equal(t, byStatus[n.Status], n.Count, n.Status)
		require.NotEmpty(t, n.Status)
	}
	for l := range s.Tickets() {
		want := h.tickets[l.ID]
		require.Equal(t, []any{want.Status, want.Begin, want.Since, len(want.Clocks)}, []any{l.Status, l.Begin, l.Since, len(l.Clocks)})
	}
}

func (h *history) checkObjectives(t *testing.T, s *Snapshot, now time.Time) {
	t.Helper()
	for _, o := range s.Objectives {
		var clocks, breaches, stopped uint64
		for _, out := range h.outcomes {
			if out.Objective != o.Name {
				continue
			}
			if out.Counted {
				clocks++
			}
			if out.Counted && out.Breached.Known() {
				breaches++
			}
			if out.Observed {
				stopped++
			}
		}
		require.Equal(t, []uint64{clocks, breaches, stopped}, []uint64{o.Clocks.Value, o.Breaches.Value, o.Durations.Data.Count}, o.Name)
		active := map[State]int{Breached: 0, Paused: 0, Warning: 0, Running: 0}
		for _, k := range h.tickets {
			for _, c := range k.Clocks {
				if k.Done || c.Objective != o.Name {
					continue
				}
				switch {
				case c.Breached:
					active[Breached]++
				case c.Paused:
					active[Paused]++
				case !now.Before(c.Warning.Time()):
					active[Warning]++
				default:
					active[Running]++
				}
			}
		}
		require.Equal(t, active, o.Active, o.Name)
	}
}

func TestTotalsAreSumsOfWhatHappened(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			h, ta, now := newHistory(), New(settings()), noon
			ta.Update(publishAll)
			kept := map[*Snapshot]string{}
			for range 40 {
				ta.Update(func(u *Update) {
					for range r.IntN(4) {
						h.happen(r, u)
					}
				})
				now = now.Add(time.Duration(r.IntN(10)) * time.Second)
				s := ta.Snapshot(now)
				h.check(t, s, now)
				kept[s] = text(t, s)
			}
			require.Equal(t, text(t, ta.Snapshot(now)), text(t, h.replay(r).Snapshot(now)), "a restart shows something else")
			for s, was := range kept {
				require.Equal(t, was, text(t, s), "a snapshot changed after it was given")
			}
		})
	}
}

func text(t *testing.T, s *Snapshot) string {
	t.Helper()
	b, err := json.Marshal(s)
	require.NoError(t, err)
	return string(b)
}
