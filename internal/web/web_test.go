package web

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the expected pages anew")

// fakes stands for everything the pages show.
type fakes struct {
	waiting    string
	reloadErr  error
	advice     []string
	reloads    int
	maskedErr  error
	tickets    []Ticket
	ticketsErr error
	problems   []string
	listed     []Listed // nil: the tickets
	polls      bool     // were asked for
	absentErr  error
}

func (f *fakes) Waiting() string { return f.waiting }

func (f *fakes) Reload(ctx context.Context) ([]string, error) {
	f.reloads++
	return f.advice, errors.Join(f.reloadErr, ctx.Err())
}

func (f *fakes) Masked() ([]byte, error) {
	return []byte("api:\n  refresh_token: <secret>\n"), f.maskedErr
}

func (f *fakes) Problems() []string { return f.problems }

func (f *fakes) Now() time.Time { return time.Date(2026, 3, 2, 9, 45, 0, 0, time.UTC) }

func (f *fakes) Absent(_ context.Context, id int64) (string, error) {
	if slices.ContainsFunc(f.tickets, func(t Ticket) bool { return t.ID == id }) {
		return "", f.absentErr
	}
	return fmt.Sprintf("Ticket %d belongs to <another> shard.", id), f.absentErr
}

func (f *fakes) List(polls bool) iter.Seq[Listed] {
	f.polls = polls
	if f.listed != nil {
		return slices.Values(f.listed)
	}
	return func(yield func(Listed) bool) {
		for _, t := range f.tickets {
			if !yield(Listed{ID: t.ID, Status: t.Status}) {
				return
			}
		}
	}
}

func (f *fakes) Tickets(_ context.Context, ids []int64) (found []Ticket, err error) {
	for _, t := range f.tickets {
		if slices.Contains(ids, t.ID) && t.Status != "departing" {
			found = append(found, t)
		}
	}
	return found, f.ticketsErr
}

func handler(t *testing.T, f *fakes, change func(*Options)) http.Handler {
	t.Helper()
	o := Options{
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") }),
		Ready:   f, Reloader: f, Config: f, Tickets: f, Version: "1.2.3",
	}
	if change != nil {
		change(&o)
	}
	h, err := New(o)
	require.NoError(t, err)
	return h
}

func lifecycle(o *Options) { o.Lifecycle = true }

func request(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func someTickets() []Ticket {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 7, 123456700, time.UTC) }
	return []Ticket{
		{
			ID: 255762, Link: "https://inbox.example.com/acme/tickets?ticketId=255762", Status: "open", Since: at(0),
			Clocks: []Clock{
				{Objective: "first_response", State: "breached", Due: at(10)},
				{Objective: "resolution", State: "warning", Due: at(50)},
				{Objective: "update", State: "paused"},
			},
			LastLook: at(30), LastRead: at(29), NextLook: at(46), NextRead: at(47), Trigger: "changed", Failures: 2, Assignee: "0d1c",
			LastError: "socialboards log of ticket 255762: timeout", Origin: "ids",
		},
		{ID: 7, Status: "completed", Since: at(1), LastLook: at(31), LastRead: at(31), Trigger: "due", Origin: `{"status":"<b>open</b>"}`},
		{ID: 8, Link: "javascript:alert(1)"},
	}
}

// TestPages compares whole pages with those in testdata.
func TestPages(t *testing.T) {
	for _, test := range []struct{ file, target, accept string }{
		{"landing.html", "/", ""},
		{"tickets.html", "/tickets", "text/html,application/xhtml+xml,application/json;q=0.9"},
		{"tickets.json", "/tickets", "application/json"},
		{"tickets_none.html", "/tickets?q=%3Cscript%3E", ""},
		{"tickets_absent.html", "/tickets?q=99&show=live&sort=-read", ""},
		{"config.txt", "/config", ""},
	} {
		t.Run(test.file, func(t *testing.T) {
			w := request(handler(t, &fakes{tickets: someTickets()}, lifecycle), "GET", test.target, "Accept", test.accept)
			require.Equal(t, http.StatusOK, w.Code)
			if *update {
				require.NoError(t, os.WriteFile("testdata/"+test.file, w.Body.Bytes(), 0o600))
			}
			want, err := os.ReadFile("testdata/" + test.file)
			require.NoError(t, err)
			require.Equal(t, string(want), w.Body.String())
		})
	}
}

func TestStatusAndType(t *testing.T) {
	const text, html = "text/plain; charset=utf-8", "text/html; charset=utf-8"
	for _, test := range []struct {
		method, target string
		lifecycle      bool
		code           int
		kind           string
	}{
		{"GET", "/metrics", false, 200, text},
		{"HEAD", "/metrics", false, 200, text},
		{"POST", "/metrics", false, 405, text},
		{"GET", "/", false, 200, "text/html; charset=UTF-8"},
		{"GET", "/-/healthy", false, 200, text},
		{"HEAD", "/-/healthy", false, 200, text},
		{"GET", "/-/ready", false, 200, text},
		{"GET", "/tickets", false, 200, html},
		{"GET", "/tickets?format=json", false, 200, "application/json"},
		{"GET", "/config", false, 403, text},
		{"GET", "/config", true, 200, text},
		{"POST", "/-/reload", false, 403, text},
		{"POST", "/-/reload", true, 200, text},
		{"GET", "/-/reload", true, 405, text},
		{"GET", "/-/reload", false, 405, text},
		{"GET", "/tickets/", false, 404, text},
		{"GET", "/metrics/more", false, 404, text},
		{"GET", "/nothing", true, 404, text},
		{"GET", "/debug/pprof/", true, 404, text},
		{"GET", "/-/quit", true, 404, text},
	} {
		t.Run(fmt.Sprintf("%s %s %v", test.method, test.target, test.lifecycle), func(t *testing.T) {
			w := request(handler(t, &fakes{}, func(o *Options) { o.Lifecycle = test.lifecycle }), test.method, test.target)
			require.Equal(t, test.code, w.Code)
			require.Equal(t, test.kind, w.Header().Get("Content-Type"))
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			require.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
			require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
		})
	}
}

func TestReadySaysWhatIsWaitedFor(t *testing.T) {
	f := &fakes{waiting: "12 of 40 tickets have not been read yet."}
	w := request(handler(t, f, nil), "GET", "/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "12 of 40 tickets have not been read yet.\n", w.Body.String())
	require.Equal(t, http.StatusOK, request(handler(t, f, nil), "GET", "/-/healthy").Code, "healthy all the same")
}

func TestReload(t *testing.T) {
	f := &fakes{reloadErr: errors.New("socialboards.yml:3:5: poll.interval: no")}
	h := handler(t, f, lifecycle)
	w := request(h, "POST", "/-/reload")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, w.Body.String(), "socialboards.yml:3:5: poll.interval: no")

	f.reloadErr, f.advice = nil, []string{"objective a changed", "a file can be read by everybody"}
	w = request(h, "POST", "/-/reload")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "The configuration is reloaded.\nobjective a changed\na file can be read by everybody\n", w.Body.String())
	require.Equal(t, 2, f.reloads)

	w = request(h, "POST", "/-/reload", "Origin", "https://evil.example.com", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Equal(t, http.StatusForbidden, request(handler(t, f, nil), "POST", "/-/reload").Code)
	require.Equal(t, 2, f.reloads, "neither another site nor a missing flag reloads")
}

func TestReloadOutlivesItsRequest(t *testing.T) {
	ctx, leave := context.WithCancel(context.Background())
	leave()
	w := httptest.NewRecorder()
	handler(t, &fakes{}, lifecycle).ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/-/reload", nil))
	require.Equal(t, http.StatusOK, w.Code)
}

func TestConfigThatCannotBeShown(t *testing.T) {
	w := request(handler(t, &fakes{maskedErr: errors.New("no")}, lifecycle), "GET", "/config")
	require.Equal(t, http.StatusInternalServerError, w.Code)
}

func TestMetricsPath(t *testing.T) {
	at := func(path string) func(*Options) { return func(o *Options) { o.MetricsPath = path } }
	for _, path := range []string{"/probe", "/a/b", "/", "/m/"} {
		w := request(handler(t, &fakes{}, at(path)), "GET", path)
		require.Equal(t, "up 1\n", w.Body.String(), path)
		require.Equal(t, http.StatusNotFound, request(handler(t, &fakes{}, at(path)), "GET", "/metrics").Code)
		require.Equal(t, http.StatusNotFound, request(handler(t, &fakes{}, at("/m/")), "GET", "/m/x").Code)
	}
	require.Contains(t, request(handler(t, &fakes{}, at("/probe")), "GET", "/").Body.String(), `href="/probe"`)

	for _, path := range []string{"metrics", "/tickets", "/tickets/", "/config", "/-/ready", "/a/../b", "/{x}", "//", "/a b"} {
		_, err := New(Options{MetricsPath: path})
		require.ErrorContains(t, err, path)
	}
}

func TestTicketPages(t *testing.T) {
	var tickets []Ticket
	for i := range 250 {
		tickets = append(tickets, Ticket{ID: int64(1000 + i), Status: []string{"open", "pending"}[i%2]})
	}
	h := handler(t, &fakes{tickets: tickets}, nil)
	get := func(query string) (l listing) {
		w := request(h, "GET", "/tickets?format=json&"+query)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &l))
		return l
	}
	for _, test := range []struct {
		query                      string
		total, page, pages, shown  int
		first                      int64
		previousOnPage, nextOnPage bool
	}{
		{"", 250, 1, 3, 100, 1000, false, true},
		{"page=2", 250, 2, 3, 100, 1100, true, true},
		{"page=3", 250, 3, 3, 50, 1200, true, false},
		{"page=99", 250, 3, 3, 50, 1200, true, false},
		{"page=-1", 250, 1, 3, 100, 1000, false, true},
		{"page=x", 250, 1, 3, 100, 1000, false, true},
		{"q=PEND&page=2", 125, 2, 2, 25, 1201, true, false},
		{"q=124", 10, 1, 1, 10, 1240, false, false},
		{"q=+1249+", 1, 1, 1, 1, 1249, false, false},
		{"q=none", 0, 1, 1, 0, 0, false, false},
	} {
		t.Run(test.query, func(t *testing.T) {
			l := get(test.query)
			require.Equal(t, []int{test.total, test.page, test.pages, test.shown}, []int{l.Total, l.Page, l.Pages, len(l.Tickets)})
			if test.shown > 0 {
				require.Equal(t, test.first, l.Tickets[0].ID)
			}
			page := request(h, "GET", "/tickets?"+test.query).Body.String()
			require.Equal(t, test.previousOnPage, strings.Contains(page, `rel="prev"`))
			require.Equal(t, test.nextOnPage, strings.Contains(page, `rel="next"`))
		})
	}
	require.Contains(t, request(h, "GET", "/tickets?q=pending").Body.String(), `href="tickets?page=2&amp;q=pending"`)
}

func TestTicketThatDepartsMeanwhile(t *testing.T) {
	h := handler(t, &fakes{tickets: []Ticket{{ID: 1, Status: "departing"}, {ID: 2, Status: "open"}}}, nil)
	w := request(h, "GET", "/tickets?format=json")
	require.JSONEq(t, `{"tickets":[{"id":2,"status":"open","clocks":[]}],"total":2,"page":1,"pages":1,"show":"all","sort":"due"}`, w.Body.String())
}

func TestScrapeWaitsForTheStore(t *testing.T) {
	for name, test := range map[string]struct {
		timeout string
		closeAt time.Duration // 0: closed from the beginning; negative: never
		cancel  time.Duration // when the scraper leaves; 0: never
		waits   time.Duration
	}{
		"loaded":          {"10", 0, 0, 0},
		"loaded in time":  {"10", 2 * time.Second, 0, 2 * time.Second},
		"half the time":   {"10", 8 * time.Second, 0, 5 * time.Second},
		"fraction":        {"0.5", -1, 0, 250 * time.Millisecond},
		"no header":       {"", -1, 0, 0},
		"not a number":    {"NaN", -1, 0, 0},
		"negative":        {"-3", -1, 0, 0},
		"too much":        {"1e300", -1, 0, time.Minute},
		"infinite":        {"+Inf", -1, 0, time.Minute},
		"scraper is gone": {"10", -1, time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				loaded := make(chan struct{})
				if test.closeAt == 0 {
					close(loaded)
				} else if test.closeAt > 0 {
					time.AfterFunc(test.closeAt, func() { close(loaded) })
				}
				ctx := t.Context()
				if test.cancel > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.cancel)
					defer cancel()
				}
				h := handler(t, &fakes{}, func(o *Options) { o.Loaded = loaded })
				r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
				r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", test.timeout)
				w := httptest.NewRecorder()
				begin := time.Now()
				h.ServeHTTP(w, r)
				require.Equal(t, test.waits, time.Since(begin))
				require.Equal(t, "up 1\n", w.Body.String())
			})
		})
	}
}

// FuzzPatience looks for a header that makes a scrape wait for longer than is allowed.
func FuzzPatience(f *testing.F) {
	for _, seed := range []string{"10", "0.5", "NaN", "-1", "1e400", "Inf", "0x1p-2", " 10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", header)
		d := patience(r)
		require.GreaterOrEqual(t, d, time.Duration(0))
		require.LessOrEqual(t, d, longestWait)
	})
}
