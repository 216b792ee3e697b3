package exporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/recorder"
)

const solvedInAnHour = `
poll: {interval: 5m, max_interval: 30m, read_max_interval: 1h, done_max_interval: 1h}
sla: {objectives: [{name: solved, measure: resolution, target: 1h}]}
`

// Clocks that begin under one shard and end under another count and are observed once, also
// those that are breached, or stop, at the very instant at which their tickets change hands.
func TestClocksAstrideAResize(t *testing.T) {
	for name, late := range map[string]time.Duration{"the new shard is there before": -20 * time.Minute, "it comes after": 50 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			f, since := newFleet(newRig(t, monday(), apitest.Options{Seed: 4}), 3), monday().Add(3*time.Hour)
			f.take(0)
			one, old, heir := f[0], f[1], f[2]
			one.begin(0, 1, time.Time{}, solvedInAnHour)
			old.begin(0, 1, time.Time{}, solvedInAnHour)
			f.pass(10 * time.Minute)
			f.live(since, func(at time.Time) {
				switch at {
				case since.Add(-30 * time.Minute):
					old.stop()
					old.begin(0, 2, since, solvedInAnHour)
				case since.Add(late):
					heir.begin(1, 2, since, solvedInAnHour)
				}
			})
			f.settle()
			shown(t, one.whole(), f[1:].sums())
			require.Equal(t, 5.0, heir.scrape()[series("socialboards_sla_duration_seconds_count", "objective", "solved")])
			require.Equal(t, 3.0, heir.scrape()[series("socialboards_sla_clocks_total", "objective", "solved")])
			require.Equal(t, 2.0, heir.scrape()[series("socialboards_sla_breaches_total", "objective", "solved")])

			heir.countsNoneBefore(since.Add(-20 * time.Minute))

			before := heir.whole()
			require.Empty(t, heir.rejudged(heir.yaml[len(api):]).Moved)
			shown(t, before, heir.whole())
		})
	}
}

// countsNoneBefore holds that no series of clocks says it counts one from before an instant.
func (r *rig) countsNoneBefore(at time.Time) {
	r.t.Helper()
	c, err := r.e.store.Load(r.ctx())
	require.NoError(r.t, err)
	for _, s := range c.Series {
		if s.Kind == fact.Clocks || s.Kind == fact.Breaches {
			require.GreaterOrEqual(r.t, s.Created, fact.At(at), s)
		}
	}
}

// live has tickets of the heir come and be done around an instant, and calls also with each
// moment at which something may happen.
func (f fleet) live(since time.Time, also func(at time.Time)) {
	sim := f[0].sim
	at := func(minutes int) time.Time { return since.Add(time.Duration(minutes) * time.Minute) }
	stories := []struct{ comes, done int }{
		{-120, -10}, // the former owner's from its begin to its end
		{-120, 30},  // breached there, done here
		{-120, 0},   // done at the very instant
		{-60, 30},   // breached at the very instant
		{-30, 0},    // met at the very instant
		{-20, 90},   // breached here
	}
	ids := heirlooms(len(stories))
	for m := -120; m <= 120; m += 10 {
		f.until(at(m))
		for i, s := range stories {
			if s.comes == m {
				sim.Create(apitest.Ticket{ID: ids[i]}, apitest.Person("client", "Customer"), at(m))
			}
			if s.done == m {
				sim.ChangeStatus(ids[i], sim.Agents()[0], apitest.Completed, at(m))
			}
		}
		also(at(m))
	}
}

// heirlooms gives ids of tickets that the second of two shards has.
func heirlooms(n int) (ids []int64) {
	for id := int64(1); len(ids) < n; id++ {
		if (recorder.Shard{Index: 1, Total: 2}).Owns(id) {
			ids = append(ids, id)
		}
	}
	return ids
}
