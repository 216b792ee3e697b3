//go:build unix

package simulation

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/poll"
)

// world is an inbox in which a team works, and what carries requests to it. Each takes 25 ms.
type world struct {
	sim       *apitest.Server
	clock     *clock.Fake
	transport http.RoundTripper
	requests  int
	lived     time.Time // up to when the team has worked
}

// newWorld is Monday's inbox, after a week of work.
func newWorld(tickets int) *world {
	w := &world{clock: clock.NewFake(start().Add(day))}
	w.sim = apitest.New(apitest.Options{Seed: 3, Tickets: tickets, KeepRequests: -1, TokenLifetime: 100 * day, Now: w.clock.Now})
	w.sim.Populate(start().Add(-6*day), w.clock.Now())
	w.transport = w.sim.Transport()
	return w
}

// RoundTrip carries a request.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if now := w.clock.Now(); now.Sub(w.lived) >= time.Second {
		w.sim.Live(now)
		w.lived = now
	}
	w.requests++
	w.clock.Advance(took)
	return w.transport.RoundTrip(r)
}

// follower follows a world.
type follower interface {
	until(b *testing.B, at time.Time)
	restart(b *testing.B, after time.Duration)
	counted(b *testing.B) map[[3]string]int // since the first start
}

// plainFollower reads every log every 30 s.
type plainFollower struct {
	*world
	poller   *plainPoller
	next     time.Time
	starting bool
	before   map[[3]string]int // by those that were stopped
}

func beginPlain(b *testing.B, w *world) follower {
	b.Helper()
	f := &plainFollower{world: w, before: map[[3]string]int{}}
	f.start()
	f.pass(b)
	return f
}

func (f *plainFollower) start() {
	f.poller, f.next, f.starting = newPlainPoller(f.sim, f.world), f.clock.Now(), true
}

func (f *plainFollower) pass(b *testing.B) {
	b.Helper()
	for _, id := range f.sim.TicketIDs() {
		f.poller.poll(b, id, f.starting)
	}
	f.starting = false
	f.next = f.next.Add(30 * time.Second)
	f.clock.Set(later(f.clock.Now(), f.next))
}

func (f *plainFollower) until(b *testing.B, at time.Time) {
	b.Helper()
	for f.clock.Now().Before(at) {
		f.pass(b)
	}
}

func (f *plainFollower) restart(b *testing.B, after time.Duration) {
	b.Helper()
	f.before = f.counted(b)
	f.clock.Advance(after)
	f.start()
}

func (f *plainFollower) counted(b *testing.B) map[[3]string]int {
	b.Helper()
	return plus(f.before, f.poller.counted(b))
}

// exporterFollower is the exporter without its web server.
type exporterFollower struct {
	*world
	parts
	dir    string
	poller *poll.Poller
}

func beginExporter(b *testing.B, w *world) follower {
	b.Helper()
	f := &exporterFollower{world: w, dir: b.TempDir()}
	f.start(b)
	for !f.recorder.Ready() {
		f.until(b, f.clock.Now().Add(time.Second))
	}
	return f
}

func (f *exporterFollower) start(b *testing.B) {
	b.Helper()
	f.parts = assemble(b, f.dir, "http://api.test", f.sim, f.world, f.clock)
	set := Defaults()
	set.Selections = []poll.Selection{{Key: "all", Complete: f.recorder.Selected("all")}}
	f.poller = poll.New(poll.Options{Source: f.client, Recorder: f.recorder, Observer: nobody{}, Clock: f.clock, Settings: set})
}

func (f *exporterFollower) until(b *testing.B, at time.Time) {
	b.Helper()
	require.NoError(b, (&api{clock: f.clock}).run(b.Context(), f.poller, at))
}

func (f *exporterFollower) restart(b *testing.B, after time.Duration) {
	b.Helper()
	require.NoError(b, f.store.Close())
	f.clock.Advance(after)
	f.start(b)
}

func (f *exporterFollower) counted(*testing.B) map[[3]string]int {
	counts := map[[3]string]int{}
	for _, c := range f.recorder.Tally().Snapshot(f.clock.Now()).Events {
		counts[c.Labels] = int(c.Value)
	}
	return counts
}

// BenchmarkSameDay lets a plain poller, and the exporter without its web server, follow the
// same inbox through the same working day, with a restart at noon that takes ten minutes. It
// tells the requests and the CPU of each, the simulated server's included, and how many
// events of each hundred it missed, and counted too many.
func BenchmarkSameDay(b *testing.B) {
	for _, test := range []struct {
		name  string
		begin func(*testing.B, *world) follower
	}{{"plain", beginPlain}, {"exporter", beginExporter}} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				sameDay(b, test.begin)
			}
		})
	}
}

func sameDay(b *testing.B, begin func(*testing.B, *world) follower) {
	b.Helper()
	w := newWorld(100)
	defer w.sim.Close()
	f := begin(b, w)
	truth, counted, requests := w.sim.Recount(), f.counted(b), w.requests
	var took spent
	took.add(b, func() {
		f.until(b, start().Add(day+12*time.Hour))
		f.restart(b, 10*time.Minute)
		f.until(b, start().Add(2*day))
	})
	w.sim.Live(w.clock.Now())
	happened := minus(w.sim.Recount(), truth)
	missed, surplus := differences(happened, minus(f.counted(b), counted))
	events := 0
	for _, n := range happened {
		events += n
	}
	b.ReportMetric(float64(w.requests-requests), "requests")
	b.ReportMetric(took.cpu.Seconds(), "cpu-s")
	b.ReportMetric(float64(events), "events")
	b.ReportMetric(100*float64(missed)/float64(events), "%-missed")
	b.ReportMetric(100*float64(surplus)/float64(events), "%-too-many")
}

func plus(x, y map[[3]string]int) map[[3]string]int {
	sum := map[[3]string]int{}
	for _, counts := range []map[[3]string]int{x, y} {
		for labels, n := range counts {
			sum[labels] += n
		}
	}
	return sum
}

func minus(x, y map[[3]string]int) map[[3]string]int {
	rest := plus(x, nil)
	for labels, n := range y {
		rest[labels] -= n
	}
	return rest
}

// differences adds up what is in want and not in got, and the other way round.
func differences(want, got map[[3]string]int) (missing, surplus int) {
	for _, n := range minus(want, got) {
		missing += max(0, n)
		surplus += max(0, -n)
	}
	return missing, surplus
}

func later(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}
