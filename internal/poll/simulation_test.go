package poll

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

const hour, minute = time.Hour, time.Minute

// history invents a log that has an entry about once a week.
func history(random *rand.Rand, created, until time.Time) []time.Time {
	var entries []time.Time
	for at := created; at.Before(until); {
		entries = append(entries, at)
		at = at.Add(time.Duration(random.ExpFloat64() * float64(7*24*hour))).Truncate(100)
	}
	return entries
}

// inbox fills a world with tickets that were created at any time of the past month.
func inbox(tickets int, until time.Time) *world {
	w := newWorld()
	random := rand.New(rand.NewPCG(3, uint64(tickets)))
	for id := range int64(tickets) {
		created := start.Add(-time.Duration(random.Float64() * float64(30*24*hour))).Truncate(100)
		t := w.settled(id+1, history(random, created, until)...)
		t.readAt = t.readAt.Add(-time.Duration(random.Float64() * float64(hour))).Truncate(100)
		t.lookedAt = t.lookedAt.Add(-time.Duration(random.Float64() * float64(15*minute))).Truncate(100)
	}
	return w
}

func open() Selection {
	return Selection{Key: "open", Query: apiclient.ListQuery{Status: "open"}, Complete: start.Add(-5 * minute)}
}

func TestAWeekOfAnInbox(t *testing.T) {
	until := start.Add(7 * 24 * hour)
	w := inbox(1000, until)
	w.cost = 50 * time.Millisecond
	w.run(t, w.poller(defaults(open())), until)

	needed, late := 0, 0
	seconds := until.Sub(start).Seconds()
	for _, th := range w.things {
		for i, e := range th.entries {
			if e.After(start) && e.Before(until.Add(-hour)) && i > 0 {
				needed++
				if !th.readAt.After(e) {
					late++
				}
			}
		}
	}
	require.Zero(t, late, "an entry was never read")
	t.Logf("%.3f requests/s: %d lists, %d logs for %d entries", float64(w.lists+w.logs)/seconds, w.lists, w.logs, needed)
	require.Less(t, float64(w.lists+w.logs)/seconds, 0.3)
	require.Empty(t, w.failures)
}

func TestTenThousandTicketsFitIntoTheDefaultRate(t *testing.T) {
	until := start.Add(hour)
	w := inbox(10_000, until)
	w.cost = 20 * time.Millisecond
	w.run(t, w.poller(defaults(open())), until)

	rate := float64(w.lists+w.logs) / until.Sub(start).Seconds()
	t.Logf("%.3f requests/s: %d lists, %d logs", rate, w.lists, w.logs)
	require.Less(t, rate, 2.2)
}

// How late a read is must be small beside how long nothing had happened before.
func TestReadsAreLateByATenthOfTheIdleTime(t *testing.T) {
	until := start.Add(48 * hour)
	w := newWorld()
	random := rand.New(rand.NewPCG(5, 5))
	for id := range int64(40) {
		var entries []time.Time
		gap := float64(2 * minute)
		for at := start.Add(-time.Duration(random.Float64() * float64(72*hour))).Truncate(100); at.Before(until); {
			entries = append(entries, at)
			gap *= 1.3
			at = at.Add(time.Duration(gap * (0.2 + random.ExpFloat64()))).Truncate(100)
		}
		w.settled(id+1, entries...)
	}
	readOf := map[int64][]time.Time{}
	w.onRead = func(th *thing) { readOf[th.id] = append(readOf[th.id], th.readAt) }
	w.run(t, w.poller(defaults()), until)

	checked := 0
	for _, th := range w.things {
		for i := 1; i < len(th.entries); i++ {
			e := th.entries[i]
			if e.Before(start) || e.After(until.Add(-hour)) {
				continue
			}
			checked++
			idle := e.Sub(th.entries[i-1])
			longest := max(30*time.Second, min(idle/8, 15*minute)) + 31*time.Second
			for _, at := range readOf[th.id] {
				if !at.Before(e) {
					require.LessOrEqual(t, at.Sub(e), longest, "ticket %d, idle for %s", th.id, idle)
					break
				}
			}
		}
	}
	require.Greater(t, checked, 100)
}

// Waiting a tenth of the idle time makes the number of looks grow with the logarithm of
// the age, until the longest wait is reached.
func TestLooksGrowWithTheLogarithmOfTheAge(t *testing.T) {
	set := defaults()
	set.MaxInterval, set.ReadMaxInterval = 1000*hour, 1000*hour
	w := newWorld()
	w.settled(1, start)
	p := w.poller(set)
	var looks []int
	age := hour
	for range 6 {
		w.run(t, p, start.Add(age))
		looks = append(looks, w.looks)
		age *= 2
	}
	each := math.Log(2) / math.Log(1.1) // looks from one age to twice that age
	for i := 1; i < len(looks); i++ {
		require.InDelta(t, each, looks[i]-looks[i-1], 2, "%v", looks)
	}
}

func TestAnIdleTicketIsReadFourTimesADayAndOnceToItsEnd(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-2000*hour))
	w.run(t, w.poller(defaults()), start.Add(10*24*hour+minute))
	toEnd := 0
	for _, r := range w.reads {
		require.Equal(t, Due, r.trigger)
		if r.toEnd {
			toEnd++
		}
	}
	require.Len(t, w.reads, 40)
	require.Equal(t, 10, toEnd)
}

func TestADoneTicketIsFollowedForAsLongAsConfigured(t *testing.T) {
	w := newWorld()
	th := w.settled(1, start.Add(-hour))
	th.done, th.doneSince = true, start.Add(-hour)
	w.run(t, w.poller(defaults()), start.Add(90*24*hour-hour-minute))
	require.Empty(t, w.expired)
	require.Less(t, w.looks+w.logs, 300)
	w.run(t, w.poller(defaults()), start.Add(90*24*hour))
	require.Equal(t, []int64{1}, w.expired)
}

func TestATicketThatLivesAgainDuringADowntimeIsNotGivenUp(t *testing.T) {
	w := newWorld()
	th := w.settled(1, start, start.Add(95*24*hour))
	th.done, th.doneSince = true, start
	w.clock.Set(start.Add(100 * 24 * hour))
	w.run(t, w.poller(defaults()), start.Add(101*24*hour))
	require.Empty(t, w.expired)
	require.NotEmpty(t, w.reads)
}

func TestDiscoveryTakesUpWhatTheListShows(t *testing.T) {
	w := newWorld()
	for id := range int64(500) {
		w.add(id+1, start.Add(-time.Duration(id)*hour)).followed = false
	}
	late := w.add(1000, start.Add(2*hour))
	late.followed = false
	w.cost = 100 * time.Millisecond
	p := w.poller(defaults(Selection{Key: "open", Query: apiclient.ListQuery{Status: "open"}}))
	w.run(t, p, start.Add(hour))
	for id := range int64(500) {
		require.False(t, w.things[id+1].readAt.IsZero(), "ticket %d was not read", id+1)
	}
	require.Zero(t, w.unread())
	require.False(t, late.followed)
	w.run(t, p, start.Add(2*hour+minute))
	require.True(t, late.followed, "newest activity is read every interval")
	require.False(t, late.readAt.IsZero())
	require.Equal(t, 9, w.selectionsRead, "at first, and every max_interval")
}

func TestADifferenceInAListMakesAReadDue(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-hour), start.Add(10*time.Second))
	w.run(t, w.poller(defaults(open())), start.Add(2*minute))
	require.NotEmpty(t, w.reads)
	require.Equal(t, Changed, w.reads[0].trigger)
	require.LessOrEqual(t, w.reads[0].begun.Sub(start), minute)
}
