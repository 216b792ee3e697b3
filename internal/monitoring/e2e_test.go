//go:build e2e

package monitoring

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/dashboards"
)

func TestPromtoolFindsNothing(t *testing.T) {
	for _, args := range [][]string{
		{"check", "rules", "alerts.yml"},
		{"check", "config", "--syntax-only", "deploy/compose/prometheus/prometheus.yml"},
	} {
		cmd := exec.Command(tool(t, "PROMTOOL"), args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

const promised = `
api: {base_url: $BASE_URL, client_id: $CLIENT_ID, refresh_token_file: refresh_token, inbox_url: "https://inbox.example/acme", timeout: 2s, requests_per_second: 100, burst: 50}
tickets: {discover: [{}]}
poll: {interval: 1s, max_interval: 2s, read_max_interval: 5s}
users: {names: true}
sla:
  objectives:
    - {name: first_response, measure: first_response, target: 10s}
`

// startExporter follows the simulated API.
func startExporter(t *testing.T, sim *apitest.Server) (address string) {
	t.Helper()
	dir := t.TempDir()
	config := strings.NewReplacer("$BASE_URL", sim.URL(), "$CLIENT_ID", sim.ClientID()).Replace(promised)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "socialboards.yml"), []byte(config), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "refresh_token"), []byte(sim.RefreshToken()), 0o600))
	address = freeAddress(t)
	start(t, exporter(t), "--config.file="+filepath.Join(dir, "socialboards.yml"), "--storage.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	awaitReady(t, address)
	return address
}

// A ticket breaches and pages although the API goes away before the page is out. The outage
// pages as such; another ticket, whose clock exceeds its target meanwhile, does not, and the
// first does not resolve. The API comes back, both are answered, and the page resolves.
func TestBreachPagesAndResolves(t *testing.T) {
	t.Parallel()
	sim := apitest.Start(t, apitest.Options{Tickets: 1})
	customer, agent := apitest.Person("client", "Cho Chang"), sim.Agents()[0]
	pager := startPager(t)
	p := startPrometheus(t, startExporter(t, sim), startAlertmanager(t, pager.URL))
	series := func(expr string, n int) func() bool {
		return func() bool {
			found, err := p.instant(expr)
			return err == nil && len(found) == n
		}
	}

	begun := time.Now()
	late := sim.Create(apitest.Ticket{}, customer, begun)
	require.Eventually(t, series(`socialboards_sla_active_clocks{state="breached"} == 1`, 1), time.Minute, 100*time.Millisecond)
	next := sim.Create(apitest.Ticket{}, customer, time.Now())
	require.Eventually(t, series("socialboards_ticket_sla_due_timestamp_seconds", 2), time.Minute, 100*time.Millisecond)
	restore := sim.Fault(apitest.Fault{Status: 503})

	breached := pager.await(t, "SocialboardsSLABreached", "firing", 2*time.Minute)
	require.Greater(t, time.Since(begun), 70*time.Second, "the first minute after the target is for reading the log")
	id := strconv.FormatInt(late, 10)
	require.Equal(t, map[string]string{
		"alertname": "SocialboardsSLABreached", "job": "socialboards", "ticket_id": id, "objective": "first_response",
		"severity": "critical", "audience": "agents",
	}, breached.Labels)
	require.Equal(t, "https://inbox.example/acme/tickets?ticketId="+id, breached.Annotations["link"])
	require.Regexp(t, `^1m \d+s$`, breached.Annotations["value"])
	require.Equal(t, "Ticket "+id+" has breached first_response", breached.Annotations["summary"])

	pager.await(t, "SocialboardsAPIDown", "firing", time.Minute)
	require.Eventually(t, series("instance_ticket_objective:socialboards_sla_overdue:seconds > 65", 2), 2*time.Minute, 100*time.Millisecond)
	require.Empty(t, pager.all(func(p page) bool { return p.is("SocialboardsSLABreached", "resolved") }))
	restore()
	sim.Reply(next, agent, sim.Now().Add(-70*time.Second)) // before its target, as shows only now
	pager.await(t, "SocialboardsAPIDown", "resolved", 2*time.Minute)
	require.Empty(t, pager.all(func(p page) bool {
		return p.Labels["ticket_id"] == strconv.FormatInt(next, 10) && p.Labels["severity"] == "critical"
	}))

	sim.Reply(late, agent, time.Now())
	resolved := pager.await(t, "SocialboardsSLABreached", "resolved", time.Minute)
	require.Equal(t, id, resolved.Labels["ticket_id"])
}

// The stack in one command: the three find each other.
func TestStackRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stack")
	out, err := exec.Command("go", "build", "-o", path, "socialboards_exporter/internal/stack").CombinedOutput()
	require.NoError(t, err, "%s", out)
	p := prometheus{t: t, address: freeAddress(t)}
	start(t, path, "--root="+root, "--exporter="+exporter(t), "--prometheus="+tool(t, "PROMETHEUS"), "--alertmanager="+tool(t, "ALERTMANAGER"),
		"--exporter.address="+freeAddress(t), "--prometheus.address="+p.address, "--alertmanager.address="+freeAddress(t))
	for _, expr := range []string{"socialboards_exporter_ready == 1", "job_objective:socialboards_sla_goal:ratio"} {
		require.Eventually(t, func() bool {
			found, err := p.instant(expr)
			return err == nil && len(found) > 0
		}, 90*time.Second, 500*time.Millisecond, expr)
	}
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + p.address + "/api/v1/alertmanagers")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return err == nil && strings.Contains(string(body), `"activeAlertmanagers":[{"url"`)
	}, 30*time.Second, 500*time.Millisecond)
}

// What may be without data on a good day, by title of the panel.
var quiet = map[string]string{
	"Requests refused or unanswered, a second": "no request fails",
}

// mayBeEmpty: queries that compare with a week ago have nothing to compare with, and those
// that end in < 0 are there for their exemplars only.
func mayBeEmpty(expr string) bool {
	return strings.Contains(expr, "offset 1w") || strings.HasSuffix(expr, "< 0")
}

// Each query of each panel and page gives data, with the demo's life in it.
func TestQueriesGiveData(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	start(t, exporter(t), "demo", "--web.listen-address="+address)
	awaitReady(t, address)
	p := startPrometheus(t, address, freeAddress(t))
	require.Eventually(t, func() bool { // long enough that charts have points, and shares are not those of nothing
		found, err := p.instant("count_over_time(instance_objective:socialboards_sla_clocks:increase30d[1m]) > 10 and on () sum(increase(socialboards_sla_clocks_total[1m])) > 2")
		return err == nil && len(found) > 0
	}, 2*time.Minute, time.Second)

	boards, err := dashboards.All()
	require.NoError(t, err)
	for _, b := range boards {
		for _, q := range b.Queries() {
			ask := p.instant
			if q.Ranged {
				ask = p.ranged
			}
			found, err := ask(q.Resolve("1m", "10s"))
			require.NoError(t, err, "%s: %s: %s", q.Board, q.Panel, q.Expr)
			if quiet[q.Panel] == "" && !mayBeEmpty(q.Expr) {
				require.NotEmpty(t, found, "%s: %s: %s", q.Board, q.Panel, q.Expr)
			}
		}
	}
	for _, q := range documentedQueries(t) {
		found, err := p.instant(q.expr)
		require.NoError(t, err, "%s: %s: %s", q.page, q.heading, q.expr)
		if q.page == "queries.md" && !mayBeEmpty(q.expr) && !strings.Contains(q.expr, `assignee_id=""`) {
			require.NotEmpty(t, found, "%s: %s", q.page, q.expr)
		}
	}
}
