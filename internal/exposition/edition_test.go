package exposition

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// others gives families that sort before, between and after those of the domain.
func others(t *testing.T) *prometheus.Registry {
	t.Helper()
	reg := prometheus.NewRegistry()
	for _, name := range []string{"a_total", "socialboards_exporter_other", "socialboards_ticket_events_a", "socialboards_up", "z"} {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "Other \\ things."})
		require.NoError(t, reg.Register(g))
	}
	return reg
}

// plain is what promhttp makes of the same metrics.
func plain(d *Domain, others prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(Join{d, others}, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// decoded undoes the encoding of an answer.
func (a answer) decoded(t *testing.T) string {
	t.Helper()
	var r io.Reader = bytes.NewBufferString(a.body)
	switch a.header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		require.NoError(t, err)
		z.Multistream(false)
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		require.NoError(t, err)
		defer z.Close()
		r = z
	}
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// accepted are what clients accept: what Prometheus asks for, and much else.
var accepted = []string{
	textAccepted, openMetrics, protobuf, "", "*/*", "text/html",
	"application/openmetrics-text;version=0.0.1",
	openMetrics + ";escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2", openMetrics + ";escaping=dots", openMetrics + ";escaping=values",
	protobuf + ";escaping=allow-utf-8;q=0.6," + openMetrics + ";q=0.7",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
}

var encodingsAccepted = []string{"", "identity", "gzip", "zstd", "gzip, deflate, br, zstd", "zstd;q=0.5, gzip;q=0.9", "*", "br", "identity;q=0, *;q=0", "gzip;q=0"}

func TestHeadersAreThoseOfPromhttp(t *testing.T) {
	d := NewDomain(aDay(), options(), now)
	reg := others(t)
	h, want := Handler(slog.New(slog.DiscardHandler), d, reg), plain(d, reg)
	for _, accept := range accepted {
		for _, encoding := range encodingsAccepted {
			got, want := scrape(h, accept, encoding), scrape(want, accept, encoding)
			got.header.Del("Content-Length")
			require.Equal(t, want.status, got.status)
			require.Equal(t, want.header, got.header)
		}
	}
}

// happening invents what a day may bring.
func happening(r *rand.Rand, u *tally.Update) {
	for range 1 + r.IntN(5) {
		switch id := r.Int64N(400); r.IntN(8) {
		case 0:
			u.Series(fact.Series{ID: id, Kind: fact.Events, Labels: [3]string{fmt.Sprint("action ", id%90), fmt.Sprint(id % 7), "team"}, Created: at(time.Duration(id))})
		case 1:
			u.Events(id, r.Uint64N(3))
		case 2:
			u.User(fact.User{ID: fmt.Sprint(id), Type: "team", Name: fmt.Sprint("\"\\\n", id%3), Placed: id%4 > 0})
		case 3:
			u.Change(fact.Change{Ticket: id + 1, From: "open", To: fmt.Sprint(id % 3), Counted: true, Duration: fact.Ticks(id * 1e7), Time: at(0)})
		case 4:
			u.Drop(id)
		case 5:
			u.Outcome(fact.Outcome{}, fact.Outcome{Ticket: id, Objective: "first_response", Breached: fact.Never, Counted: true, Observed: true, Duration: fact.Ticks(id)})
		default:
			for range r.IntN(60) {
				ticket(r, u, r.Int64N(400))
			}
		}
	}
	u.Ready(r.IntN(20) > 0)
}

func ticket(r *rand.Rand, u *tally.Update, id int64) {
	s := tally.TicketState{ID: id, Status: pick(r, "open", "pending", ""), Done: r.IntN(6) == 0, Assignee: pick(r, "", "u1"), Begin: at(time.Duration(id) * time.Second), Since: fact.Never}
	if r.IntN(2) > 0 {
		s.Since = at(time.Duration(r.IntN(9)) * time.Minute)
		s.Clocks = []tally.ClockState{{Objective: "first_response", Due: s.Since, Warning: fact.Never}}
	}
	u.Ticket(s)
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// TestKeptIsWhatPromhttpRenders scrapes while things happen, in all formats and encodings,
// and compares with an ordinary handler of the same metrics.
func TestKeptIsWhatPromhttpRenders(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	ta, o, reg := tally.New(settings()), options(), others(t)
	d := NewDomain(ta, o, now)
	h, want := Handler(slog.New(slog.DiscardHandler), d, reg), plain(d, reg)
	for range 25 {
		ta.Update(func(u *tally.Update) { happening(r, u) })
		if r.IntN(10) == 0 {
			o.MaxTickets, o.UserNames = r.IntN(300), r.IntN(2) == 0
			o.ActionTypes = pick(r, nil, []string{"action 1", "action 80"})
			d.Configure(ta, o)
		}
		for range 5 {
			accept, encoding := pick(r, accepted...), pick(r, encodingsAccepted...)
			got, want := scrape(h, accept, encoding), scrape(want, accept, encoding)
			require.Equal(t, want.decoded(t), got.decoded(t), "%s %s", accept, encoding)
		}
	}
}
