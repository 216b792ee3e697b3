package exporter

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A configuration that is taken in halfway, since the store fails, leaves the running one
// on solid ground: what it counts from there is what a restart finds.
func TestAReloadThatFailsHalfwayIsForgotten(t *testing.T) {
	r := inhabited(t, 8)
	const plain = "tickets: {discover: [{}]}\n" + calm
	r.start(plain)
	r.pass(10 * time.Minute)
	before := r.scrape().events()
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "events.db"))
	require.NoError(t, err)
	defer db.Close()
	exec := func(statement string) {
		_, err := db.ExecContext(r.ctx(), statement)
		require.NoError(t, err)
	}
	exec(`CREATE TRIGGER full BEFORE INSERT ON tickets
		WHEN NEW.id = (SELECT max(ticket) FROM changes) BEGIN SELECT RAISE(ABORT, 'no space'); END`)
	old := r.s
	old.cancel = func() {}
	old.ended <- nil
	r.yaml = api + plain + `
sla:
  objectives: [{name: solved, measure: resolution, target: 1h}]
`
	next, _, err := r.e.tryReload(r.ctx(), old)
	require.ErrorContains(t, err, "no space")
	require.NotSame(t, old.recorder, next.recorder, "what the old one knows of the store is not true any more")
	require.NoError(t, next.end())
	exec(`DROP TRIGGER full`)

	r.yaml = api + plain
	r.s = r.e.newSession(r.e.Config(), next.recorder)
	require.Equal(t, before, r.scrape().events())
	agent := *r.sim.Agents()[0]
	agent.ID, agent.Name = "new-here", "New Here"
	for _, id := range r.sim.TicketIDs() {
		r.sim.Note(id, &agent, r.clock.Now())
	}
	r.pass(20 * time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
	r.restart()
}

func TestReloadTellsWhatDeservesASecondLook(t *testing.T) {
	r := inhabited(t, 4)
	const tickets = "tickets: {discover: [{}]}\n"
	r.start(tickets + "sla: {objectives: [{name: solved, measure: resolution, target: 1h}]}\n")
	r.pass(time.Minute)
	plain := len(r.e.Config().Warnings())
	advice := func(yaml string) ([]string, error) {
		old := r.s
		old.cancel = func() {}
		old.ended <- nil
		r.yaml = api + yaml
		next, advice, err := r.e.tryReload(r.ctx(), old)
		r.s = next
		if err == nil {
			require.NoError(t, next.end())
			r.s = r.e.newSession(r.e.Config(), next.recorder)
		}
		return advice[plain:], err
	}
	got, err := advice(tickets + "sla: {objectives: [{name: solved, measure: resolution, target: 2h}]}\nmetrics: {native_histograms: false}\n")
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Contains(t, got[0], "metrics.native_histograms")
	require.Contains(t, got[0], "restart")
	require.Contains(t, got[1], "solved changed under its old name")
	require.Contains(t, got[1], "give it a new name")

	got, err = advice(tickets + "sla: {objectives: [{name: solved, measure: resolution, target: 2h}]}\nmetrics: {native_histograms: false}\n")
	require.NoError(t, err)
	require.Empty(t, got, "nothing has changed")
}

func TestReloadNamesAllThatNeedsARestart(t *testing.T) {
	r := inhabited(t, 1)
	r.start("tickets: {ids: [1]}\n")
	r.yaml = `
api: {base_url: "https://elsewhere.example.com", client_id: another, refresh_token: $REFRESH_TOKEN, proxy_url: "http://proxy.example.com"}
tickets: {ids: [1]}
shard: {index: 1, total: 2}
webhook: {verify_token_file: none}
`
	next, err := r.config()
	require.NoError(t, err)
	err = reloadable(r.e.Config(), next)
	for _, key := range []string{"api.base_url", "api.client_id", "proxy", "shard", "webhook.listen_address"} {
		require.ErrorContains(t, err, key)
	}
	require.NoError(t, reloadable(next, next))
}

// Whatever of the configuration changes takes effect from the reload on, and what was counted
// stays.
func TestWhatAReloadChangesTakesEffectAndLosesNoCount(t *testing.T) {
	const all = "tickets: {discover: [{status: completed}, {}]}\n" // the first stays: its tickets are not found anew
	r := inhabited(t, 6)
	r.start("tickets: {discover: [{status: completed}]}\n" + calm)
	r.pass(time.Minute)
	before := r.scrape()
	for _, step := range []struct {
		what, yaml string
		shows      func(before, after samples) bool
	}{
		{"more is selected", all, func(before, after samples) bool { return after[tracked] > before[tracked] }},
		{"bounds", all + "metrics: {status_duration_buckets: [1s, 52w]}\n", func(before, after samples) bool {
			return matching(before, `le="3.14496e+07"`) == 0 && matching(after, "status_duration_seconds_bucket", `le="3.14496e+07"`) > 0
		}},
		{"a done status", all + "statuses: {done: [completed, open]}\n", func(before, after samples) bool {
			return matching(before, "ticket_info{", `status="open"`) > 0 && matching(after, "ticket_info{", `status="open"`) == 0
		}},
		{"a label", all + "statuses: {labels: {Open: parked}}\n", func(before, after samples) bool {
			return matching(before, `from="parked"`) == 0 && matching(after, `from="parked"`) > 0
		}},
		{"an objective", all + "sla: {objectives: [{name: solved, measure: resolution, target: 1h}]}\n", func(_, after samples) bool {
			return after[series("socialboards_sla_clocks_total", "objective", "solved")] > 0
		}},
		{"fewer series", all + "metrics: {max_tickets: 0}\n", func(before, after samples) bool {
			return matching(before, "ticket_info{") > 0 && matching(after, "ticket_info{") == 0
		}},
		{"less is selected", "tickets: {discover: [{status: pending}]}\n", func(before, after samples) bool {
			return after[tracked] < before[tracked]
		}},
	} {
		r.reload(step.yaml + calm)
		r.pass(time.Minute)
		after := r.scrape()
		require.True(t, step.shows(before, after), step.what)
		for key, n := range before.events() {
			require.GreaterOrEqual(t, after.events()[key], n, "%s: %v fell", step.what, key)
		}
		before = after
	}
	r.restart()
}

const tracked = "socialboards_exporter_tracked_tickets"

// matching counts the samples whose names hold all the texts.
func matching(s samples, texts ...string) int {
	n := 0
	for name := range s {
		holds := true
		for _, text := range texts {
			holds = holds && strings.Contains(name, text)
		}
		if holds {
			n++
		}
	}
	return n
}
