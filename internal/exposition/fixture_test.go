package exposition

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/health"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

func at(d time.Duration) fact.Instant { return fact.At(noon.Add(d)) }

// always is a calendar that is open and stays so.
type always struct{}

func (always) Open(time.Time) bool                    { return true }
func (always) NextChange(time.Time) (time.Time, bool) { return time.Time{}, false }

func settings() tally.Settings {
	return tally.Settings{
		Bounds: []float64{60, 3600, 86400}, Native: true, Statuses: []string{"open", "pending", "completed"},
		Objectives: []tally.ObjectiveSetting{{Name: "first_response", Target: 4 * time.Hour}},
		Calendars:  []tally.CalendarSetting{{Name: "office", Calendar: always{}}},
	}
}

// aDay is a small support team's day, with something in every metric.
func aDay() *tally.Tally {
	ta := tally.New(settings())
	ta.Update(func(u *tally.Update) {
		u.Series(fact.Series{ID: 1, Kind: fact.Events, Labels: [3]string{"reply_created", "u1", "team"}, Created: at(-8 * time.Hour)})
		u.Series(fact.Series{ID: 2, Kind: fact.Events, Labels: [3]string{"ticket_created", "", "client"}, Created: at(-9 * time.Hour)})
		u.Series(fact.Series{ID: 3, Kind: fact.Events, Labels: [3]string{"ticket_read", "u1", "team"}, Created: at(-time.Hour)})
		u.Events(1, 12)
		u.Events(2, 7)
		u.User(fact.User{ID: "u1", Type: "team", Name: "Kari \"K\" Nordmann", Placed: true})
		for _, kind := range []fact.Kind{fact.Changes, fact.Durations} {
			u.Series(fact.Series{Kind: kind, Labels: [3]string{"open", "pending"}, Created: at(-7 * time.Hour)})
		}
		u.Change(fact.Change{Ticket: 101, Time: at(-7 * time.Hour), From: "open", To: "pending", Counted: true, Duration: fact.TicksOf(1234567890 * time.Microsecond)})
		u.Change(fact.Change{Ticket: 102, Time: at(-6 * time.Hour), From: "open", To: "pending", Counted: true, Duration: fact.TicksOf(100 * time.Hour)})
		u.Change(fact.Change{Ticket: 103, Time: at(-5 * time.Hour), From: "open", To: "pending", Counted: true, Duration: fact.Unknown, Inconsistent: true, Unrecognized: 1})
		for _, kind := range []fact.Kind{fact.Clocks, fact.Breaches, fact.SLADurations} {
			u.Series(fact.Series{Kind: kind, Labels: [3]string{"first_response"}, Created: at(-6 * time.Hour)})
		}
		u.Outcome(fact.Outcome{}, fact.Outcome{Ticket: 101, Objective: "first_response", Breached: fact.Never, Stopped: at(-6 * time.Hour), Duration: fact.TicksOf(90 * time.Minute), Counted: true, Observed: true})
		u.Outcome(fact.Outcome{}, fact.Outcome{Ticket: 102, Objective: "first_response", Breached: at(-time.Hour), Stopped: fact.Never, Duration: fact.Unknown, Counted: true})
		u.Ticket(tally.TicketState{ID: 102, Status: "open", Read: true, Begin: at(-5 * time.Hour), Since: at(-5 * time.Hour), Assignee: "u1", Source: "web",
			Clocks: []tally.ClockState{{Objective: "first_response", Breached: true, Due: at(-time.Hour), Warning: at(-108 * time.Minute)}}})
		u.Ticket(tally.TicketState{ID: 103, Status: "pending", Read: true, Begin: at(-4 * time.Hour), Since: at(-3 * time.Hour), Source: "mail",
			Clocks: []tally.ClockState{{Objective: "first_response", Paused: true, Due: fact.Never, Warning: fact.Never}}})
		u.Ticket(tally.TicketState{ID: 104, Status: "open", Begin: fact.Never, Since: fact.Never})
		u.Ticket(tally.TicketState{ID: 101, Status: "completed", Done: true, Read: true})
		for result, n := range map[fact.Result]uint64{fact.New: 18, fact.Late: 1, fact.Backlog: 4, tally.Known: 50} {
			u.Count(result, n)
		}
		u.Ready(true)
	})
	return ta
}

func options() Options {
	return Options{MaxTickets: 5000, UserNames: true, InboxURL: "https://inbox.example.com/acme"}
}

// store is a store of a fixed size, which may fail to tell it.
type store struct{ err error }

func (s store) Created() time.Time   { return noon.Add(-24 * time.Hour) }
func (s store) Size() (int64, error) { return 4096, s.err }

var errSize = errors.New("no such file")

type lag time.Duration

func (l lag) Lag() time.Duration { return time.Duration(l) }

func newProcess(tb testing.TB) *Process {
	tb.Helper()
	e, err := NewProcess(ProcessOptions{Health: health.New(30 * time.Second), ShardIndex: 1, Shards: 3, Native: true, Now: now})
	require.NoError(tb, err)
	return e
}

// busy has something happen in every metric of the exporter.
func busy(e *Process) {
	e.SetStorage(store{})
	e.SetSchedule(lag(1500 * time.Millisecond))
	e.RequestDone(apiclient.TokenEndpoint, "200", 120*time.Millisecond)
	e.RequestDone(apiclient.ListEndpoint, "200", 80*time.Millisecond)
	e.RequestDone(apiclient.LogEndpoint, "none", 10*time.Second)
	e.Answered(apiclient.TokenEndpoint, true)
	e.Answered(apiclient.ListEndpoint, true)
	e.Answered(apiclient.LogEndpoint, false)
	e.Throttled(30 * time.Second)
	e.ReadDone(102, poll.Changed, noon)
	e.ReadFailed(103, string(apiclient.Unreachable), errSize)
	e.WebhookDone("accepted")
	e.ConfigLoaded(true, noon.Add(-time.Hour))
}

func handler(tb testing.TB, view View, o Options) http.Handler {
	tb.Helper()
	e := newProcess(tb)
	busy(e)
	return Handler(slog.New(slog.DiscardHandler), NewDomain(view, o, now), e, e.Runtime())
}

// The formats, as Prometheus asks for them.
const (
	textAccepted = "text/plain;version=0.0.4"
	openMetrics  = "application/openmetrics-text;version=1.0.0"
	protobuf     = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// answer is what a scrape brought.
type answer struct {
	status int
	header http.Header
	body   string
}

// scrape asks for /metrics, for the named metrics only if there are any.
func scrape(h http.Handler, accept, encoding string, names ...string) answer {
	query := url.Values{"name[]": names}
	r := httptest.NewRequest(http.MethodGet, "/metrics?"+query.Encode(), nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// families decodes an answer in protobuf.
func (a answer) families(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	format := expfmt.ResponseFormat(a.header)
	require.Equal(t, expfmt.TypeProtoDelim, format.FormatType(), a.header)
	dec := expfmt.NewDecoder(strings.NewReader(a.body), format)
	var out []*dto.MetricFamily
	for {
		f := &dto.MetricFamily{}
		err := dec.Decode(f)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, f)
	}
}
