//go:build e2e

package acceptance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// History that was written while the exporter runs, and made into blocks by the real
// promtool, is to a real Prometheus as if it had been scraped: it shows every entry once,
// joins the live series without a reset, and has the same labels.
func TestPrometheusJoinsBackfilledHistory(t *testing.T) {
	sim := apitest.Start(t, apitest.Options{Seed: 11, Tickets: 30})
	now := time.Now()
	sim.Populate(now.Add(-20*24*time.Hour), now)
	e := newExporter(t, sim, eager+`
tickets: {discover: [{}]}
sla: {objectives: [{name: first_response, measure: first_response, target: 4h}]}
`)
	e.start()
	e.eventually(newWatch(t), 30*time.Second, "readiness", ready)
	ids := wanted(sim)
	before := float64(total(sim, ids))

	p, tsdb := &prometheus{t: t, address: freeAddress(t)}, filepath.Join(t.TempDir(), "tsdb")
	stop := p.keep(tsdb, e.address)
	p.eventually(`sum(socialboards_ticket_events_total)`, before)
	stop()
	importHistory(t, e, tsdb)
	p.keep(tsdb, e.address)

	const added = 10
	for i := range added {
		sim.Note(ids[i%len(ids)], sim.Agents()[0], time.Now())
	}
	p.eventually(`sum(socialboards_ticket_events_total)`, before+added)
	p.eventually(`sum(increase(socialboards_ticket_events_total[25d] anchored))`, before+added)
	for _, metric := range []string{
		"socialboards_ticket_events_total", "socialboards_ticket_status_changes_total",
		"socialboards_ticket_status_duration_seconds_bucket", "socialboards_ticket_status_duration_seconds_count",
		"socialboards_sla_clocks_total", "socialboards_sla_breaches_total", "socialboards_sla_duration_seconds_bucket",
	} {
		p.eventually(`max(resets(`+metric+`[25d]))`, 0)
		live, ok := p.query(`count(` + metric + `)`)
		require.True(t, ok, metric)
		p.eventually(`count(last_over_time(`+metric+`[25d]))`, live) // no series of the past has other labels
		// What had happened by a time is what Prometheus shows at that time.
		p.eventually(`sum(`+metric+`) - sum(increase(`+metric+`[25d] anchored))`, 0)
	}
	median, ok := p.query(`histogram_quantile(0.5, sum by (le) (increase(socialboards_ticket_status_duration_seconds_bucket[15d] offset 2d)))`)
	require.True(t, ok)
	require.Positive(t, median)
	some, ok := p.query(`sum(increase(socialboards_ticket_events_total[5d] offset 5d))`)
	require.True(t, ok)
	require.InEpsilon(t, countBetween(sim, ids, now.AddDate(0, 0, -10), now.AddDate(0, 0, -5)), some, 0.05)
}

// countBetween counts the entries of a span of time.
func countBetween(sim *apitest.Server, ids []int64, from, to time.Time) (n float64) {
	for _, id := range ids {
		for _, entry := range sim.Entries(id) {
			if entry.Time.After(from) && !entry.Time.After(to) {
				n++
			}
		}
	}
	return n
}

// importHistory writes files with the program and makes blocks of them with promtool.
func importHistory(t *testing.T, e *exporter, tsdb string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "history")
	args := append([]string{"backfill", "--step=15m", "--output=" + dir}, e.args[:2]...)
	out, err := exec.CommandContext(ctx, binary, args...).CombinedOutput()
	require.NoError(t, err, string(out))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Greater(t, len(files), 19)
	for _, f := range files {
		out, err := exec.CommandContext(ctx, tool(t, "PROMTOOL"), "tsdb", "create-blocks-from", "openmetrics", "--quiet",
			"--label=job=socialboards", "--label=instance="+e.address, filepath.Join(dir, f.Name()), tsdb).CombinedOutput()
		require.NoError(t, err, "%s: %s", f.Name(), out)
	}
}

// keep starts the server on a directory of blocks that outlives it.
func (p *prometheus) keep(tsdb, target string) (stop func()) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "prometheus.yml")
	config := fmt.Sprintf(`
scrape_configs:
  - job_name: socialboards
    scrape_interval: 1s
    scrape_timeout: 1s
    scrape_protocols: [PrometheusProto]
    always_scrape_classic_histograms: true
    static_configs: [{targets: [%q]}]
`, target)
	require.NoError(p.t, os.WriteFile(file, []byte(config), 0o600))
	cmd := exec.Command(tool(p.t, "PROMETHEUS"), "--config.file="+file, "--storage.tsdb.path="+tsdb, "--storage.tsdb.retention.time=90d",
		"--web.listen-address="+p.address, "--enable-feature=promql-extended-range-selectors", "--log.level=warn")
	log := &logBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(p.t, cmd.Start())
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Signal(os.Interrupt)
			_ = cmd.Wait()
		}
	}
	p.t.Cleanup(func() {
		stop()
		if p.t.Failed() {
			p.t.Logf("log of Prometheus:\n%s", log)
		}
	})
	return stop
}
