package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func someListed() []Listed {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC) }
	return []Listed{
		{ID: 1, Status: "open", Assignee: "Anna", Clock: "running", Due: at(50), Look: at(1), Read: at(9), Next: at(45)},
		{ID: 2, Status: "completed", Done: true, Look: at(3), Read: at(8), Next: at(46)},
		{ID: 3, Status: "pending", Clock: "breached", Due: at(10), Look: at(2), Read: at(7), Next: at(44)},
		{ID: 4, Status: "pending", Clock: "paused", Unread: true, Error: "socialboards log: timeout"},
		{ID: 15, Status: "open", Clock: "warning", Due: at(40), Look: at(2), Next: at(45)},
	}
}

func TestTicketsAreSearchedFilteredAndSorted(t *testing.T) {
	for _, test := range []struct {
		query string
		ids   []int64
		polls bool
	}{
		{"", []int64{3, 15, 1, 2, 4}, false},
		{"sort=due", []int64{3, 15, 1, 2, 4}, false},
		{"sort=-due", []int64{4, 2, 1, 15, 3}, false},
		{"sort=id", []int64{1, 2, 3, 4, 15}, false},
		{"sort=-id", []int64{15, 4, 3, 2, 1}, false},
		{"sort=status", []int64{2, 1, 15, 3, 4}, false},
		{"sort=look", []int64{1, 3, 15, 2, 4}, true},
		{"sort=-read", []int64{15, 4, 1, 2, 3}, true},
		{"sort=next", []int64{3, 1, 15, 2, 4}, true},
		{"sort=nonsense&show=nonsense", []int64{3, 15, 1, 2, 4}, false},
		{"show=live&sort=id", []int64{1, 3, 4, 15}, false},
		{"show=done", []int64{2}, false},
		{"show=breached", []int64{3}, false},
		{"show=warning", []int64{15}, false},
		{"show=paused", []int64{4}, false},
		{"show=unread", []int64{4}, false},
		{"show=failing", []int64{4}, false},
		{"q=1&sort=id", []int64{1, 15}, false},
		{"q=ANNA", []int64{1}, false},
		{"q=TimeOut", []int64{4}, false},
		{"q=pend&show=breached", []int64{3}, false},
	} {
		t.Run(test.query, func(t *testing.T) {
			f := &fakes{listed: someListed()}
			for _, l := range f.listed {
				f.tickets = append(f.tickets, Ticket{ID: l.ID})
			}
			q := queryOf(mustRequest(t, "/tickets?"+test.query))
			require.Equal(t, test.ids, q.choose(f.List(q.needsPolls())).ids)
			require.Equal(t, test.polls, f.polls)
		})
	}
}

func mustRequest(t *testing.T, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	require.NoError(t, err)
	return r
}

func TestAPageLeadsToItsNeighbours(t *testing.T) {
	var f fakes
	for i := range 250 {
		f.tickets = append(f.tickets, Ticket{ID: int64(i + 1), Status: "open"})
	}
	body := request(handler(t, &f, nil), "GET", "/tickets?q=open&show=live&sort=-id&page=2").Body.String()
	for _, want := range []string{
		`href="tickets?page=3&amp;q=open&amp;show=live&amp;sort=-id" rel="next"`,
		`href="tickets?q=open&amp;show=live&amp;sort=-id" rel="prev"`,
		`href="tickets?page=2&amp;q=open&amp;show=live&amp;sort=-id&amp;format=json"`,
		`aria-sort="descending"><a href="tickets?q=open&amp;show=live&amp;sort=id">Id</a>`,
		`aria-sort="none"><a href="tickets?q=open&amp;show=live&amp;sort=status">Status</a>`,
		`<option value="live" selected>live (250)</option>`,
		`<option value="done">done (0)</option>`,
		`<input type="hidden" name="sort" value="-id">`,
	} {
		require.Contains(t, body, want)
	}
}

func TestATicketThatIsNotFollowedIsExplained(t *testing.T) {
	f := &fakes{tickets: []Ticket{{ID: 7, Status: "open"}}}
	h := handler(t, f, nil)
	absent := func(query string) string {
		var l struct{ Absent string }
		require.NoError(t, json.Unmarshal(request(h, "GET", "/tickets?format=json&q="+query).Body.Bytes(), &l))
		return l.Absent
	}
	require.Equal(t, "Ticket 70 belongs to <another> shard.", absent("70"))
	require.Empty(t, absent("7"))
	require.Empty(t, absent("open"))
	require.Contains(t, request(h, "GET", "/tickets?q=70").Body.String(), "belongs to &lt;another&gt; shard")
	f.absentErr = errors.New("no store")
	require.Equal(t, http.StatusInternalServerError, request(h, "GET", "/tickets?q=70").Code)
}

func TestTheLandingPageSaysHowTheExporterFares(t *testing.T) {
	f := &fakes{}
	h := handler(t, f, nil)
	body := request(h, "GET", "/").Body.String()
	require.Contains(t, body, "<p>Ready.</p>")
	require.Contains(t, body, "Nothing is wrong.")
	f.waiting, f.problems = "12 <b>tickets</b> to read.", []string{"The store <i>cannot</i> be written."}
	body = request(h, "GET", "/").Body.String()
	require.Contains(t, body, "<p>Not ready. 12 &lt;b&gt;tickets&lt;/b&gt; to read.</p>")
	require.Contains(t, body, "<li>The store &lt;i&gt;cannot&lt;/i&gt; be written.</li>")
	require.NotContains(t, body, "Nothing is wrong")
}

func TestTimeLeft(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := listing{now: now}
	for d, want := range map[time.Duration]string{
		0: "in 0 s", 59 * time.Second: "in 59 s", 61 * time.Second: "in 1 min 1 s", -2 * time.Hour: "2 h ago",
		25*time.Hour + 30*time.Minute: "in 1 d 1 h", 48*time.Hour + 5*time.Minute: "in 2 d", -90 * time.Second: "1 min 30 s ago",
	} {
		require.Equal(t, want, l.Left(now.Add(d)))
	}
}

// Whatever is asked for, the page has a row for each ticket on it, and nothing of what was
// asked for comes out as HTML.
func FuzzQuery(f *testing.F) {
	f.Add("q=1&show=live&sort=-due&page=2")
	f.Add(`q="><script>alert(1)</script>`)
	f.Add("sort=%00&page=99999999999999999999")
	f.Fuzz(func(t *testing.T, raw string) {
		r := mustRequest(t, "/tickets")
		r.URL.RawQuery = raw
		q := queryOf(r)
		l := listing{query: q, Pages: 3, Page: 2, Query: q.text, shows: q.choose(slices.Values(someListed())).shows}
		page, err := ticketsTemplate()
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, page.Execute(&b, l))
		require.NotContains(t, b.String(), "<script")
		require.Equal(t, 3, strings.Count(b.String(), "<nav")+strings.Count(b.String(), "<main")+strings.Count(b.String(), "<form"))
		back := mustRequest(t, q.address())
		again := queryOf(back)
		again.page, q.page = max(1, again.page), max(1, q.page)
		require.Equal(t, q, again)
	})
}
