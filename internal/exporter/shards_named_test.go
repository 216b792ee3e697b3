package exporter

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// naming is the configuration of a shard that follows tickets by their ids alone.
func naming(index, total int, since time.Time, ids ...int64) string {
	shard := fmt.Sprintf("shard: {index: %d, total: %d", index, total)
	if !since.IsZero() {
		shard += ", since: " + since.Format(time.RFC3339)
	}
	list := ""
	for _, id := range ids {
		list += fmt.Sprintf("%d, ", id)
	}
	return "tickets: {ids: [" + list + "]}\n" + shard + "}\n" + solvedInAnHour
}

// A ticket whose id the configuration names for the first time some time around a resize is
// found at that moment, as by one process, whoever had it or has it: what happened before
// counts for nobody.
func TestIDsNamedAroundAResize(t *testing.T) {
	for name, comes := range map[string]int{"before it": -120, "between the restarts and it": -20, "long after it": 300} {
		t.Run(name, func(t *testing.T) {
			f, since := newFleet(newRig(t, monday(), apitest.Options{Seed: 9}), 3), monday().Add(3*time.Hour)
			f.take(0)
			one, leaves, stays := f[0], f[1], f[2]
			sim, all := one.sim, heirlooms(3) // all of them the leaving shard's before
			for _, id := range all {
				sim.Create(apitest.Ticket{ID: id}, apitest.Person("client", "Customer"), monday().Add(-time.Hour))
			}
			ids, total, agreed := all[:1], 2, time.Time{}
			config := func(r *rig) string {
				switch r {
				case one:
					return naming(0, 1, time.Time{}, ids...)
				case leaves:
					return naming(1, total, agreed, ids...)
				default:
					return naming(0, total, agreed, ids...)
				}
			}
			for _, r := range f {
				r.start(config(r))
			}
			anew := func() {
				for _, r := range f {
					r.stop()
					r.start(config(r))
				}
			}
			steps := map[int]func(){ // by the minute
				-30: func() { total, agreed = 1, since; anew() },
				comes: func() {
					ids = all
					for _, r := range f {
						r.reload(config(r))
					}
				},
				360: anew, // changes nothing
			}
			for m := -170; m <= 420; m += 10 {
				f.until(since.Add(time.Duration(m) * time.Minute))
				for i, id := range all {
					sim.Note(id, sim.Agents()[i%2], one.clock.Now())
				}
				if step := steps[m]; step != nil {
					step()
				}
			}
			f.settle()
			shown(t, one.whole(), f[1:].sums())
			require.Zero(t, leaves.scrape()["socialboards_exporter_tracked_tickets"])
			require.Equal(t, 3.0, stays.scrape()["socialboards_exporter_tracked_tickets"])
		})
	}
}

// Before the first pass is over, nobody has counted what happened before.
func TestAResizeWaitsForTheEndOfTheFirstPass(t *testing.T) {
	r := inhabited(t, 3)
	r.network = nothing{}
	r.start("tickets: {discover: [{}]}\n" + calm)
	r.endure(time.Minute)
	r.yaml = api + "tickets: {discover: [{}]}\nshard: {index: 0, total: 2, since: 2026-03-02T12:00:00Z}\n" + calm
	c, err := r.config()
	require.NoError(t, err)
	_, err = r.e.adopt(r.ctx(), c)
	require.ErrorContains(t, err, "shard 0/1")
	require.ErrorContains(t, err, "ready")
}

// nothing carries no request.
type nothing struct{}

func (nothing) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrHandlerTimeout }

// A shard that keeps nothing counts what is its own: no more than one that does.
func TestAShardInMemoryBeginsAtTheAgreedInstant(t *testing.T) {
	r, since := inhabited(t, 3), monday().Add(time.Hour)
	r.dir = ":memory:"
	note := func() {
		for _, id := range r.sim.TicketIDs() {
			r.sim.Note(id, r.sim.Agents()[0], r.clock.Now())
		}
	}
	r.begin(0, 1, since, calm)
	r.pass(20 * time.Minute)
	note()
	r.pass(20 * time.Minute)
	require.Empty(t, r.scrape().events())
	r.until(since.Add(time.Minute))
	note()
	r.pass(20 * time.Minute)
	require.Equal(t, map[[3]string]int{{"note_created", r.sim.Agents()[0].ID, "team"}: 3}, r.scrape().events())
}
