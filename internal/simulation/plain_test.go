//go:build unix

package simulation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/poll"
)

// plainPoller is what one would write in an afternoon: every log, every time, and vectors
// of the client library. It stores nothing, so each start counts from zero.
type plainPoller struct {
	client http.Client
	token  func() string
	latest map[int64]string // time of each log's newest entry

	events *prometheus.CounterVec
	info   *prometheus.GaugeVec
}

func newPlainPoller(s *apitest.Server, transport http.RoundTripper) *plainPoller {
	return &plainPoller{
		client: http.Client{Transport: transport}, token: s.AccessToken, latest: map[int64]string{},
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ticket_events_total"}, []string{"action_type", "user_id", "user_type"}),
		info:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ticket_latest_timestamp_seconds"}, []string{"ticket_id"}),
	}
}

func (p *plainPoller) poll(b *testing.B, id int64) {
	b.Helper()
	url := fmt.Sprintf("http://api.test/tickets/%d/log?take=50&skip=0", id)
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(`{"action_types":[]}`))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+p.token())
	resp, err := p.client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	var page struct {
		Data []struct {
			Time       string
			ActionType string
			User       *struct{ ID, Status string }
		}
	}
	require.NoError(b, json.NewDecoder(resp.Body).Decode(&page))
	require.NotEmpty(b, page.Data)
	for _, e := range page.Data {
		if e.Time <= p.latest[id] {
			break
		}
		user := struct{ ID, Status string }{}
		if e.User != nil {
			user = *e.User
		}
		p.events.WithLabelValues(e.ActionType, user.ID, user.Status).Inc()
	}
	p.latest[id] = page.Data[0].Time
	at, err := time.Parse(time.RFC3339Nano, page.Data[0].Time)
	require.NoError(b, err)
	p.info.WithLabelValues(strconv.FormatInt(id, 10)).Set(float64(at.Unix()))
}

// counted counts requests.
type counted struct {
	http.RoundTripper
	n int
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

// quiet is an inbox of which 5 % is live, in which nothing happened for days.
func quiet(tickets int) (*apitest.Server, *clock.Fake) {
	c := clock.NewFake(start())
	s := apitest.New(apitest.Options{Seed: 3, KeepRequests: -1, TokenLifetime: 100 * day, Now: c.Now})
	for i := range tickets {
		begun := start().Add(-time.Duration(i%80+4) * day)
		ticket, last := apitest.Ticket{Created: begun, LastActivity: begun}, apitest.Entry{Type: apitest.ReplyCreated}
		if i%20 != 0 {
			ticket.Status, last = apitest.Completed, apitest.Entry{Type: apitest.StatusChanged, From: apitest.Open, To: apitest.Completed}
		}
		id := s.AddTicket(ticket)
		s.Append(id, apitest.Entry{Time: begun, Type: apitest.TicketCreated})
		for e := range 18 {
			s.Append(id, apitest.Entry{Time: begun.Add(time.Duration(e+1) * time.Hour), Type: apitest.ReplyCreated})
		}
		last.Time = begun.Add(20 * time.Hour)
		s.Append(id, last)
	}
	return s, c
}

// BenchmarkQuietHour lets the exporter, without its web server, and a plain poller follow the
// same inbox through an hour, and tells the requests and the CPU, the simulated server's
// included, of each.
func BenchmarkQuietHour(b *testing.B) {
	const tickets = 100
	b.Run("plain", func(b *testing.B) {
		s, c := quiet(tickets)
		defer s.Close()
		transport := &counted{RoundTripper: s.Transport()}
		p := newPlainPoller(s, transport)
		var took spent
		for b.Loop() {
			took.add(b, func() {
				for range int(time.Hour / (30 * time.Second)) {
					for _, id := range s.TicketIDs() {
						p.poll(b, id)
					}
					c.Advance(30 * time.Second)
				}
			})
		}
		report(b, took, transport.n)
	})
	b.Run("exporter", func(b *testing.B) {
		s, c := quiet(tickets)
		defer s.Close()
		transport := &counted{RoundTripper: s.Transport()}
		with := assemble(b, "http://api.test", s, transport)
		set := Defaults()
		set.Selections = []poll.Selection{{Key: "all"}}
		p := poll.New(poll.Options{Source: with.client, Recorder: with.recorder, Observer: nobody{}, Clock: c, Settings: set})
		a := &api{clock: c}
		require.NoError(b, a.run(b.Context(), p, start().Add(3*time.Hour))) // the first pass
		transport.n = 0
		var took spent
		until := start().Add(3 * time.Hour)
		for b.Loop() {
			until = until.Add(time.Hour)
			took.add(b, func() { require.NoError(b, a.run(b.Context(), p, until)) })
		}
		report(b, took, transport.n)
		require.NoError(b, with.store.Close())
	})
}

func report(b *testing.B, took spent, requests int) {
	b.Helper()
	b.ReportMetric(float64(requests)/float64(b.N), "requests")
	b.ReportMetric(float64(took.cpu.Microseconds())/1000/float64(b.N), "cpu-ms")
}
