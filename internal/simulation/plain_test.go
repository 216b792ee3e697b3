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
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// plainPoller is what one would write in an afternoon: every log, every time, and vectors
// of the client library. It stores nothing: what it finds when it starts is not counted.
type plainPoller struct {
	client http.Client
	token  string              // lives longer than the day
	latest map[int64]time.Time // of each log's newest entry

	events *prometheus.CounterVec
	info   *prometheus.GaugeVec
}

func newPlainPoller(s *apitest.Server, transport http.RoundTripper) *plainPoller {
	return &plainPoller{
		client: http.Client{Transport: transport}, token: s.AccessToken(), latest: map[int64]time.Time{},
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ticket_events_total"}, []string{"action_type", "user_id", "user_type"}),
		info:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ticket_latest_timestamp_seconds"}, []string{"ticket_id"}),
	}
}

type plainEntry struct {
	Time       time.Time
	ActionType string
	User       *struct {
		ID, Status string
		IsBot      bool
	}
}

// labels are those of the event, as the exporter has them.
func (e plainEntry) labels() (action, id, kind string) {
	switch {
	case e.User == nil:
		return e.ActionType, "", "system"
	case e.User.IsBot:
		return e.ActionType, e.User.ID, "bot"
	case e.User.Status == "team":
		return e.ActionType, e.User.ID, "team"
	default:
		return e.ActionType, "", e.User.Status
	}
}

// read gives the newest page of a log.
func (p *plainPoller) read(b *testing.B, id int64) []plainEntry {
	b.Helper()
	url := fmt.Sprintf("http://api.test/tickets/%d/log?take=50&skip=0", id)
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(`{"action_types":[]}`))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := p.client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	var page struct{ Data []plainEntry }
	if resp.StatusCode == http.StatusOK {
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&page))
	}
	return page.Data
}

// poll counts what is newer than what was newest before. What a log holds when the poller
// starts is known to it.
func (p *plainPoller) poll(b *testing.B, id int64, starting bool) {
	b.Helper()
	page := p.read(b, id)
	if len(page) == 0 {
		return
	}
	for _, e := range page {
		if starting || !e.Time.After(p.latest[id]) {
			break
		}
		action, user, kind := e.labels()
		p.events.WithLabelValues(action, user, kind).Inc()
	}
	p.latest[id] = page[0].Time
	p.info.WithLabelValues(strconv.FormatInt(id, 10)).Set(float64(page[0].Time.Unix()))
}

// counted is what it has counted.
func (p *plainPoller) counted(b *testing.B) map[[3]string]int {
	b.Helper()
	all, counts := make(chan prometheus.Metric, 10_000), map[[3]string]int{}
	p.events.Collect(all)
	close(all)
	for metric := range all {
		var m dto.Metric
		require.NoError(b, metric.Write(&m))
		var labels [3]string
		for i, l := range m.Label { // by name, which is their order
			labels[i] = l.GetValue()
		}
		counts[labels] = int(m.Counter.GetValue())
	}
	return counts
}
