package poll

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// triggers counts the reads recorded, by why they took place.
func (w *world) triggers() map[Trigger]int {
	n := map[Trigger]int{}
	for _, r := range w.reads {
		n[r.trigger]++
	}
	return n
}

func TestJobsAreGivenOutByPriority(t *testing.T) {
	set := defaults(Selection{Key: "open", Complete: start.Add(-time.Minute)})
	set.Concurrency = 100
	s := newSchedule(set, 1)
	now := fact.At(start)
	long := ago(1000 * hour)
	quiet := State{LookedAt: start, ReadAt: start, FullReadAt: start, LastEntry: long}
	with := func(id int64, change func(*State)) State {
		st := quiet
		st.ID = id
		change(&st)
		return st
	}
	s.beginScans(now)
	for _, st := range []State{
		with(1, func(st *State) { st.ReadAt = ago(7 * hour) }), // due
		with(2, func(st *State) { st.LookedAt = ago(hour) }),   // look
		with(3, func(st *State) { st.ReadAt, st.Changed = ago(hour), true }),
		with(4, func(st *State) { st.ReadAt, st.ClockDue = ago(hour), ago(minute) }),
		with(5, func(st *State) { st.ReadAt, st.ClockDue = ago(hour), ago(2*minute) }),
		with(6, func(st *State) { st.ReadAt = ago(hour) }),
	} {
		s.track(st, now)
	}
	require.True(t, s.notify(6, now))
	require.False(t, s.notify(7, now), "a ticket that is not followed")

	var order []any
	for j, _ := s.next(now); j != nil; j, _ = s.next(now) {
		switch {
		case j.read != nil:
			order = append(order, j.trigger)
		case j.scan != nil:
			order = append(order, "page")
		default:
			order = append(order, "look")
		}
	}
	require.Equal(t, []any{ByClock, ByClock, Webhook, Changed, "page", "look", Due}, order)
}

func TestTheMostOverdueComesFirst(t *testing.T) {
	w := newWorld()
	for id, since := range map[int64]time.Duration{1: 2 * hour, 2: 5 * hour, 3: hour} {
		th := w.settled(id, ago(1000*hour))
		th.readAt = ago(6*hour + since)
	}
	p := w.poller(defaults())
	w.run(t, p, start.Add(5*time.Second))
	var order []int64
	for _, r := range w.reads {
		order = append(order, r.id)
	}
	require.Equal(t, []int64{2, 1, 3}, order)
}

// However much there is to read, every class gets on: the eighth job is always for those
// that have waited.
func TestNothingStarves(t *testing.T) {
	w := newWorld()
	w.cost = 200 * time.Millisecond
	for id := range int64(3000) {
		w.settled(id+1, ago(1000*hour)).restless = true
	}
	idle := w.settled(9999, ago(1000*hour))
	idle.readAt = ago(7 * hour)
	p := w.poller(defaults(open()))
	var looksBy, pagesBy time.Time
	w.listFails = func(q apiclient.ListQuery) error {
		if len(q.TicketIDs) > 0 && looksBy.IsZero() {
			looksBy = w.clock.Now()
		}
		if len(q.TicketIDs) == 0 {
			pagesBy = w.clock.Now()
		}
		return nil
	}
	for id := range int64(3000) {
		w.things[id+1].lookedAt = ago(hour)
	}
	// The highest class never runs empty: twenty webhooks a second, for five requests.
	for w.clock.Now().Before(start.Add(20 * minute)) {
		for id := range int64(20) {
			p.Notify(id + 1)
		}
		did, err := p.Step(t.Context())
		require.NoError(t, err)
		require.True(t, did, "there is always something to do")
	}
	require.NotZero(t, w.triggers()[Webhook])
	require.NotZero(t, w.triggers()[Due], "reads without a cause starve")
	require.Greater(t, w.triggers()[Changed], 100, "changed logs starve")
	require.False(t, looksBy.IsZero(), "looks starve")
	require.WithinDuration(t, start.Add(20*minute), pagesBy, 2*minute, "discovery starves")
}

func TestUnderOverloadOnlyReadsWithoutACauseAreLate(t *testing.T) {
	w := newWorld()
	w.cost = 200 * time.Millisecond // five requests a second, one after the other
	for id := range int64(4000) {
		w.settled(id+1, ago(1000*hour)).readAt = ago(6 * hour)
	}
	// Every two seconds something happens to a ticket.
	for i := range 600 {
		th := w.things[int64(i*6+1)]
		th.entries = append(th.entries, start.Add(time.Duration(i)*2*time.Second))
	}
	readOf := map[int64]time.Time{}
	w.onRead = func(th *thing) { readOf[th.id] = th.readAt }
	p := w.poller(defaults(open()))
	until := start.Add(20 * minute)
	w.run(t, p, until)

	require.Greater(t, p.Lag(), 10*minute, "this is no overload")
	require.Greater(t, w.triggers()[Due], 1000)
	for i := range 500 {
		at := readOf[int64(i*6+1)]
		e := w.things[int64(i*6+1)].entries[1]
		require.False(t, at.Before(e), "ticket %d", i)
	}
	for _, r := range w.reads {
		if r.trigger == Changed {
			e := w.things[r.id].entries[1]
			require.LessOrEqual(t, r.begun.Sub(e), minute, "discovery tells within an interval, and the read follows")
		}
	}
}

func TestReadsWithoutACauseGetHalfOfTheRate(t *testing.T) {
	w := newWorld()
	w.cost = time.Millisecond
	for id := range int64(5000) {
		w.settled(id+1, ago(1000*hour)).readAt = ago(10 * hour)
	}
	w.run(t, w.poller(defaults()), start.Add(10*minute))
	due := w.triggers()[Due]
	require.InDelta(t, 2.5*600, due, 5)

	for from := range w.reads {
		n := 0
		for _, r := range w.reads[from:min(len(w.reads), from+40)] {
			if r.begun.Sub(w.reads[from].begun) < 10*time.Second {
				n++
			}
		}
		require.LessOrEqual(t, n, 28, "a burst")
	}
}

func TestLongReadsCountWithAllTheirRequests(t *testing.T) {
	w := newWorld()
	w.cost, w.pages = time.Millisecond, 10
	for id := range int64(500) {
		w.settled(id+1, ago(1000*hour)).readAt = ago(10 * hour)
	}
	w.run(t, w.poller(defaults()), start.Add(10*minute))
	require.InDelta(t, 2.5*600/10, w.triggers()[Due], 2)
}

func TestAnAllowanceIsOwedAfterwards(t *testing.T) {
	a := allowanceOf(5)
	now := fact.At(start)
	require.Equal(t, now, a.from(now))
	a.spend(now, 1+25)
	require.InDelta(t, 10, a.from(now).Sub(now).Seconds(), 0.5)
	require.Equal(t, now, allowanceOf(0).from(now), "no rate, no limit")
	allowanceOf(0).spend(now, 1)
}

func TestAWebhookIsFollowedAtOnceButNotMoreThanOnceASecond(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour))
	p := w.poller(defaults())
	w.run(t, p, start.Add(10*time.Second))
	require.Empty(t, w.reads)
	for range 50 {
		require.True(t, p.Notify(1))
		w.run(t, p, w.clock.Now().Add(100*time.Millisecond))
	}
	require.Len(t, w.reads, 5)
	require.Equal(t, start.Add(10*time.Second), w.reads[0].begun)
	require.Equal(t, map[Trigger]int{Webhook: 5}, w.triggers())
}

func TestAClockIsReadStrictlyAfterItRanOutAndOnce(t *testing.T) {
	w := newWorld()
	th := w.settled(1, ago(1000*hour))
	th.clockDue = start.Add(minute)
	w.run(t, w.poller(defaults()), start.Add(hour))
	require.Len(t, w.reads, 1)
	require.Equal(t, ByClock, w.reads[0].trigger)
	require.True(t, w.reads[0].begun.After(th.clockDue))
	require.Less(t, w.reads[0].begun.Sub(th.clockDue), time.Second)
}

// A due read without a cause that waits for its turn goes first as soon as a clock runs
// out meanwhile.
func TestAClockThatRunsOutMakesAWaitingReadUrgent(t *testing.T) {
	w := newWorld()
	w.cost = 100 * time.Millisecond
	for id := range int64(2000) {
		w.settled(id+1, ago(1000*hour)).readAt = ago(8 * hour)
	}
	th := w.settled(5000, ago(1000*hour))
	th.readAt, th.clockDue = ago(7*hour), start.Add(minute)
	w.run(t, w.poller(defaults()), start.Add(2*minute))
	i := slices.IndexFunc(w.reads, func(r reading) bool { return r.id == 5000 })
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, ByClock, w.reads[i].trigger)
	require.LessOrEqual(t, w.reads[i].begun.Sub(th.clockDue), time.Second)
}

func TestLooksFillTheirRequests(t *testing.T) {
	w := newWorld()
	for id := range int64(120) {
		th := w.settled(id+1, ago(1000*hour))
		th.lookedAt = ago(minute)
	}
	recent := w.settled(500, ago(100*time.Second))
	w.things[1].lookedAt = ago(16 * minute)
	var asked [][]int64
	w.listFails = func(q apiclient.ListQuery) error {
		require.Equal(t, apiclient.PageSize, q.Take)
		asked = append(asked, q.TicketIDs)
		return nil
	}
	w.run(t, w.poller(defaults()), start.Add(time.Second))
	require.Len(t, asked, 1)
	require.Len(t, asked[0], 50)
	require.Equal(t, int64(1), asked[0][0])
	require.NotContains(t, asked[0], recent.id, "the interval since its last look is not over")
}

func TestLagTellsHowOverdueTheMostOverdueIs(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour))
	p := w.poller(defaults())
	_, ok := p.NextDue()
	require.True(t, ok)
	require.Zero(t, p.Lag())
	w.clock.Set(start.Add(20 * minute))
	require.Equal(t, 5*minute, p.Lag(), "the look")
	w.logFails = func(int64) error { return serverError() }
	w.listFails = func(apiclient.ListQuery) error { return serverError() }
	w.run(t, p, start.Add(10*hour))
	require.Equal(t, 10*hour-15*minute, p.Lag(), "what fails is overdue since it first fell due")
	w.logFails, w.listFails = nil, nil
	w.run(t, p, start.Add(11*hour))
	require.Zero(t, p.Lag())
}
