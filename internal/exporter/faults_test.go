package exporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

// trouble is something that befalls every request for a while.
type trouble struct {
	begin  func(r *rig) (end func())
	reason string        // of the reads that fail
	last   time.Duration // how long it lasts; 0: an hour
	most   int           // requests that are sent meanwhile
	said   string        // in the log; empty: that the ticket list fails, and answers again
	check  func(t *testing.T, before, during samples)
}

// fault is trouble that the simulated Socialboards makes by itself.
func fault(f apitest.Fault) func(*rig) func() {
	return func(r *rig) func() { return r.sim.Fault(f) }
}

// exposed is a configuration under which the defaults of polling hold.
const exposed = `
tickets: {discover: [{}]}
poll: {done_for: 3650d}
sla: {objectives: [{name: first_response, measure: first_response, target: 30m}]}
`

// befall lets a trouble come and go over an exporter at work, and holds it to what every
// trouble has in common: nothing is taken back or half counted, readiness stays, requests
// are few, and afterwards everything is counted, once, also after a restart.
func befall(t *testing.T, tr trouble) {
	t.Helper()
	t.Parallel()
	r := inhabited(t, 8)
	r.start(exposed)
	r.pass(2 * time.Minute)
	before := r.scrape()
	require.Equal(t, 1.0, before["socialboards_exporter_ready"])
	require.Equal(t, r.sim.Recount(), before.events())

	if tr.reason == "timeout" { // which passes in real time
		require.NoError(t, r.e.client.SetLimits(apiclient.Limits{RequestsPerSecond: 1000, Burst: 1000, Timeout: 50 * time.Millisecond}))
	}
	end, begun := tr.begin(r), r.clock.Now()
	r.noteAll()
	r.sent = nil
	if tr.last == 0 {
		tr.last = time.Hour
	}
	r.endure(tr.last)
	during := r.scrape()
	require.Equal(t, before.events(), during.events(), "half read or taken back")
	require.Equal(t, 1.0, during["socialboards_exporter_ready"])
	require.Equal(t, 0.0, during["socialboards_up"])
	reason := series("socialboards_exporter_ticket_read_failures_total", "reason", tr.reason)
	require.Greater(t, during[reason], before[reason], "reason %s", tr.reason)
	require.NotEmpty(t, r.sent, "it has given up")
	require.LessOrEqual(t, len(r.sent), tr.most, "requests in %v", r.clock.Now().Sub(begun))
	if tr.check != nil {
		tr.check(t, before, during)
	}

	end()
	r.recovers()
	if tr.said == "" {
		require.Contains(t, r.logs.String(), "the ticket list fails")
		tr.said = "the ticket list answers again"
	}
	require.Contains(t, r.logs.String(), tr.said)
	require.NotContains(t, r.logs.String(), r.sim.RefreshToken())
}

// noteAll has something happen to every ticket.
func (r *rig) noteAll() {
	for i, id := range r.sim.TicketIDs() {
		r.sim.Note(id, r.sim.Agents()[i%len(r.sim.Agents())], r.clock.Now())
	}
}

// endure lets time pass in which storing may fail, too.
func (r *rig) endure(d time.Duration) {
	r.t.Helper()
	end := r.clock.Now().Add(d)
	for steps := 0; r.clock.Now().Before(end); steps++ {
		require.Less(r.t, steps, 100_000, "the exporter hammers")
		if did, _ := r.s.poller.Step(r.ctx()); did {
			continue
		}
		due, ok := r.s.poller.NextDue()
		if !ok || due.After(end) {
			due = end
		}
		r.clock.Set(due)
	}
}

// recovers holds the exporter to what it owes when a trouble is over: it is up, and has
// counted everything, within the longest wait between two looks and a quarter of it.
func (r *rig) recovers() {
	r.t.Helper()
	r.pass(19 * time.Minute)
	got := r.scrape()
	require.Equal(r.t, 1.0, got["socialboards_up"])
	require.Equal(r.t, r.sim.Recount(), got.events())
	r.restart()
	r.pass(time.Minute)
	got = r.scrape()
	require.Equal(r.t, 1.0, got["socialboards_exporter_ready"])
	require.Equal(r.t, r.sim.Recount(), got.events())
}

// What a server does to all requests for an hour must cost few of them.
func TestTroubleOfAllRequests(t *testing.T) {
	throttled := func(t *testing.T, before, during samples) {
		t.Helper()
		const name = "socialboards_exporter_api_throttled_seconds_total"
		require.Greater(t, during[name]-before[name], 3000.0, "seconds of an hour")
	}
	for name, tr := range map[string]trouble{
		"502":                     {begin: fault(apitest.Fault{Status: 502}), reason: "server_error"},
		"connection reset":        {begin: fault(apitest.Fault{Reset: true}), reason: "unreachable"},
		"truncated body":          {begin: fault(apitest.Fault{Truncate: true}), reason: "bad_answer"},
		"wrong content length":    {begin: fault(apitest.Fault{WrongLength: true}), reason: "bad_answer"},
		"HTML with 200":           {begin: fault(apitest.Fault{HTML: true}), reason: "bad_answer"},
		"non-JSON body":           {begin: fault(apitest.Fault{NonJSON: true}), reason: "bad_answer"},
		"empty body":              {begin: fault(apitest.Fault{EmptyBody: true}), reason: "bad_answer"},
		"errorCode":               {begin: fault(apitest.Fault{ErrorCode: 12}), reason: "bad_answer"},
		"429 without Retry-After": {begin: fault(apitest.Fault{Status: 429}), reason: "throttled", check: throttled},
		"429 with Retry-After":    {begin: fault(apitest.Fault{Status: 429, RetryAfter: "120"}), reason: "throttled", check: throttled},
		"503 with Retry-After":    {begin: fault(apitest.Fault{Status: 503, RetryAfter: "120"}), reason: "throttled", check: throttled},
	} {
		t.Run(name, func(t *testing.T) {
			tr.most = 60 // about 30 are usual
			befall(t, tr)
		})
	}
}
