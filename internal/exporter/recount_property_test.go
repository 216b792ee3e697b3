package exporter

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

var (
	recounts     = flag.Int("recounts", usual(4), "how many random histories are recounted")
	recountsFrom = flag.Uint64("recounts.first", 1, "seed of the first of them; the others follow")
	seeded       = flag.Uint64("recount.seed", 0, "recount only the history of this seed")
	inboxes      = flag.Int("recount.tickets", 0, "how many tickets each history begins with; 0: a few")
)

// However the simulated team works, whenever its logs happen to be read and the exporter
// happens to be off: once everything is read, each series that speaks of time is what a
// naive recount of the logs says.
func TestTimeMetricsEqualTheRecount(t *testing.T) {
	if *seeded != 0 {
		*recounts = 1
	}
	for i := range *recounts {
		seed := *recountsFrom + uint64(i)
		if *seeded != 0 {
			seed = *seeded
		}
		t.Run(fmt.Sprintf("recount.seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			recountHistory(t, seed)
		})
	}
}

func recountHistory(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	begin := pick(rnd, time.Date(2026, 10, 12, 6, 0, 0, 0, time.UTC), time.Date(2026, 12, 14, 8, 0, 0, 0, time.UTC),
		time.Date(2027, 3, 15, 13, 0, 0, 0, time.UTC))
	now := begin.Add(time.Duration(24+rnd.IntN(240)) * time.Hour).Add(time.Duration(rnd.Int64N(int64(time.Hour))))
	tickets := *inboxes
	if tickets == 0 {
		tickets = 5 + rnd.IntN(15)
	}
	r := newRig(t, now, apitest.Options{
		Seed: rnd.Uint64(), Tickets: tickets, Hurry: pick(rnd, 0.0, 0, 5, 30), Languages: []string{"nb", "en", "sv"},
		StatusMovesActivity: rnd.IntN(2) == 0, ShuffleTies: rnd.IntN(2) == 0,
	})
	r.alive = true
	r.cost = pick(rnd, time.Millisecond, 50*time.Millisecond, 2*time.Second)
	// What departs tells no more; that is another story.
	r.sim.Fault(apitest.Fault{Endpoint: apitest.ListEndpoint, Edit: func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"isSpam":true`), []byte(`"isSpam":false`))
	}})
	r.sim.Fault(apitest.Fault{Probability: pick(rnd, 0.001, 0.05), Status: 503, Match: func(apitest.Request) bool { return !r.settling }})
	said := lists{}
	r.answer = func(a answer) { said.see(t, a) }
	offices := randomOffices(t, rnd)
	for _, o := range offices {
		o.watch(begin.Add(-time.Hour), begin.Add(90*24*time.Hour))
	}
	promises := randomPromises(rnd, offices)
	later := promises[len(promises)-1] // comes with a reload and judges all history
	promises = promises[:len(promises)-1]

	r.sim.Populate(begin, now)
	ids := r.sim.TicketIDs()
	named := rnd.IntN(3) == 0 // by their ids, some of them only later; otherwise all are discovered
	followed := func(ids []int64) string {
		if !named {
			return "tickets: {discover: [{}]}\n"
		}
		return "tickets: {ids: " + strings.ReplaceAll(fmt.Sprint(ids), " ", ", ") + "}\n"
	}
	polling := randomPolling(rnd)
	found := map[int64]time.Time{}
	r.start(polling + followed(ids[:len(ids)/2]) + slaYAML(offices, promises))
	var before samples
	for range 3 + rnd.IntN(4) {
		for range 1 + rnd.IntN(5) {
			r.pass(time.Duration(rnd.Int64N(int64(8 * time.Hour))))
			r.meddle(rnd)
		}
		switch rnd.IntN(6) {
		case 0:
			r.restart()
		case 1:
			r.outage(time.Duration(rnd.Int64N(int64(40 * time.Hour))))
		case 2:
			if len(promises) == 5 {
				promises = append(promises, later)
				if named {
					for _, id := range ids[len(ids)/2:] {
						found[id] = r.clock.Now()
					}
				}
				r.reload(polling + followed(ids) + slaYAML(offices, promises))
			}
		case 3:
			after := r.scrape()
			require.Empty(t, sunk(before, after))
			before = after
			continue
		}
		r.settle()
		got := r.scrape()
		require.Empty(t, diff(r.recount(offices, promises, said, found).want, got.counted()))
		require.Empty(t, sunk(before, got))
		if !named {
			require.Equal(t, r.sim.Recount(r.ids()...), got.events())
		}
		before = got
	}
	t.Logf("%d tickets, %d lists, %d logs", len(r.ids()), r.sim.Count(apitest.ListEndpoint), r.sim.Count(apitest.LogEndpoint))
}

func pick[T any](rnd *rand.Rand, from ...T) T { return from[rnd.IntN(len(from))] }

// meddle does with a ticket what the simulated team never does: it is completed unanswered,
// answered while it is done, or turned to the status that it has.
func (r *rig) meddle(rnd *rand.Rand) {
	ids, now := r.sim.TicketIDs(), r.clock.Now()
	id := pick(rnd, ids[max(0, len(ids)-8):]...) // the latest are the most likely to be unanswered
	by := pick(rnd, apitest.Person("client", "Anna Berg"), apitest.Person("vendor", "Ole Lind"), r.sim.Agents()[0], r.sim.Bots()[0])
	if rnd.IntN(2) == 0 {
		r.sim.Reply(id, by, now)
		return
	}
	r.sim.ChangeStatus(id, by, pick(rnd, apitest.Open, apitest.Pending, apitest.Completed), now)
}

// ids gives the followed tickets.
func (r *rig) ids() []int64 {
	var all []int64
	for _, t := range r.followed() {
		all = append(all, t.ID)
	}
	return all
}

func randomPolling(rnd *rand.Rand) string {
	interval := pick(rnd, 30, 90, 240)
	return fmt.Sprintf("poll: {interval: %dm, max_interval: %dm, read_max_interval: %dm}\n",
		interval, interval*(1+rnd.IntN(5)), interval*(1+rnd.IntN(20)))
}

func randomOffices(t *testing.T, rnd *rand.Rand) []*office {
	t.Helper()
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		require.NoError(t, err)
		return z
	}
	h := func(from, to float64) [2]int { return [2]int{int(from * 60), int(to * 60)} }
	split := [][2]int{h(8, 11.5), h(12, 16)}
	day := &office{name: "office", zone: zone("Europe/Oslo"), country: "NO", holidays: norway(), extra: []string{"2026-12-24"},
		hours: map[time.Weekday][][2]int{time.Monday: split, time.Tuesday: split, time.Wednesday: split, time.Thursday: split, time.Friday: {h(8, 15)}}}
	night := &office{name: "night", zone: zone(pick(rnd, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")),
		hours: map[time.Weekday][][2]int{}, extra: []string{"2026-10-20"}}
	for d := range 7 {
		from := rnd.IntN(24)
		night.hours[time.Weekday(d)] = [][2]int{h(float64(from), float64((from+1+rnd.IntN(22))%24))}
		if night.hours[time.Weekday(d)][0][1] == 0 {
			night.hours[time.Weekday(d)] = [][2]int{h(float64(from), 24)}
		}
	}
	return []*office{day, disjoint(night)}
}

// disjoint takes out days that the night before runs into: hours may not overlap.
func disjoint(o *office) *office {
	for d := range time.Weekday(7) {
		for _, h := range o.hours[d] {
			next := (d + 1) % 7
			if h[1] <= h[0] && len(o.hours[next]) > 0 && o.hours[next][0][0] < h[1] {
				delete(o.hours, next)
			}
		}
	}
	return o
}

func randomPromises(rnd *rand.Rand, offices []*office) []promise {
	measures := []string{"first_response", "next_response", "update", "resolution", "time_in_status",
		pick(rnd, "first_response", "resolution", "next_response", "update")}
	var all []promise
	for i, m := range measures {
		p := promise{name: fmt.Sprintf("%s_%d", m, i), measure: m, warnAt: pick(rnd, 0.25, 0.5, 0.75, 0.8),
			target: time.Duration(1+rnd.IntN(60)) * pick(rnd, time.Minute, 20*time.Minute) * 2}
		if rnd.IntN(3) > 0 {
			p.calendar = pick(rnd, offices...)
		}
		if m == "time_in_status" {
			p.status = pick(rnd, apitest.Open, apitest.Pending)
		} else if rnd.IntN(2) == 0 {
			p.pauseIn = []string{apitest.Pending}
		}
		if rnd.IntN(3) == 0 {
			p.sources = []string{"web", "chat"}
		}
		if rnd.IntN(4) == 0 {
			p.tags = []string{"vip", "bug", "refund"}
		}
		if rnd.IntN(4) == 0 {
			p.categories = []int64{33527, 33531}
		}
		all = append(all, p)
	}
	return all
}

func slaYAML(offices []*office, promises []promise) string {
	s := "sla:\n  calendars:\n"
	for _, o := range offices {
		s += o.yaml()
	}
	s += "  objectives:\n"
	for _, p := range promises {
		s += p.yaml()
	}
	return s
}

// sunk lists the counters that are lower than before.
func sunk(before, after samples) []string {
	var all []string
	for name, v := range before {
		if counter := slices.ContainsFunc([]string{"_total{", "_bucket{", "_count{", "_sum{"}, func(s string) bool {
			return strings.Contains(name, s)
		}); counter && !strings.HasPrefix(name, "socialboards_exporter_") && after[name] < v {
			all = append(all, name)
		}
	}
	return all
}
