package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cret token/+&"

// desk is the rest of the exporter: it follows some tickets, and takes notes.
type desk struct {
	mu       sync.Mutex
	followed []int64
	token    func() (string, error)
	named    []int64
	results  []string
	logs     bytes.Buffer
}

func (d *desk) Notify(ticket int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.named = append(d.named, ticket)
	return slices.Contains(d.followed, ticket)
}

func (d *desk) WebhookDone(result string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.results = append(d.results, result)
}

func (d *desk) handler() *Handler {
	if d.token == nil {
		d.token = func() (string, error) { return secret, nil }
	}
	return New(Options{Path: "/webhook", VerifyToken: func() (string, error) { return d.token() }, Notifier: d, Observer: d,
		Logger: slog.New(slog.NewTextHandler(&d.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
}

// reply is what a caller is told.
type reply struct {
	status int
	header http.Header
	text   string
}

// call asks over HTTP.
func call(t *testing.T, url, method, target string, body io.Reader) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+target, body)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, string(text)}
}

func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		s.Close()
	})
	return s.URL
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return "/webhook?" + v.Encode()
}

func TestTheAddressIsVerifiedByItsTokenAlone(t *testing.T) {
	for name, c := range map[string]struct {
		target, result, body string
		status               int
	}{
		"right":              {query("challenge", "1234 <b>", "verifyToken", secret), accepted, "1234 <b>", 200},
		"wrong":              {query("challenge", "1234", "verifyToken", "other"), refused, "", 403},
		"right but longer":   {query("challenge", "1234", "verifyToken", secret+"x"), refused, "", 403},
		"right but shorter":  {query("challenge", "1234", "verifyToken", secret[1:]), refused, "", 403},
		"none":               {query("challenge", "1234"), refused, "", 403},
		"empty":              {query("challenge", "1234", "verifyToken", ""), refused, "", 403},
		"two tokens":         {query("challenge", "1", "verifyToken", secret, "verifyToken", "x"), refused, "", 403},
		"no challenge":       {query("verifyToken", secret), badRequest, "", 400},
		"empty challenge":    {query("challenge", "", "verifyToken", secret), badRequest, "", 400},
		"two challenges":     {query("challenge", "1", "challenge", "2", "verifyToken", secret), badRequest, "", 400},
		"longest challenge":  {query("challenge", strings.Repeat("x", 1024), "verifyToken", secret), accepted, strings.Repeat("x", 1024), 200},
		"too long":           {query("challenge", strings.Repeat("x", 1025), "verifyToken", secret), badRequest, "", 400},
		"unreadable address": {"/webhook?challenge=1&verifyToken=%zz", badRequest, "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			resp := call(t, serve(t, d.handler()), http.MethodGet, c.target, nil)
			require.Equal(t, c.status, resp.status, resp.text)
			require.Equal(t, []string{c.result}, d.results)
			require.Equal(t, "text/plain; charset=utf-8", resp.header.Get("Content-Type"))
			require.Equal(t, "nosniff", resp.header.Get("X-Content-Type-Options"))
			if c.status == 200 {
				require.Equal(t, c.body, resp.text)
			}
			require.NotContains(t, resp.text+d.logs.String(), secret)
			require.Empty(t, d.named)
		})
	}
}

func TestTheTokenIsReadAtEachCall(t *testing.T) {
	d := &desk{}
	url := serve(t, d.handler())
	target := query("challenge", "1", "verifyToken", "new")
	status := func() int {
		resp := call(t, url, http.MethodGet, target, nil)
		return resp.status
	}
	require.Equal(t, 403, status())
	d.token = func() (string, error) { return "new", nil }
	require.Equal(t, 200, status())
	d.token = func() (string, error) { return "", errors.New("no such file") }
	require.Equal(t, 503, status())
	require.Equal(t, 503, status())
	require.Equal(t, []string{refused, accepted, refused, refused}, d.results)
	require.Equal(t, 1, strings.Count(d.logs.String(), "no such file"), "said once, not at each call")
}

func TestWhatAnEventComesTo(t *testing.T) {
	many := make([]string, 150)
	for i := range many {
		many[i] = fmt.Sprintf(`{"Ticket":{"Id":%d}}`, i+1)
	}
	for name, c := range map[string]struct {
		body, result string
		status       int
		named        []int64
	}{
		"as documented":          {documented, accepted, 200, []int64{7}},
		"without TicketId":       {strings.Replace(documented, `"TicketId": 7`, `"Other": 7`, 1), accepted, 200, []int64{7}},
		"TicketId alone":         {`{"TicketId":7}`, accepted, 200, []int64{7}},
		"in camelCase":           {`{"ticketId":7,"events":[{"ticket":{"id":8}}]}`, accepted, 200, []int64{7, 8}},
		"null TicketId":          {`{"TicketId":null,"Events":[{"Ticket":{"Id":7}}]}`, accepted, 200, []int64{7}},
		"unknown":                {`{"TicketId":9}`, ignored, 200, []int64{9}},
		"known and unknown":      {`{"Events":[{"Ticket":{"Id":9}},{"Ticket":{"Id":8}}]}`, accepted, 200, []int64{9, 8}},
		"the same twice":         {`{"TicketId":7,"Events":[{"Ticket":{"Id":7}},{"Ticket":{"Id":7}}]}`, accepted, 200, []int64{7}},
		"no ticket":              {`{"CommunityName":"x"}`, ignored, 200, nil},
		"nothing":                {`{}`, ignored, 200, nil},
		"nulls":                  {`{"TicketId":null,"Events":[null,{"Ticket":null},{"Ticket":{"Id":null}}]}`, ignored, 200, nil},
		"huge number elsewhere":  {`{"TicketId":7,"Other":1e999999}`, accepted, 200, []int64{7}},
		"more than it may name":  {`{"Events":[` + strings.Join(many, ",") + `]}`, accepted, 200, upTo(100)},
		"empty body":             {``, badRequest, 400, nil},
		"not JSON":               {`<html>`, badRequest, 400, nil},
		"the sample of the docs": {`{"TicketId":7 "EventType":"x"}`, badRequest, 400, nil},
		"cut off":                {`{"TicketId":7,"Events":[`, badRequest, 400, nil},
		"two values":             {`{"TicketId":7}{"TicketId":8}`, badRequest, 400, nil},
		"null":                   {`null`, badRequest, 400, nil},
		"an array":               {`[{"TicketId":7}]`, badRequest, 400, nil},
		"a number":               {`7`, badRequest, 400, nil},
		"text for a number":      {`{"TicketId":"7"}`, badRequest, 400, nil},
		"a fraction":             {`{"TicketId":7.5}`, badRequest, 400, nil},
		"beyond 64 bits":         {`{"TicketId":9223372036854775808}`, badRequest, 400, nil},
		"absurd":                 {`{"TicketId":1e400}`, badRequest, 400, nil},
		"negative":               {`{"TicketId":-7}`, badRequest, 400, nil},
		"zero":                   {`{"Events":[{"Ticket":{"Id":0}}]}`, badRequest, 400, nil},
		"an object for events":   {`{"TicketId":7,"Events":{"Ticket":{"Id":7}}}`, badRequest, 400, nil},
		"a key twice":            {`{"TicketId":7,"TicketId":8}`, badRequest, 400, nil},
		"twice in another case":  {`{"TicketId":7,"ticketid":8}`, badRequest, 400, nil},
		"twice by a long s":      {`{"Events":[],"Event` + "\u017f" + `":[{"Ticket":{"Id":7}}]}`, badRequest, 400, nil},
		"deep in the known":      {`{"Events":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `}`, badRequest, 400, nil},
		"deep in the unknown":    {`{"TicketId":7,"X":` + strings.Repeat(`{"a":`, 100_000) + `1` + strings.Repeat(`}`, 100_000) + `}`, badRequest, 400, nil},
		"as large as may be":     {`{"TicketId":7}` + strings.Repeat(" ", 1<<20-14), accepted, 200, []int64{7}},
		"larger":                 {`{"TicketId":7}` + strings.Repeat(" ", 1<<20-13), badRequest, 413, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{followed: append(upTo(8)[6:], upTo(6)...)}
			resp := call(t, serve(t, d.handler()), http.MethodPost, "/webhook", strings.NewReader(c.body))
			require.Equal(t, c.status, resp.status, resp.text)
			require.Equal(t, []string{c.result}, d.results)
			require.Equal(t, c.named, d.named)
		})
	}
}

func upTo(n int64) (ids []int64) {
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// documented is an event as the documentation of the API shows it.
const documented = `{
  "CommunityName": "demo", "EventType": "ticket_status_change", "TicketId": 7,
  "Events": [{
    "InboxLink": "https://inbox.socialboards.com/demo/tickets?ticketId=7", "PreviousTicketStatus": "open",
    "Ticket": {
      "Author": {"Id": "6b4f0a4e-0000-4000-8000-000000000000", "Name": "A", "Image": null, "Email": "a@example.com", "Status": "client", "IsBot": false},
      "Category": {"Id": 33527, "Name": "B", "Parents": []}, "CreationTime": "2023-12-13T22:11:52.9031351+00:00",
      "DetailedSource": "web_website", "Id": 7, "LastThreadElementCreationTime": "2023-12-13T22:11:52.90+03:00",
      "LockedBy": null, "Message": "Hi", "OriginalLink": null, "Properties": {"IsAnonymized": false}
    }
  }]
}`

func TestWhatAnEventSaysOfPeopleIsNotLogged(t *testing.T) {
	d := &desk{}
	call(t, serve(t, d.handler()), http.MethodPost, "/webhook", strings.NewReader(documented[:len(documented)-1]))
	require.Contains(t, d.logs.String(), "cannot be understood")
	require.NotContains(t, d.logs.String(), "example.com")
}

func TestATokenInTheAddressOfEventsHasToBeRight(t *testing.T) {
	for target, status := range map[string]int{
		query(): 200, query("verifyToken", secret): 200, query("verifyToken", "x"): 403, query("verifyToken", ""): 403,
	} {
		d := &desk{followed: []int64{7}}
		resp := call(t, serve(t, d.handler()), http.MethodPost, target, strings.NewReader(documented))
		require.Equal(t, status, resp.status, target)
		require.Equal(t, status == 200, d.named != nil, "named only by those who may")
	}
}

func TestThereIsNothingButTheWebhook(t *testing.T) {
	d := &desk{followed: []int64{7}}
	url := serve(t, d.handler())
	for _, path := range []string{"/", "/webhook/", "/webhook/x", "/metrics", "//webhook"} {
		resp := call(t, url, http.MethodPost, path, strings.NewReader(documented))
		require.Equal(t, 404, resp.status, path)
	}
	require.Empty(t, d.results)
	resp := call(t, url, http.MethodPut, "/webhook", strings.NewReader(documented))
	require.Equal(t, 405, resp.status)
	require.Equal(t, "GET, POST", resp.header.Get("Allow"))
	require.Equal(t, []string{badRequest}, d.results)
	require.Empty(t, d.named)
}

func TestAFloodIsHeldBack(t *testing.T) {
	d := &desk{followed: []int64{7}}
	h := d.handler()
	begun := time.Now()
	const calls = 5000
	for range calls {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook", strings.NewReader(`{"TicketId":7}`)))
		if w.Code != http.StatusOK {
			require.Equal(t, http.StatusTooManyRequests, w.Code)
			require.Equal(t, "1", w.Header().Get("Retry-After"))
		}
	}
	let := slices.Index(d.results, limited)
	require.GreaterOrEqual(t, let, burst)
	allowed := burst + int(time.Since(begun).Seconds()*callsASecond) + 1
	require.LessOrEqual(t, len(d.named), allowed)
	require.Len(t, d.results, calls, "each call is counted")
}

func FuzzTicketsOf(f *testing.F) {
	for _, seed := range []string{documented, `{"TicketId":7}`, `{"Events":[{"Ticket":{"Id":1}},{"Ticket":null}]}`, `[]`, `nul`,
		`{"ticketid":1,"TICKETID":2}`, `{"Events":[[[[]]]]}`, `{"TicketId":1e2}`, "\xef\xbb\xbf{}", `{"TicketId":-1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ids, err := ticketsOf(body)
		if err != nil {
			require.Empty(t, ids)
			return
		}
		require.LessOrEqual(t, len(ids), mostTickets)
		for i, id := range ids {
			require.Positive(t, id)
			require.NotContains(t, ids[:i], id)
			require.Contains(t, string(body), fmt.Sprint(id), "no ticket is made up")
		}
	})
}
