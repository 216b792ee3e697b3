package collector

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"socialboards_exporter/apiclient/apitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socialboards gives a simulated Socialboards with a history, and a configuration for it.
func socialboards(t *testing.T) (*apitest.Server, string) {
	t.Helper()
	sim := apitest.Start(t, apitest.Options{Seed: 5, Tickets: 20})
	now := time.Now()
	sim.Populate(now.Add(-10*24*time.Hour), now)
	return sim, fmt.Sprintf(`
api: {base_url: %q, client_id: %q, refresh_token: %q, requests_per_second: 1000, burst: 1000}
tickets: {discover: [{}]}
poll: {interval: 1s}
sla: {objectives: [{name: first_response, measure: first_response, target: 4h}]}
`, sim.URL(), sim.ClientID(), sim.RefreshToken())
}

// running runs a collector until the test, or stop, ends it.
func running(t *testing.T, o Options) (c *Collector, stop func()) {
	t.Helper()
	c, err := New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = func() {
		cancel()
		err, open := <-ended
		if open {
			require.NoError(t, err)
			close(ended)
		}
	}
	t.Cleanup(stop)
	require.Eventually(t, c.Ready, 20*time.Second, time.Millisecond)
	return c, stop
}

// events gives the events as a recount of the logs does.
func events(t *testing.T, g prometheus.Gatherer) map[[3]string]int {
	t.Helper()
	families, err := g.Gather()
	require.NoError(t, err)
	counts := map[[3]string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if n := m.GetCounter().GetValue(); f.GetName() == "socialboards_ticket_events_total" && n > 0 {
				counts[[3]string{m.Label[0].GetValue(), m.Label[1].GetValue(), m.Label[2].GetValue()}] = int(n)
			}
		}
	}
	return counts
}

func TestARegistryGathersWhatHappened(t *testing.T) {
	sim, config := socialboards(t)
	c, stop := running(t, Options{Config: []byte(config), StoragePath: t.TempDir()})
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(c))
	want := sim.Recount()
	require.NotEmpty(t, want)
	require.Equal(t, want, events(t, registry))
	require.Equal(t, want, events(t, c))
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	require.Empty(t, problems)

	ids := sim.TicketIDs()
	sim.Note(ids[0], sim.Agents()[0], time.Now())
	want = sim.Recount()
	require.Eventually(t, func() bool { return total(events(t, registry)) == total(want) }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, want, events(t, registry), "what happens later is counted as it happens")
	stop()
	require.Equal(t, want, events(t, registry), "what was counted stays")
}

func total(counts map[[3]string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// TestCollectedIsGathered compares both ways out, series by series.
func TestCollectedIsGathered(t *testing.T) {
	_, config := socialboards(t)
	c, stop := running(t, Options{Config: []byte(config), StoragePath: t.TempDir()})
	stop() // so that nothing changes in between
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(c))
	collected, err := registry.Gather()
	require.NoError(t, err)
	gathered, err := c.Gather()
	require.NoError(t, err)
	require.Equal(t, texts(gathered), texts(collected))
	require.Greater(t, len(gathered), 30)
}

func texts(families []*dto.MetricFamily) map[string]int {
	all := map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			all[f.GetName()+" "+f.GetType().String()+" "+f.GetHelp()+" "+m.String()]++
		}
	}
	return all
}

func TestAHandlerServesItBesideOthers(t *testing.T) {
	_, config := socialboards(t)
	c, _ := running(t, Options{Config: []byte(config), StoragePath: t.TempDir()})
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "orders", Help: "Orders."}))
	w := httptest.NewRecorder()
	c.Handler(own).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	for _, line := range []string{"\norders 0\n", "\nsocialboards_exporter_ready 1\n", "\nsocialboards_ticket_events_total{", "\nsocialboards_up 1\n"} {
		require.Contains(t, w.Body.String(), line)
	}
	require.NotContains(t, w.Body.String(), "\ngo_", "the program shows its runtime by itself")
}

func TestReloadReadsTheFileAgain(t *testing.T) {
	_, config := socialboards(t)
	path := filepath.Join(t.TempDir(), "socialboards.yml")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(config)
	c, _ := running(t, Options{ConfigFile: path})
	_, ok := c.Webhook()
	require.False(t, ok)

	write(config + "users: {names: true}\n")
	_, err := c.Reload(t.Context())
	require.NoError(t, err)
	write(config + "userz: {}\n")
	_, err = c.Reload(t.Context())
	require.ErrorContains(t, err, "userz")
	require.True(t, c.Ready())
}

func TestWebhook(t *testing.T) {
	_, config := socialboards(t)
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("s3cret-s3cret-s3cret"), 0o600))
	c, err := New(Options{Config: fmt.Appendf([]byte(config), "webhook: {listen_address: %q, path: /hook, verify_token_file: %q}\n", "127.0.0.1:0", token)})
	require.NoError(t, err)
	h, ok := c.Webhook()
	require.True(t, ok)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/elsewhere", nil))
	require.Equal(t, http.StatusNotFound, w.Code)
}

func TestOptionsThatAreNotRight(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"no configuration":  {Options{}, "either Config or ConfigFile"},
		"two of them":       {Options{Config: []byte("{}"), ConfigFile: "x"}, "either Config or ConfigFile"},
		"a wrong one":       {Options{Config: []byte("tickets: {idz: []}")}, "idz"},
		"a file, not there": {Options{ConfigFile: filepath.Join(t.TempDir(), "none.yml")}, "none.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.options)
			require.ErrorContains(t, err, test.want)
		})
	}
}
