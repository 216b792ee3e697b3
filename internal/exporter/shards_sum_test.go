package exporter

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// More fleets, or one again: go test ./internal/exporter -run Shards -fleets=200, or -fleet=SEED.
var (
	fleets   = flag.Int("fleets", 1, "how many random fleets of shards are compared with one process")
	oneFleet = flag.Uint64("fleet", 0, "seed of the only fleet to compare")
)

const promised = `
poll: {interval: 5m, max_interval: 30m, read_max_interval: 1h, done_max_interval: 4h}
sla:
  calendars: {office: {timezone: Europe/Oslo, hours: {mon-fri: ["08:00-12:00", "12:30-16:00"]}}}
  objectives:
    - {name: first, measure: first_response, target: 2h, calendar: office}
    - {name: next, measure: next_response, target: 1h}
    - {name: solved, measure: resolution, target: 1d, pause_in: [pending]}
    - {name: waiting, measure: time_in_status, status: pending, target: 5h}
`

// crew gives a team that has worked for a while and goes on, and exporters to follow it.
func crew(t *testing.T, seed uint64, size int) (fleet, *rand.Rand) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 7))
	now := time.Date(2026, 10, 13, 9, 0, 0, 0, time.UTC).Add(time.Duration(rnd.IntN(48)) * time.Hour)
	r := newRig(t, now, apitest.Options{Seed: seed, Tickets: 6, Hurry: 2})
	r.alive, r.cost = true, time.Millisecond
	r.sim.Populate(now.Add(-48*time.Hour), now)
	notSpam(r.sim)
	return newFleet(r, size), rnd
}

// notSpam keeps the tickets: what departs tells no more, which is another story.
func notSpam(sim *apitest.Server) {
	for _, id := range sim.TicketIDs() {
		sim.Update(id, func(ticket *apitest.Ticket) { ticket.Spam = false })
	}
}

// eachFleet runs a test for each seed.
func eachFleet(t *testing.T, test func(*testing.T, uint64)) {
	t.Helper()
	for i := range *fleets {
		seed := uint64(i) + 1
		if *oneFleet != 0 {
			seed = *oneFleet
		}
		t.Run(fmt.Sprintf("fleet=%d", seed), func(t *testing.T) {
			t.Parallel()
			test(t, seed)
		})
	}
}

// Three shards, whenever each is restarted, add up to exactly what one process shows, and
// the replica of one shows what that one does: counters, histograms with each of their
// buckets and sums, gauges.
func TestShardsAddUpToOneProcess(t *testing.T) {
	eachFleet(t, func(t *testing.T, seed uint64) {
		f, rnd := crew(t, seed, 5)
		one, shards, replica := f[0], f[1:4], f[4]
		one.begin(0, 1, time.Time{}, promised)
		for i, r := range shards {
			r.begin(i, len(shards), time.Time{}, promised)
		}
		replica.begin(1, len(shards), time.Time{}, promised)
		for range 2 {
			f.pass(time.Duration(rnd.Int64N(int64(6 * time.Hour))))
			notSpam(one.sim)
			f[rnd.IntN(len(f))].restart()
			f.settle()
			shown(t, one.whole(), shards.sums())
			shown(t, shards[1].whole(), replica.whole())
		}
		require.NotZero(t, one.scrape().clocks())
	})
}

// clocks adds up the clocks of all objectives that have come to an outcome.
func (s samples) clocks() (n float64) {
	for name, v := range s {
		if strings.HasPrefix(name, "socialboards_sla_clocks_total{") {
			n += v
		}
	}
	return n
}

// From two shards to three, and to one: whenever each takes part in it, the sums go on as
// those of one process that was left alone. Who gives tickets away has to know of the
// agreed instant beforehand, who gets them need not.
func TestResizedShardsAddUpToOneProcess(t *testing.T) {
	eachFleet(t, func(t *testing.T, seed uint64) {
		f, rnd := crew(t, seed, 4)
		one, shards := f[0], f[1:]
		one.begin(0, 1, time.Time{}, promised)
		shards[0].begin(0, 2, time.Time{}, promised)
		shards[1].begin(1, 2, time.Time{}, promised)
		f.pass(2 * time.Hour)
		later := func(longest time.Duration) { f.pass(time.Duration(rnd.Int64N(int64(longest)))) }
		resize := func(total int, members []int) (since time.Time) {
			since = one.clock.Now().Add(2 * time.Hour).Truncate(time.Second)
			for _, i := range rnd.Perm(len(members)) {
				later(50 * time.Minute / time.Duration(len(members)) * 2)
				shards[members[i]].stop()
				shards[members[i]].begin(members[i], total, since, promised)
			}
			return since
		}
		compare := func() {
			f.settle()
			shown(t, one.whole(), shards.sums())
		}

		since := resize(3, []int{0, 1})
		later(3 * time.Hour)
		shards[2].begin(2, 3, since, promised) // before or after it
		f.until(since)
		notSpam(one.sim)
		f.until(since.Add(3 * time.Hour))
		compare()

		since = resize(1, []int{0, 1, 2}) // two of them leave
		f.until(since)
		notSpam(one.sim)
		later(8 * time.Hour)
		compare()
		for _, left := range shards[1:] {
			require.Zero(t, left.scrape()["socialboards_exporter_tracked_tickets"])
		}
	})
}
