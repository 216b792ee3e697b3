package exporter

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/sla"
)

// rig is a whole exporter, the simulated Socialboards that it asks, and the clock of both,
// which nobody else moves: weeks pass in a moment, and the same things happen each time.
type rig struct {
	t     testing.TB
	sim   *apitest.Server
	clock *clock.Fake
	dir   string // of the store
	yaml  string

	restarts int
	alive    bool              // the simulated team works on as time passes
	cost     time.Duration     // of each request but those for tokens
	network  http.RoundTripper // what carries requests; nil: nothing goes wrong on the way
	sent     []time.Time       // when each request was sent
	ahead    time.Duration     // of the API's clock, that the exporter's is
	settling bool              // see settle
	answer   func(answer)      // is shown what each request was answered
	logs     strings.Builder   // what the exporter says
	e        *Exporter         // nil while it is stopped
	s        *session
}

// answer is a request that was answered in full.
type answer struct {
	begun time.Time
	path  string
	code  int
	body  []byte
}

// newRig gives a rig whose exporter is not started yet.
func newRig(t testing.TB, at time.Time, o apitest.Options) *rig {
	t.Helper()
	r := &rig{t: t, clock: clock.NewJumping(at), dir: t.TempDir(), cost: 20 * time.Millisecond}
	o.Now = func() time.Time { return r.clock.Now().Add(-r.ahead) }
	r.sim = apitest.New(o)
	t.Cleanup(func() {
		r.stop()
		r.sim.Close()
		if t.Failed() {
			t.Logf("log of the exporter:\n%s", tail(r.logs.String()))
		}
	})
	return r
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// RoundTrip lets a request take its time, in which the team works on.
func (r *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	a := answer{begun: r.clock.Now(), path: req.URL.Path}
	r.sent = append(r.sent, a.begun)
	if !strings.HasSuffix(a.path, "/token") {
		r.clock.Advance(r.cost)
	}
	r.live()
	if r.network != nil {
		return r.network.RoundTrip(req)
	}
	resp, err := r.sim.Transport().RoundTrip(req)
	if err != nil || r.answer == nil {
		return resp, err
	}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	a.code = resp.StatusCode
	resp.Body = io.NopCloser(strings.NewReader(string(a.body)))
	r.answer(a)
	return resp, nil
}

func (r *rig) live() {
	if r.alive {
		r.sim.Live(r.clock.Now())
	}
}

// api is the part of a configuration that all tests share. Requests are never held back.
const api = `
api: {base_url: $BASE_URL, client_id: $CLIENT_ID, refresh_token: $REFRESH_TOKEN, requests_per_second: 1000, burst: 1000}
`

func (r *rig) config() (*config.Config, error) {
	text := strings.NewReplacer("$BASE_URL", r.sim.URL(), "$CLIENT_ID", r.sim.ClientID(),
		"$REFRESH_TOKEN", r.sim.RefreshToken()).Replace(r.yaml)
	return config.Parse("socialboards.yml", []byte(text), r.dir, config.Known{HolidayCountry: sla.HolidayCountry})
}

// start starts the exporter on the rig's store. Its configuration is yaml behind api.
func (r *rig) start(yaml string) {
	r.t.Helper()
	r.yaml = api + yaml
	var err error
	r.e, err = New(Options{
		Config: r.config, StoragePath: r.dir, Clock: r.clock, Transport: r, Version: "test",
		Logger: slog.New(slog.NewTextHandler(&r.logs, nil)),
	})
	require.NoError(r.t, err)
	_, err = r.e.open(r.ctx())
	require.NoError(r.t, err)
	r.adopt(r.e.Config())
}

func (r *rig) adopt(c *config.Config) {
	r.t.Helper()
	rec, err := r.e.adopt(r.ctx(), c)
	require.NoError(r.t, err)
	r.s = r.e.newSession(c, rec)
}

// stop ends the exporter between two of its jobs, as a kill would.
func (r *rig) stop() {
	if r.e == nil {
		return
	}
	require.NoError(r.t, r.e.store.Close())
	r.e, r.s = nil, nil
}

// restart stops the exporter and starts it again with the same configuration, which does
// not change one bit of what was counted.
func (r *rig) restart() {
	r.t.Helper()
	require.NoError(r.t, r.s.recorder.Flush(r.ctx())) // what a first pass shows within a second
	before, ready := r.durable(), r.s.recorder.Ready()
	if r.restarts++; r.restarts%2 == 0 { // else it is added up anew
		require.NoError(r.t, r.s.recorder.KeepSums(r.ctx()))
	}
	r.stop()
	r.start(strings.TrimPrefix(r.yaml, api))
	if ready || !r.s.recorder.Ready() {
		require.Equal(r.t, before, r.durable())
	}
}

// durable is all that the store keeps of what was counted, as it is shown: values, created
// timestamps, exemplars and native buckets. Each family is a line.
func (r *rig) durable() string {
	r.t.Helper()
	var kept []string
	for line := range strings.Lines(r.exposition("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text")) {
		if slices.ContainsFunc(stored(), func(name string) bool { return strings.Contains(line, `"`+name+`"`) }) {
			kept = append(kept, line)
		}
	}
	require.NotEmpty(r.t, kept)
	return strings.Join(kept, "")
}

// stored are the metrics that a restart must not change.
func stored() []string {
	return []string{
		"socialboards_ticket_events_total", "socialboards_user_info", "socialboards_ticket_status_changes_total",
		"socialboards_ticket_status_duration_seconds", "socialboards_sla_clocks_total", "socialboards_sla_breaches_total",
		"socialboards_sla_duration_seconds", "socialboards_sla_target_seconds", "socialboards_exporter_log_entries_total",
		"socialboards_exporter_unrecognized_status_labels_total", "socialboards_exporter_inconsistent_status_changes_total",
		"socialboards_exporter_store_created_timestamp_seconds",
	}
}

// outage keeps the exporter off for a while.
func (r *rig) outage(d time.Duration) {
	r.t.Helper()
	r.stop()
	r.clock.Advance(d)
	r.live()
	r.start(strings.TrimPrefix(r.yaml, api))
}

// reload has the exporter go on with another configuration.
func (r *rig) reload(yaml string) {
	r.t.Helper()
	r.yaml = api + yaml
	c, err := r.config()
	require.NoError(r.t, err)
	require.NoError(r.t, reloadable(r.e.Config(), c))
	r.adopt(c)
	r.e.config.Store(c)
}

// until lets time pass, and the exporter do what falls due in it.
func (r *rig) until(at time.Time) {
	r.t.Helper()
	for steps := 0; ; steps++ {
		require.Less(r.t, steps, 1_000_000, "the exporter hammers")
		r.live()
		did, err := r.s.poller.Step(r.ctx())
		require.NoError(r.t, err)
		if did {
			continue
		}
		due, ok := r.s.poller.NextDue()
		if !ok || due.After(at) {
			break
		}
		r.clock.Set(due)
	}
	if r.clock.Now().Before(at) {
		r.clock.Set(at)
		r.live()
	}
}

// pass lets some time pass.
func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	r.until(r.clock.Now().Add(d))
}

// settle has every followed ticket read at the present moment: requests take no time. The
// team works on until then, since reads of a ticket lie at least a second apart, and one
// that has failed is tried again later. Nothing fails while the rig settles.
func (r *rig) settle() {
	r.t.Helper()
	cost := r.cost
	r.settling = true
	for wait := 1100 * time.Millisecond; !r.s.recorder.Ready() || !r.allReadNow(); wait *= 4 {
		require.Less(r.t, wait, 24*time.Hour, "a ticket is never read")
		r.cost = cost
		r.pass(wait)
		r.cost = 0
		for _, t := range r.followed() {
			require.True(r.t, r.s.poller.Notify(t.ID))
		}
		r.until(r.clock.Now())
	}
	r.settling, r.cost = false, cost
}

// followed gives the rows of the followed tickets.
func (r *rig) followed() (all []fact.Ticket) {
	r.t.Helper()
	require.NoError(r.t, r.e.store.EachTicket(r.ctx(), func(t fact.Ticket) error {
		all = append(all, t)
		return nil
	}))
	return all
}

func (r *rig) allReadNow() bool {
	return !slices.ContainsFunc(r.followed(), func(t fact.Ticket) bool {
		return t.ReadAt != fact.At(r.clock.Now())
	})
}

// samples are the values of one scrape, by name and labels as model.Metric writes them.
type samples map[string]float64

// series names a sample: labels are names and values in turn.
func series(name string, labels ...string) string {
	m := model.Metric{model.MetricNameLabel: model.LabelValue(name)}
	for i := 0; i < len(labels); i += 2 {
		m[model.LabelName(labels[i])] = model.LabelValue(labels[i+1])
	}
	return m.String()
}

// scrape gives what /metrics shows now.
func (r *rig) scrape() samples {
	r.t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(r.exposition("")))
	require.NoError(r.t, err)
	s := samples{}
	for _, f := range families {
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, f)
		require.NoError(r.t, err)
		for _, v := range vector {
			s[v.Metric.String()] = float64(v.Value)
		}
	}
	return s
}

// exposition gives the answer to a scrape that accepts a format.
func (r *rig) exposition(accept string) string {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.ctx(), http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	r.e.Metrics().ServeHTTP(w, req)
	require.Equal(r.t, http.StatusOK, w.Code)
	return w.Body.String()
}

func (r *rig) ctx() context.Context { return r.t.Context() }

// events are the counted log entries that are not 0, in the form of apitest's own recount.
func (s samples) events() map[[3]string]int {
	counts := map[[3]string]int{}
	for name, v := range s {
		var action, user, kind string
		if n, _ := fmt.Sscanf(name, `socialboards_ticket_events_total{action_type=%q, user_id=%q, user_type=%q}`, &action, &user, &kind); n == 3 && v > 0 {
			counts[[3]string{action, user, kind}] = int(v)
		}
	}
	return counts
}
