package exporter

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

func TestADayOfTrouble(t *testing.T) {
	const day = 24 * time.Hour
	refused := func(r *rig) func() {
		r.sim.RefuseTokens(true)
		r.sim.ExpireTokens()
		return func() { r.sim.RefuseTokens(false) }
	}
	for name, tr := range map[string]trouble{
		"outage":               {begin: fault(apitest.Fault{Status: 502}), reason: "server_error"},
		"no answer":            {begin: fault(apitest.Fault{Reset: true}), reason: "unreachable"},
		"refresh token wrong":  {begin: refused, reason: "auth", said: "No token is accepted"},
		"access token refused": {begin: fault(apitest.Fault{Match: notToken, Status: 401}), reason: "auth", said: "No token is accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			tr.last, tr.most = day, 900 // one in a minute and a half
			befall(t, tr)
		})
	}
}

func notToken(r apitest.Request) bool { return r.Endpoint != apitest.TokenEndpoint }

// A 401 now and then is what tokens that end bring with them.
func TestOne401CostsOneTokenAndNoReading(t *testing.T) {
	r := working(t, 6)
	before, tokens := r.scrape(), r.sim.Count(apitest.TokenEndpoint)
	r.sim.Fault(apitest.Fault{Match: notToken, Status: 401, Times: 1})
	r.noteAll()
	r.pass(20 * time.Minute)
	got := r.scrape()
	require.Equal(t, r.sim.Recount(), got.events())
	require.Equal(t, failures(before, apiclient.Auth), failures(got, apiclient.Auth))
	require.Equal(t, tokens+1, r.sim.Count(apitest.TokenEndpoint))
	require.Equal(t, 1.0, got["socialboards_up"])
}

// Retry-After names one wait for all requests, in seconds or as a date.
func TestEveryRequestWaitsAsLongAsRetryAfterSays(t *testing.T) {
	for name, f := range map[string]apitest.Fault{
		"429 in seconds": {Status: 429, RetryAfter: "600", Times: 1},
		"503 in seconds": {Status: 503, RetryAfter: "600", Times: 1},
		"429 as a date":  {Status: 429, RetryAfter: "Mon, 02 Mar 2026 08:12:05 GMT", Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := working(t, 6)
			r.noteAll()
			r.sim.Fault(f)
			r.sent = nil
			r.pass(20 * time.Minute)
			require.GreaterOrEqual(t, r.sent[1].Sub(r.sent[0]), 9*time.Minute)
			got := r.scrape()
			require.Equal(t, r.sim.Recount(), got.events())
			require.InDelta(t, 600, got["socialboards_exporter_api_throttled_seconds_total"], 30)
			require.Equal(t, 1.0, got["socialboards_up"])
		})
	}
}

// The host's clock is set while the API's goes on.
func TestTheHostsClockJumps(t *testing.T) {
	for name, by := range map[string]time.Duration{"forward a day": 24 * time.Hour, "back an hour": -time.Hour, "back a year": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			r := working(t, 8)
			for _, jump := range []time.Duration{by, -by} { // it is mended later
				before := r.scrape()
				r.clock.Set(r.clock.Now().Add(jump))
				r.ahead += jump
				r.sent = nil
				for i, id := range r.sim.TicketIDs() {
					r.sim.Note(id, r.sim.Agents()[i%3], r.sim.Now())
				}
				r.pass(20 * time.Minute)
				got := r.scrape()
				require.Equal(t, r.sim.Recount(), got.events())
				require.Equal(t, 1.0, got["socialboards_up"])
				require.Equal(t, 1.0, got["socialboards_exporter_ready"])
				require.Less(t, got["socialboards_exporter_poll_lag_seconds"], 60.0)
				// No ticket is read, and no list, more often than at each interval.
				require.LessOrEqual(t, len(r.sent), (8+2)*40+20)
				for name, v := range got {
					if strings.Contains(name, "_seconds_sum") || strings.Contains(name, "_total") {
						require.GreaterOrEqual(t, v, max(0, before[name]), name)
					}
				}
			}
		})
	}
}

// An answer that came during an outage is not a breach, however late it is read.
func TestAnOutageMakesNoBreach(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	s.start(exposed)
	s.pass(time.Minute)
	answered, forgotten := s.created(apitest.Ticket{}), s.created(apitest.Ticket{})
	s.pass(2 * time.Minute)
	before := s.scrape()
	end := s.sim.Fault(apitest.Fault{Status: 502})
	s.endure(10 * time.Minute)
	s.answers(answered)
	s.endure(24 * time.Hour)
	const clocks, breaches = "socialboards_sla_clocks_total", "socialboards_sla_breaches_total"
	objective := []string{"objective", "first_response"}
	require.Equal(t, before[series(clocks, objective...)], s.scrape()[series(clocks, objective...)], "nothing is certain yet")
	end()
	s.pass(19 * time.Minute)
	got := s.scrape()
	require.Equal(t, before[series(clocks, objective...)]+2, got[series(clocks, objective...)])
	require.Equal(t, before[series(breaches, objective...)]+1, got[series(breaches, objective...)], "of one ticket alone")
	require.Contains(t, got, series("socialboards_ticket_sla_due_timestamp_seconds", "ticket_id", itoa(forgotten), objective[0], objective[1]))
}

// Lists may show tickets twice or not at all, and give more than was asked for.
func TestListsThatCannotBeTrustedLoseNothing(t *testing.T) {
	for name, o := range map[string]apitest.Options{
		"repeat":            {RepeatInLists: 0.4},
		"drop":              {OmitFromLists: 0.4},
		"ignore take":       {IgnoreTake: true},
		"ignore ticketIds":  {IgnoreTicketIDs: true},
		"ignore the order":  {IgnoreOrder: true},
		"short for no need": {ShortPages: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Seed = 3
			r := newRig(t, monday(), o)
			var ids []string
			for range 60 {
				id := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), monday().Add(-time.Hour))
				ids = append(ids, itoa(id))
			}
			r.start("tickets: {ids: [" + strings.Join(ids, ", ") + "]}\n")
			r.pass(time.Minute)
			r.noteAll()
			r.pass(10 * time.Minute)
			got := r.scrape()
			require.Equal(t, r.sim.Recount(), got.events())
			require.Equal(t, 60.0, got["socialboards_exporter_tracked_tickets"], "none is thought to be gone")
		})
	}
}

// Nothing is skipped, and nothing shown as counted, because all requests fail.
func TestTroubleFromTheStartMakesNothingReady(t *testing.T) {
	for name, f := range map[string]apitest.Fault{
		"outage": {Status: 502}, "refused": {Match: notToken, Status: 401}, "throttled": {Status: 429},
		"HTML with 200": {HTML: true}, "truncated": {Truncate: true}, "logs break off": {Endpoint: apitest.LogEndpoint, ResetBody: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := inhabited(t, 8)
			end := r.sim.Fault(f)
			r.start(exposed)
			r.endure(time.Hour)
			during := r.scrape()
			require.Equal(t, 0.0, during["socialboards_exporter_ready"])
			require.Equal(t, 0.0, during["socialboards_up"])
			require.NotContains(t, r.exposition(""), "socialboards_ticket_events_total", "absent, not 0")
			end()
			r.recovers()
		})
	}
}
