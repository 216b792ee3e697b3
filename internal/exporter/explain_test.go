package exporter

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/explain"
)

var updateExplain = flag.Bool("update-explain", false, "write the expected explanations anew")

// explained tells what a configuration comes to, while the exporter may be running.
func (r *rig) explained(yaml string, much Sample) (*explain.Report, error) {
	r.t.Helper()
	r.yaml = api + yaml
	return r.explain(much)
}

func (r *rig) explain(much Sample) (*explain.Report, error) {
	return Explain(r.ctx(), Options{
		Config: r.config, StoragePath: r.dir, Clock: r.clock, Transport: r, Version: "test",
		Logger: slog.New(slog.NewTextHandler(&r.logs, nil)),
	}, much)
}

func (r *rig) mustExplain(yaml string, much Sample) *explain.Report {
	r.t.Helper()
	report, err := r.explained(yaml, much)
	require.NoError(r.t, err)
	return report
}

// teamRig gives a rig of a support team at work for a month, in which no store was made yet.
func teamRig(t *testing.T, o apitest.Options) *rig {
	t.Helper()
	r := newRig(t, monday(), o)
	r.sim.Populate(monday().Add(-30*24*time.Hour), monday())
	r.dir = filepath.Join(r.dir, "data")
	return r
}

const promises = `
sla:
  calendars:
    office: {timezone: Europe/Oslo, hours: {mon-fri: ["08:00-16:00"]}}
  objectives:
    - {name: first_response, measure: first_response, target: 4h, calendar: office}
    - {name: resolution_vip, measure: resolution, target: 2d, match: {tags: [vip]}}
`

func TestExplainIsToldInFull(t *testing.T) {
	r := teamRig(t, apitest.Options{Seed: 5, Tickets: 150, Labels: map[string]map[string]string{"en": {"pending": "Parked"}, "nb": {"pending": "Parkert"}}})
	r.yaml = strings.Replace(api, "requests_per_second: 1000, burst: 1000", "requests_per_second: 5", 1) +
		fmt.Sprintf("tickets: {ids: [%d, 999], discover: [{}, {status: open}, {status: pending}]}\n", r.sim.TicketIDs()[3]) + promises
	report, err := r.explain(Sample{Lists: 100, Logs: 30})
	require.NoError(t, err)
	var table, document bytes.Buffer
	require.NoError(t, report.WriteTable(&table))
	require.NoError(t, report.WriteJSON(&document))
	for name, got := range map[string]string{"explain.txt": table.String(), "explain.json": document.String()} {
		path := filepath.Join("testdata", name)
		if *updateExplain {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got)
	}
	require.True(t, json.Valid(document.Bytes()))
	require.NoDirExists(t, r.dir, "nothing was changed")
	for _, agent := range r.sim.Agents() {
		require.NotContains(t, document.String(), agent.ID)
		require.NotContains(t, document.String(), agent.Name)
	}
}

// What is told beforehand is what happens: the same tickets, series and requests.
func TestExplainComesTrue(t *testing.T) {
	const yaml = "tickets: {discover: [{}, {status: open}]}\npoll: {interval: 5m}\n" + promises
	r := teamRig(t, apitest.Options{Seed: 6, Tickets: 15})
	report := r.mustExplain(yaml, Sample{Lists: 100, Logs: 1000})
	require.NoError(t, os.MkdirAll(r.dir, 0o700))

	before := len(r.sent)
	r.start(yaml)
	for !r.s.recorder.Ready() {
		_, err := r.s.poller.Step(r.ctx())
		require.NoError(t, err)
	}
	shown := r.scrape()
	require.InEpsilon(t, len(r.sent)-before, report.FirstPass.Requests, 0.2)
	require.Equal(t, shown[tracked], float64(report.Tickets.Followed))
	total := 0
	for _, m := range report.Series.Metrics {
		n := matching(shown, m.Name+"{") + matching(shown, m.Name+"_bucket{") + matching(shown, m.Name+"_sum{") + matching(shown, m.Name+"_count{")
		if strings.Contains(m.Name, "_sla_due_") || strings.Contains(m.Name, "_sla_warning_") {
			require.LessOrEqual(t, n, m.Series, m.Name)
		} else {
			require.Equal(t, n, m.Series, m.Name)
		}
		total += m.Series
	}
	require.Equal(t, total, report.Series.Total)
	require.Equal(t, matching(shown, "socialboards_")-matching(shown, "socialboards_exporter_")-matching(shown, "socialboards_up"),
		total-shortfall(report, shown), "no metric is left out")

	r.alive = true
	r.pass(time.Hour)
	now := r.mustExplain(yaml, Sample{Lists: 100, Logs: 20})
	before = len(r.sent)
	r.pass(2 * time.Hour)
	require.InEpsilon(t, float64(len(r.sent)-before)/2, now.Requests.Now, 0.35)
}

// shortfall is how many series of due times are fewer than was told, since clocks stopped.
func shortfall(report *explain.Report, shown samples) int {
	n := 0
	for _, m := range report.Series.Metrics {
		if strings.Contains(m.Name, "_sla_due_") || strings.Contains(m.Name, "_sla_warning_") {
			n += m.Series - matching(shown, m.Name+"{")
		}
	}
	return n
}

func TestExplainTellsWhenTheIntervalCannotBeKept(t *testing.T) {
	r := teamRig(t, apitest.Options{Seed: 7, Tickets: 30})
	const all = "tickets: {discover: [{}]}\n"
	require.Empty(t, r.mustExplain(all, Sample{Lists: 100}).Problems)
	r.yaml = strings.Replace(api, "requests_per_second: 1000", "requests_per_second: 0.02", 1) + all
	report, err := r.explain(Sample{Lists: 100})
	require.NoError(t, err)
	require.Len(t, report.Problems, 1)
	require.Contains(t, report.Problems[0], "api.requests_per_second to ")
	require.Greater(t, report.Requests.Now, report.Requests.Budget)
}

func TestExplainAsksNoMoreThanItMay(t *testing.T) {
	r := teamRig(t, apitest.Options{Seed: 8, Tickets: 400})
	report := r.mustExplain("tickets: {discover: [{}]}\n", Sample{Lists: 3})
	require.Equal(t, 3, r.sim.Count("list"))
	require.Zero(t, r.sim.Count("log"))
	require.True(t, report.Incomplete)
	require.True(t, report.Rules[0].Incomplete)
	require.Positive(t, report.Tickets.Followed)

	report = r.mustExplain("tickets: {discover: [{}]}\nshard: {index: 1, total: 2}\n", Sample{Lists: 100, Logs: 2})
	require.False(t, report.Incomplete)
	require.Equal(t, 2, report.Sample.Logs)
	require.InDelta(t, report.Tickets.Followed, report.Tickets.OtherShards, 80, "half are of the other shard")
}

func TestExplainEndsWhereTheAPIRefuses(t *testing.T) {
	const all = "tickets: {discover: [{}]}\n"
	r := teamRig(t, apitest.Options{Seed: 9, Tickets: 10})
	r.sim.RefuseTokens(true)
	_, err := r.explained(all, Sample{Lists: 100})
	require.ErrorContains(t, err, "auth")
	r.sim.RefuseTokens(false)
	remove := r.sim.Fault(apitest.Fault{Endpoint: "list", Status: 500, Times: 2})
	require.Positive(t, r.mustExplain(all, Sample{Lists: 100}).Tickets.Followed, "two failures end nothing")
	remove()
	r.sim.Fault(apitest.Fault{Endpoint: "list", Status: 500})
	_, err = r.explained(all, Sample{Lists: 100})
	require.ErrorContains(t, err, "server_error")
}

// An API that gives another refresh token with each use and takes the one before back locks
// nobody out: not who explains before the first start, and not an exporter that runs.
func TestExplainLosesNoRefreshToken(t *testing.T) {
	const yaml = "tickets: {discover: [{}]}\npoll: {interval: 10m}\n"
	r := teamRig(t, apitest.Options{Seed: 10, Tickets: 5, RotateTokens: true})
	first := r.sim.RefreshToken()
	r.mustExplain(yaml, Sample{Lists: 100})
	require.NotEqual(t, first, r.sim.CurrentRefreshToken())
	kept := filepath.Join(r.dir, "refresh_token.json")
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Contains(t, string(text), r.sim.CurrentRefreshToken())
	require.NoFileExists(t, filepath.Join(r.dir, "events.db"), "and nothing besides")
	for path, mode := range map[string]os.FileMode{kept: 0o600, r.dir: 0o700} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}

	r.start(yaml)
	r.pass(time.Minute)
	require.Equal(t, 1.0, r.scrape()["socialboards_up"])
	r.mustExplain(yaml, Sample{Lists: 100})
	r.yaml = api + yaml
	r.pass(90 * time.Minute) // tokens live for an hour
	require.Equal(t, 1.0, r.scrape()["socialboards_up"])
	require.NotContains(t, r.logs.String(), "No token is accepted")
}

func TestExplainSaysThatATokenCannotBeKept(t *testing.T) {
	r := teamRig(t, apitest.Options{Seed: 11, Tickets: 5, RotateTokens: true})
	r.dir = ":memory:"
	r.mustExplain("tickets: {ids: [1]}\n", Sample{Lists: 100})
	require.Contains(t, r.logs.String(), "another refresh token")
	require.NotContains(t, r.logs.String(), r.sim.CurrentRefreshToken())
}
