package apiclient_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// rig is a client that speaks to a simulated Socialboards over HTTP, both by a clock on
// which waiting takes no time.
type rig struct {
	*apiclient.Client
	server  *apitest.Server
	clock   *clock.Fake
	options apiclient.Options
	seen    *seen
	logged  *bytes.Buffer
}

func newRig(t *testing.T, server apitest.Options, change ...func(*apiclient.Options)) *rig {
	t.Helper()
	r := &rig{clock: clock.NewJumping(start), seen: &seen{codes: map[string]int{}}, logged: &bytes.Buffer{}}
	server.Now = r.clock.Now
	r.server = apitest.Start(t, server)
	r.options = apiclient.Options{
		BaseURL:           r.server.URL() + "/",
		ClientID:          r.server.ClientID(),
		RefreshToken:      func() (string, error) { return r.server.RefreshToken() + "\n", nil },
		RequestsPerSecond: 1e6,
		Burst:             1e6,
		Clock:             r.clock,
		Observer:          r.seen,
		Logger:            slog.New(slog.NewTextHandler(r.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&r.options)
	}
	r.open(t)
	return r
}

// open makes the client anew, as a restart would.
func (r *rig) open(t *testing.T) {
	t.Helper()
	c, err := apiclient.New(r.options)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	r.Client = c
}

func (r *rig) ticket(entries ...apitest.Entry) int64 {
	id := r.server.AddTicket(apitest.Ticket{Created: start.Add(-time.Hour)})
	r.server.Append(id, entries...)
	return id
}

// must is a request that has to succeed.
func (r *rig) must(t *testing.T) {
	t.Helper()
	_, err := r.List(t.Context(), apiclient.ListQuery{})
	require.NoError(t, err)
}

// fails is a request that has to fail.
func (r *rig) fails(t *testing.T) *apiclient.Error {
	t.Helper()
	_, err := r.List(t.Context(), apiclient.ListQuery{})
	var e *apiclient.Error
	require.ErrorAs(t, err, &e)
	return e
}

// passed tells how far the clock went meanwhile.
func (r *rig) passed(during func()) time.Duration {
	begun := r.clock.Now()
	during()
	return r.clock.Now().Sub(begun)
}

// seen is an Observer that remembers.
type seen struct {
	mu        sync.Mutex
	codes     map[string]int // endpoint and code
	judged    []string       // endpoint and whether its answer was right
	throttled time.Duration
	refused   []bool // changes only
}

func (s *seen) RequestDone(endpoint apiclient.Endpoint, code string, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[string(endpoint)+" "+code]++
}

func (s *seen) Answered(endpoint apiclient.Endpoint, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judged = append(s.judged, fmt.Sprint(endpoint, " ", ok))
}

func (s *seen) Throttled(wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttled += wait
}

func (s *seen) TokenRefused(refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.refused); n == 0 || s.refused[n-1] != refused {
		s.refused = append(s.refused, refused)
	}
}

func TestTheDocumentedSamples(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	require.NoError(t, r.server.ServeTokenSample(apitest.Sample("token.response.json")))
	require.NoError(t, r.server.ServeSample(1, apitest.Sample("get-ticket-log.en.response.json")))
	require.NoError(t, r.server.ServeSample(2, apitest.Sample("get-ticket-log.nb.response.json")))

	log, err := r.ReadLog(t.Context(), 1, apiclient.LogQuery{})
	require.NoError(t, err)
	require.True(t, log.ReachedEnd)
	require.Equal(t, start, log.Begun)
	require.Len(t, log.Entries, 5)
	agent := &apiclient.User{ID: "841c30d5-6ae4-4df1-939e-04c55aed5e98", Name: "Garrick Ollivander", Status: "team"}
	require.Equal(t, apiclient.Entry{
		Time:       time.Date(2023, 12, 13, 22, 11, 52, 903135100, time.UTC),
		ActionType: "ticket_status_changed",
		Action:     `changed the status from "Open" to "Pending"`,
		User:       agent,
	}, log.Entries[0])
	require.Equal(t, time.Date(2023, 8, 3, 17, 39, 35, 10_000_000, time.UTC), log.Entries[4].Time)
	require.Equal(t, "client", log.Entries[4].User.Status)

	log, err = r.ReadLog(t.Context(), 2, apiclient.LogQuery{})
	require.NoError(t, err)
	require.Equal(t, `endret sakens status fra "På vent" til "Åpen"`, log.Entries[1].Action)

	require.NoError(t, r.server.ServeListSample(apitest.Sample("list-tickets.response.json")))
	tickets, err := r.List(t.Context(), apiclient.ListQuery{TicketIDs: []int64{255762}})
	require.NoError(t, err)
	at := time.Date(2023, 12, 6, 14, 42, 7, 788825200, time.UTC)
	require.Equal(t, []apiclient.Ticket{{
		ID: 255762, Status: "open", Source: "web", Created: at, LastActivity: at,
		Properties: "ticket.isMuted=false hasAttachments=true hasDraft=false isAnonymized=false isAssignedToBot=false isDeleted=false " +
			"isExpired=false isHidden=false isLocked=false isMuted=false isSensitive=false isSpam=false",
	}}, tickets)
}

func TestRequestsSayWhatTheDocumentationAsksFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	id := r.ticket()
	_, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
	require.NoError(t, err)
	for _, q := range []apiclient.ListQuery{
		{},
		{TicketIDs: []int64{3, 1}, Skip: 50, Take: 20, Status: "open", Source: "web", CategoryID: 7, OrderBy: apiclient.NewestActivityFirst},
		{Uncategorized: true, CustomFields: []apiclient.CustomField{{Key: 18464, Value: "Option 2"}}, CreatedFrom: time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))},
	} {
		_, err := r.List(t.Context(), q)
		require.NoError(t, err)
	}
	requests := r.server.Requests()
	var got []string
	for _, q := range requests {
		got = append(got, strings.TrimSuffix(strings.Join([]string{q.Method, q.Path, q.Query, q.Body}, " "), " "))
		require.Equal(t, "socialboards_exporter", q.UserAgent)
		if q.Endpoint != apitest.TokenEndpoint {
			require.Equal(t, "application/json", q.ContentType)
		}
	}
	logPath := strings.Replace("/tickets/ID/log", "ID", strconv.FormatInt(id, 10), 1)
	require.Equal(t, "POST "+logPath+` take=50&skip=0 {"action_types":[]}`, got[1])
	require.Equal(t, `POST /tickets/list  {"take":50}`, got[len(got)-3])
	require.Equal(t, `POST /tickets/list  {"categoryId":7,"orderBy":"last_thread_activity_desc","skip":50,"source":"web","status":"open","take":20,"ticketIds":[3,1]}`, got[len(got)-2])
	require.Equal(t, `POST /tickets/list  {"categoryId":null,"customFields":[{"key":18464,"value":"Option 2"}],"from":"2026-01-02T03:04:05.0000006+01:00","take":50}`, got[len(got)-1])
	require.Equal(t, "POST", requests[0].Method)
	require.Equal(t, "/token", requests[0].Path)
	require.Empty(t, requests[0].Authorization)
	require.Contains(t, requests[0].Body, "grant_type=refresh_token")
}

func TestListsByIDGiveOnlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]apitest.Options{
		"ids ignored": {IgnoreTicketIDs: true}, "repeated": {RepeatInLists: 1}, "obedient": {},
	} {
		r := newRig(t, o)
		first, second := r.ticket(), r.ticket()
		r.ticket()
		tickets, err := r.List(t.Context(), apiclient.ListQuery{TicketIDs: []int64{second, first, 99}})
		require.NoError(t, err, name)
		var ids []int64
		for _, ticket := range tickets {
			ids = append(ids, ticket.ID)
		}
		require.ElementsMatch(t, []int64{first, second}, ids, name)
	}
}

func TestWhatGoesWrongHasAKind(t *testing.T) {
	t.Parallel()
	const quoted = "what a customer wrote"
	tests := []struct {
		name   string
		fault  apitest.Fault
		kind   apiclient.Kind
		status int
		code   string // as the observer is told
	}{
		{"400", apitest.Fault{Status: 400, Body: quoted}, apiclient.ServerError, 400, "400"},
		{"403", apitest.Fault{Status: 403, Body: quoted}, apiclient.ServerError, 403, "403"},
		{"404", apitest.Fault{Status: 404, Body: quoted}, apiclient.NotFound, 404, "404"},
		{"429", apitest.Fault{Status: 429}, apiclient.Throttled, 429, "429"},
		{"500", apitest.Fault{Status: 500, Body: quoted}, apiclient.ServerError, 500, "500"},
		{"503", apitest.Fault{Status: 503}, apiclient.ServerError, 503, "503"},
		{"503 that says when", apitest.Fault{Status: 503, RetryAfter: "3"}, apiclient.Throttled, 503, "503"},
		{"500 that says when", apitest.Fault{Status: 500, RetryAfter: "3"}, apiclient.ServerError, 500, "500"},
		{"204", apitest.Fault{Status: 204}, apiclient.BadAnswer, 204, "204"},
		{"redirect", apitest.Fault{Redirect: "http://elsewhere.invalid/" + quoted}, apiclient.BadAnswer, 307, "307"},
		{"errorCode", apitest.Fault{ErrorCode: 12}, apiclient.BadAnswer, 200, "200"},
		{"HTML", apitest.Fault{HTML: true}, apiclient.BadAnswer, 200, "200"},
		{"text", apitest.Fault{NonJSON: true}, apiclient.BadAnswer, 200, "200"},
		{"another shape", apitest.Fault{Body: `{"data":"` + quoted + `"}`}, apiclient.BadAnswer, 200, "200"},
		{"nothing", apitest.Fault{EmptyBody: true}, apiclient.BadAnswer, 200, "200"},
		{"cut short", apitest.Fault{Truncate: true}, apiclient.BadAnswer, 200, "200"},
		{"shorter than told", apitest.Fault{WrongLength: true}, apiclient.BadAnswer, 0, "none"},
		{"reset at once", apitest.Fault{Reset: true}, apiclient.Unreachable, 0, "none"},
		{"reset in the midst", apitest.Fault{ResetBody: true}, apiclient.Unreachable, 0, "none"},
		{"slow to begin", apitest.Fault{SlowHeaders: time.Minute}, apiclient.Timeout, 0, "none"},
		{"slow to end", apitest.Fault{SlowBody: time.Minute}, apiclient.Timeout, 0, "none"},
		{"too large", apitest.Fault{Padding: 17 << 20}, apiclient.TooLarge, 200, "200"},
		{"too large when unpacked", apitest.Fault{GzipBomb: true}, apiclient.TooLarge, 200, "200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, apitest.Options{}, func(o *apiclient.Options) {
				if tt.kind == apiclient.Timeout {
					o.Timeout = 50 * time.Millisecond
				}
			})
			id := r.ticket(apitest.Entry{Time: start, Type: "x", Action: quoted})
			tt.fault.Endpoint = apitest.LogEndpoint
			r.server.Fault(tt.fault)
			_, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
			var e *apiclient.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind, err)
			require.Equal(t, tt.status, e.Status)
			if tt.fault.ErrorCode != 0 {
				require.Equal(t, tt.fault.ErrorCode, e.Code)
			}
			require.GreaterOrEqual(t, e.Code, 0)
			require.Equal(t, apiclient.LogEndpoint, e.Endpoint)
			require.Equal(t, id, e.Ticket)
			require.Equal(t, map[string]int{"token 200": 1, "log " + tt.code: 1}, r.seen.codes)
			judged := []string{"token true", "log false"}
			if tt.kind == apiclient.NotFound {
				judged = judged[:1] // the endpoint may be well
			}
			require.Equal(t, judged, r.seen.judged)
			require.NotContains(t, err.Error(), quoted)
			require.NotContains(t, r.logged.String(), quoted)
			require.Equal(t, 1, r.server.Count(apitest.LogEndpoint), "nothing is tried twice")
			require.Zero(t, r.server.Count(""), "and nothing goes elsewhere")
		})
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	r.must(t)
	r.server.Close()
	r.Close()
	e := r.fails(t)
	require.Equal(t, apiclient.Unreachable, e.Kind)
	require.Equal(t, apiclient.ListEndpoint, e.Endpoint)
	require.Equal(t, 1, r.seen.codes["list none"])

	_, err := r.ReadLog(t.Context(), 5, apiclient.LogQuery{})
	require.ErrorContains(t, err, "socialboards log of ticket 5: unreachable: dial tcp 127.0.0.1")
}

func TestA404OfAListSaysThatTheAddressIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	r.server.Fault(apitest.Fault{Endpoint: apitest.ListEndpoint, Status: 404})
	require.Equal(t, apiclient.ServerError, r.fails(t).Kind)
}

func TestCallersMayGiveUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	for _, endpoint := range []string{apitest.TokenEndpoint, apitest.ListEndpoint} {
		remove := r.server.Fault(apitest.Fault{Endpoint: endpoint, SlowBody: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := r.List(ctx, apiclient.ListQuery{})
		cancel()
		var e *apiclient.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, apiclient.Canceled, e.Kind, endpoint)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		remove()
	}
	r.must(t)
	require.Equal(t, []string{"token true", "list true"}, r.seen.judged, "what was given up says nothing of the API")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := apiclient.Options{BaseURL: "https://api.example.com/v2", ClientID: "c", RefreshToken: func() (string, error) { return "t", nil }}
	c, err := apiclient.New(good)
	require.NoError(t, err)
	require.NoError(t, c.SetLimits(apiclient.Limits{Concurrency: 1}))
	require.Error(t, c.SetLimits(apiclient.Limits{RequestsPerSecond: -1}))
	for name, spoil := range map[string]func(*apiclient.Options){
		"no address":          func(o *apiclient.Options) { o.BaseURL = "" },
		"no scheme":           func(o *apiclient.Options) { o.BaseURL = "api.example.com" },
		"another scheme":      func(o *apiclient.Options) { o.BaseURL = "ftp://api.example.com" },
		"parameters":          func(o *apiclient.Options) { o.BaseURL += "?key=secret" },
		"unreadable address":  func(o *apiclient.Options) { o.BaseURL = "https://secret:%zz@x" },
		"token address":       func(o *apiclient.Options) { o.TokenURL = "/token" },
		"no client id":        func(o *apiclient.Options) { o.ClientID = "" },
		"no refresh token":    func(o *apiclient.Options) { o.RefreshToken = nil },
		"negative rate":       func(o *apiclient.Options) { o.RequestsPerSecond = -1 },
		"negative burst":      func(o *apiclient.Options) { o.Burst = -1 },
		"negative concurrent": func(o *apiclient.Options) { o.Concurrency = -1 },
		"negative timeout":    func(o *apiclient.Options) { o.Timeout = -1 },
	} {
		bad := good
		spoil(&bad)
		_, err := apiclient.New(bad)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "secret", name)
	}
}

func TestThrottlingHoldsBackEveryRequest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault apitest.Fault
		wait  time.Duration
	}{
		"429 in seconds":    {apitest.Fault{Status: 429, RetryAfter: "17"}, 17 * time.Second},
		"503 by a date":     {apitest.Fault{Status: 503, RetryAfter: start.Add(20 * time.Second).Format(http.TimeFormat)}, 20 * time.Second},
		"429 far too long":  {apitest.Fault{Status: 429, RetryAfter: "100000"}, 15 * time.Minute},
		"by the token side": {apitest.Fault{Endpoint: apitest.TokenEndpoint, Status: 429, RetryAfter: "5"}, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, apitest.Options{TokenLifetime: 24 * time.Hour})
			tt.fault.Times = 1
			r.server.Fault(tt.fault)
			if tt.fault.Endpoint == "" {
				r.server.ClearFaults()
				r.must(t) // gets the token
				r.server.Fault(tt.fault)
			}
			e := r.fails(t)
			require.Equal(t, apiclient.Throttled, e.Kind)
			require.Equal(t, tt.wait, e.RetryAfter)
			require.Equal(t, tt.wait, r.passed(func() { r.must(t) }))
			require.Equal(t, tt.wait, r.seen.throttled)
		})
	}
}

func TestAnOutageIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{TokenLifetime: 24 * time.Hour})
	r.must(t)
	remove := r.server.Fault(apitest.Fault{Status: 500})
	require.Zero(t, r.passed(func() {
		for range 10 {
			require.Equal(t, apiclient.ServerError, r.fails(t).Kind)
		}
	}))
	var last time.Duration
	for range 12 {
		waited := r.passed(func() { require.Equal(t, apiclient.ServerError, r.fails(t).Kind) })
		require.GreaterOrEqual(t, waited, min(max(time.Second, last*3/2), 5*time.Minute))
		require.LessOrEqual(t, waited, 5*time.Minute)
		last = waited
	}
	require.Equal(t, 5*time.Minute, last)
	require.Zero(t, r.seen.throttled, "nobody throttled us")
	remove()
	r.must(t)
	require.Zero(t, r.passed(func() { r.must(t) }))
}

func TestTokenRequestsArePacedToo(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{}, func(o *apiclient.Options) { o.RequestsPerSecond, o.Burst = 2, 1 })
	id := r.ticket()
	waited := r.passed(func() {
		r.must(t) // a token and a list
		_, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
		require.NoError(t, err)
	})
	require.Equal(t, time.Duration(len(r.server.Requests())-1)*time.Second/2, waited)
	require.Equal(t, 1, r.server.Count(apitest.TokenEndpoint))
}
