package exporter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

func failures(s samples, reason apiclient.Kind) float64 {
	return s[series("socialboards_exporter_ticket_read_failures_total", "reason", string(reason))]
}

// working gives an exporter that has counted all of some tickets.
func working(t *testing.T, tickets int) *rig {
	t.Helper()
	t.Parallel()
	r := inhabited(t, tickets)
	r.start(exposed)
	r.pass(2 * time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
	return r
}

// One ticket whose log cannot be read costs the others nothing, and few requests.
func TestTroubleOfOneTicket(t *testing.T) {
	for name, c := range map[string]struct {
		fault  apitest.Fault
		reason apiclient.Kind
	}{
		"500":             {apitest.Fault{Status: 500}, apiclient.ServerError},
		"errorCode":       {apitest.Fault{ErrorCode: 7}, apiclient.BadAnswer},
		"HTML with 200":   {apitest.Fault{HTML: true}, apiclient.BadAnswer},
		"body over 16 MB": {apitest.Fault{Padding: 16 << 20}, apiclient.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			r := working(t, 6)
			ids := r.sim.TicketIDs()
			ill, others := ids[0], ids[1:]
			before := r.scrape().events()
			c.fault.Endpoint, c.fault.Ticket = apitest.LogEndpoint, ill
			end := r.sim.Fault(c.fault)
			asked := 0
			r.sim.Fault(apitest.Fault{Match: func(req apitest.Request) bool {
				if req.Ticket == ill {
					asked++
				}
				return false
			}, Status: 500})
			counted := r.sim.Recount(ill)
			r.noteAll()
			r.pass(20 * time.Minute)
			during := r.scrape()
			require.Equal(t, sum(counted, r.sim.Recount(others...)), during.events())
			require.NotEqual(t, before, during.events())
			require.Equal(t, 1.0, during["socialboards_up"], "it is one ticket's affair")
			require.Positive(t, failures(during, c.reason))
			require.LessOrEqual(t, asked, 20)
			end()
			r.recovers()
		})
	}
}

func TestATicketThatIsGoneDeparts(t *testing.T) {
	r := working(t, 6)
	ids := r.sim.TicketIDs()
	before := r.scrape()
	require.Equal(t, float64(len(ids)), before["socialboards_exporter_tracked_tickets"])
	r.sim.Delete(ids[0])
	r.endure(time.Hour)
	during := r.scrape()
	require.Equal(t, before.events(), during.events(), "what was counted stays")
	require.Equal(t, float64(len(ids)-1), during["socialboards_exporter_tracked_tickets"])
	require.Equal(t, 1.0, during["socialboards_up"])
	for name := range during {
		require.NotContains(t, name, fmt.Sprintf(`ticket_id="%d"`, ids[0]), "its series end")
	}
}

func TestA404OfALogIsCountedAndEndsItsReads(t *testing.T) {
	r := working(t, 6)
	id := r.sim.TicketIDs()[0]
	r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Ticket: id, Status: 404})
	r.noteAll()
	r.pass(time.Hour)
	during := r.scrape()
	require.Equal(t, 1.0, failures(during, apiclient.NotFound), "once is enough")
	require.Equal(t, 1.0, during["socialboards_up"])
	require.Equal(t, 5.0, during["socialboards_exporter_tracked_tickets"])
}

// edited changes what a ticket's log, or the list, answers.
func edited(endpoint string, old, with string) apitest.Fault {
	return apitest.Fault{Endpoint: endpoint, Edit: func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(old), []byte(with))
	}}
}

// Answers may hold what the documentation does not show. That is no failure, and what
// they say besides is counted.
func TestOddAnswersAreNoFailure(t *testing.T) {
	for name, f := range map[string][]apitest.Fault{
		"unknown fields": {edited(apitest.LogEndpoint, `"actionType"`, `"new":{"deep":[1,null]},"actionType"`),
			edited(apitest.ListEndpoint, `"status"`, `"new":[{}],"status"`)},
		"nulls": {edited(apitest.LogEndpoint, `"includedItems":{`, `"includedItems":null,"unused":{`),
			edited(apitest.ListEndpoint, `"tags":[`, `"tags":null,"unused":[`)},
		"duplicate keys": {edited(apitest.LogEndpoint, `"actionType"`, `"actionType":"other","actionType"`),
			edited(apitest.LogEndpoint, `{"data"`, `{"data":[],"data"`), edited(apitest.ListEndpoint, `"id":`, `"id":1,"id":`)},
		"byte order mark": {edited("", `{"data"`, "\xef\xbb\xbf"+`{"data"`)},
	} {
		t.Run(name, func(t *testing.T) {
			r := working(t, 6)
			before := r.scrape()
			for _, fault := range f {
				r.sim.Fault(fault)
			}
			r.noteAll()
			r.pass(20 * time.Minute)
			got := r.scrape()
			require.Equal(t, r.sim.Recount(), got.events())
			require.Equal(t, 1.0, got["socialboards_up"])
			for _, reason := range []apiclient.Kind{apiclient.BadAnswer, apiclient.Unstable} {
				require.Equal(t, failures(before, reason), failures(got, reason), reason)
			}
		})
	}
}

func TestAnEntryWithoutATimeCostsOnlyItself(t *testing.T) {
	r := working(t, 6)
	id := r.sim.TicketIDs()[0]
	counted := r.sim.Recount()
	for _, action := range []string{"readable", "unreadable"} {
		r.sim.Append(id, apitest.Entry{Time: r.clock.Now(), Type: action, User: r.sim.Agents()[0]})
	}
	damaged := false
	timed := regexp.MustCompile(`("actionType":"unreadable"[^{]*(?:{[^}]*}[^{]*)?"time":")`)
	r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Ticket: id, Edit: func(body []byte) []byte {
		damaged = damaged || timed.Match(body)
		return timed.ReplaceAll(body, []byte("${1}in March "))
	}})
	require.True(t, r.e.Notify(id))
	r.pass(2 * time.Second)
	require.True(t, damaged)
	got := r.scrape()
	require.Equal(t, sum(counted, map[[3]string]int{{"readable", r.sim.Agents()[0].ID, "team"}: 1}), got.events())
	require.Equal(t, 1.0, got["socialboards_up"])
}

func TestAnEmptyAccountIsReady(t *testing.T) {
	t.Parallel()
	r := newRig(t, monday(), apitest.Options{})
	r.start(exposed)
	r.pass(time.Minute)
	got := r.scrape()
	require.Equal(t, 1.0, got["socialboards_exporter_ready"])
	require.Equal(t, 1.0, got["socialboards_up"])
	require.Empty(t, got.events())
}

// A server that ignores take shows a long log at once.
func TestTenThousandEntriesOnOnePage(t *testing.T) {
	t.Parallel()
	r := newRig(t, monday(), apitest.Options{IgnoreTake: true})
	begun := monday().Add(-30 * 24 * time.Hour)
	id := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), begun)
	entries := make([]apitest.Entry, 10_000)
	for i := range entries {
		entries[i] = apitest.Entry{Time: begun.Add(time.Duration(i+1) * time.Minute), Type: "ticket_read", User: r.sim.Agents()[i%3]}
	}
	r.sim.Append(id, entries...)
	r.start(exposed)
	r.pass(time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
	r.noteAll()
	require.True(t, r.e.Notify(id))
	r.pass(2 * time.Second)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
}

// endless shows page after page of a log that does not end.
type endless struct {
	*rig
	ticket int64
	pages  int
}

func (e *endless) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, fmt.Sprintf("/tickets/%d/log", e.ticket)) {
		return e.sim.Transport().RoundTrip(req)
	}
	e.pages++
	skip, err := strconv.Atoi(req.URL.Query().Get("skip"))
	if err != nil {
		return nil, err
	}
	var items []string
	for i := range apiclient.PageSize {
		at := monday().Add(-time.Duration(skip+i) * time.Second)
		items = append(items, fmt.Sprintf(`{"actionType":"ticket_read","time":%q}`, at.Format(time.RFC3339)))
	}
	// Large pages come sooner to the end of patience than many.
	body := `{"data":[` + strings.Join(items, ",") + `],"errorCode":-1` + strings.Repeat(" ", 15<<20) + `}`
	return &http.Response{StatusCode: http.StatusOK, Request: req, Body: io.NopCloser(strings.NewReader(body))}, context.Cause(req.Context())
}

func TestAnEndlessLogIsGivenUp(t *testing.T) {
	r := working(t, 6)
	ids := r.sim.TicketIDs()
	e := &endless{rig: r, ticket: ids[0]}
	counted := r.sim.Recount(ids[0])
	r.network = e
	r.noteAll()
	r.pass(35 * time.Second)
	got := r.scrape()
	require.Equal(t, 1.0, got["socialboards_up"])
	require.Equal(t, sum(counted, r.sim.Recount(ids[1:]...)), got.events(), "nothing of it is counted")
	require.Positive(t, failures(got, apiclient.TooLarge))
	require.LessOrEqual(t, e.pages, 6*int(failures(got, apiclient.TooLarge)), "64 MiB are enough")
	r.network = nil
	r.recovers()
}
