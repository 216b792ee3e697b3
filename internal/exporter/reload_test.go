package exporter

import (
	"database/sql"
	"path/filepath"
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
	next, err := r.e.tryReload(r.ctx(), old)
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
