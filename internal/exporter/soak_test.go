//go:build linux

package exporter

import (
	"bytes"
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// A month: go test ./internal/exporter -run Soak -timeout 1h -soak=720h.
var soak = flag.Duration("soak", time.Duration(usual(8))*time.Hour, "how long the exporter runs, in simulated time")

// longestLag is a restart of the API, the longest wait after failures (poll.max_interval), and
// that of the whole client.
const longestLag = 10*time.Minute + 15*time.Minute + 5*time.Minute

// weight is what an exporter takes up at a moment.
type weight struct {
	heap, tickets           int // heap in bytes: what a stop gives back
	goroutines, descriptors int
}

// However long the exporter runs, while tickets come and go, requests fail and the API is
// restarted every day: it holds no more goroutines, files and memory than its tickets
// need, no work is put off for long, and in the end it has counted what the logs hold.
func TestSoak(t *testing.T) {
	r := newRig(t, monday(), apitest.Options{Seed: 9, Tickets: 30, Hurry: 2, KeepRequests: -1})
	r.sim.Fault(apitest.Fault{Endpoint: apitest.ListEndpoint, Edit: func(body []byte) []byte { // spam departs, and tells no more
		return bytes.ReplaceAll(body, []byte(`"isSpam":true`), []byte(`"isSpam":false`))
	}})
	quiet := func(apitest.Request) bool { return !r.settling }
	r.sim.Fault(apitest.Fault{Probability: 0.01, Status: 503, Match: quiet})
	restarts := func(apitest.Request) bool {
		return quiet(apitest.Request{}) && r.clock.Now().Hour() == 2 && r.clock.Now().Minute() < 10
	}
	r.sim.Fault(apitest.Fault{Reset: true, Match: restarts})
	r.sim.Populate(monday().Add(-5*24*time.Hour), monday())
	r.alive = true
	promises := []promise{
		{name: "first", measure: "first_response", target: 4 * time.Hour, warnAt: 0.8},
		{name: "solved", measure: "resolution", target: 48 * time.Hour, warnAt: 0.8, pauseIn: []string{apitest.Pending}},
	}
	r.start("tickets: {discover: [{}]}\npoll: {interval: 10m, max_interval: 15m, done_for: 3650d}\n" + slaYAML(nil, promises))

	began := time.Now()
	r.soak(*soak / 4)
	early := r.weigh()
	r.soak(*soak * 3 / 4)
	r.settle()
	got := r.scrape()
	require.Equal(t, r.sim.Recount(), got.events())
	require.Empty(t, diff(r.recount(nil, promises, lists{}, nil).want, got.counted()))
	late := r.weigh()
	t.Logf("%v in %v: at first %+v, at last %+v", *soak, time.Since(began).Round(time.Second), early, late)
	require.Equal(t, early.goroutines, late.goroutines)
	require.Equal(t, early.descriptors, late.descriptors)
	const perTicket, slack = 2 << 10, 1 << 20
	require.Less(t, late.heap-early.heap, perTicket*(late.tickets-early.tickets)+slack)
}

// soak lets time pass, and looks in every hour.
func (r *rig) soak(d time.Duration) {
	r.t.Helper()
	var last samples
	for range int(d / time.Hour) {
		r.pass(time.Hour)
		now := r.scrape()
		require.Empty(r.t, sunk(last, now))
		require.LessOrEqual(r.t, now["socialboards_exporter_poll_lag_seconds"], longestLag.Seconds())
		require.Equal(r.t, 1.0, now["socialboards_up"])
		last = now
		r.sent = nil // what the rig remembers is no growth of the exporter's
		r.logs.Reset()
	}
}

// weigh tells what the exporter takes up, and starts it again.
func (r *rig) weigh() weight {
	r.t.Helper()
	w := weight{tickets: int(r.scrape()["socialboards_exporter_tracked_tickets"]), goroutines: runtime.NumGoroutine()}
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(r.t, err)
	w.descriptors = len(open)
	running := heap()
	r.stop()
	w.heap = running - heap()
	r.start(strings.TrimPrefix(r.yaml, api))
	return w
}

// heap is how many bytes are reachable.
func heap() int {
	runtime.GC()
	runtime.GC() // what had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
