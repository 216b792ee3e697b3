package exporter

import (
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// alone is a ticket that a selection found, and that nothing happens to any more.
func alone(t *testing.T) (*rig, int64) {
	t.Helper()
	r := newRig(t, monday(), apitest.Options{Seed: 4, Tickets: 1})
	for _, id := range r.sim.TicketIDs() {
		r.sim.Delete(id)
	}
	id := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Customer"), monday().Add(-time.Hour))
	r.start("tickets: {discover: [{}]}\n" + slow)
	r.pass(10 * time.Minute)
	require.Equal(t, []int64{id}, r.ids())
	return r, id
}

// A ticket that was taken for spam by mistake looks as it did before when it is back.
func TestATicketThatIsNoSpamAfterAllReturns(t *testing.T) {
	r, id := alone(t)
	spam := func(is bool) { r.sim.Update(id, func(t *apitest.Ticket) { t.Spam = is }) }
	spam(true)
	r.pass(20 * time.Minute)
	require.Empty(t, r.ids())
	spam(false)
	r.pass(20 * time.Minute)
	require.Equal(t, []int64{id}, r.ids())
	require.Equal(t, r.sim.Recount(id), r.scrape().events(), "and nothing counts twice")
}

// A 404 may be a slip of the API; a ticket that lists still show is asked for again, but
// not again and again.
func TestALiveTicketThatWasNotFoundReturnsAfterADay(t *testing.T) {
	r, id := alone(t)
	r.sim.Fault(apitest.Fault{Ticket: id, Endpoint: apitest.LogEndpoint, Status: 404})
	r.pass(time.Hour)
	require.Empty(t, r.ids())
	asked := r.sim.Count(apitest.LogEndpoint)
	r.pass(20 * time.Hour)
	require.Equal(t, asked, r.sim.Count(apitest.LogEndpoint))
	r.pass(20 * time.Hour)
	require.Equal(t, asked+1, r.sim.Count(apitest.LogEndpoint))
	r.sim.ClearFaults()
	r.pass(25 * time.Hour)
	require.Equal(t, []int64{id}, r.ids())
}

// A ticket that goes to another shard and comes back is followed again though nothing in
// the list tells that it was away.
func TestATicketThatAnotherShardGivesBackReturns(t *testing.T) {
	r, id := alone(t)
	shards := func(total int) string {
		return fmt.Sprintf("tickets: {discover: [{}]}\nshard: {index: 0, total: %d, since: %s}\n", total, r.clock.Now().Add(time.Minute).Format(time.RFC3339)) + slow
	}
	for total := 2; len(r.ids()) > 0; total++ {
		require.Less(t, total, 9)
		r.stop()
		r.start(shards(total))
		r.pass(time.Hour)
	}
	r.stop()
	r.start(shards(1))
	r.pass(time.Hour)
	require.Equal(t, []int64{id}, r.ids())
}

// Nobody watches for a selection while it is not configured, so what happened then to the
// tickets that it brings when it comes back is no news.
func TestASelectionThatComesBackCountsFromThenOn(t *testing.T) {
	r, id := alone(t)
	agent := r.sim.Agents()[0]
	before := r.scrape().events()
	r.reload("tickets: {discover: [{status: completed}]}\n" + slow)
	r.pass(time.Hour)
	r.sim.Note(id, agent, r.clock.Now())
	other := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Customer"), r.clock.Now())
	r.pass(time.Hour)
	r.reload("tickets: {discover: [{}]}\n" + slow)
	r.pass(20 * time.Minute)
	require.ElementsMatch(t, []int64{id, other}, r.ids())
	require.Equal(t, before, r.scrape().events())

	r.sim.Note(other, agent, r.clock.Now())
	r.restart()
	r.pass(20 * time.Minute)
	before = maps.Clone(before)
	before[[3]string{"note_created", agent.ID, "team"}]++
	require.Equal(t, before, r.scrape().events())
}

// Which statuses are done is settled anew at each start.
func TestDoneStatusesChange(t *testing.T) {
	r, id := alone(t)
	r.sim.ChangeStatus(id, r.sim.Agents()[0], "completed", r.clock.Now())
	r.pass(20 * time.Minute)
	info := series("socialboards_ticket_created_timestamp_seconds", "ticket_id", strconv.FormatInt(id, 10))
	require.NotContains(t, r.scrape(), info)
	r.reload("tickets: {discover: [{}]}\nstatuses: {done: [pending]}\n" + slow)
	require.Contains(t, r.scrape(), info)
	r.reload("tickets: {discover: [{}]}\n" + slow)
	require.NotContains(t, r.scrape(), info)
}

// Once the store has been ready, readiness waits for nobody, after a restart neither: a
// ticket that is not found departs at once.
func TestNotFoundAfterARestart(t *testing.T) {
	r, id := alone(t)
	r.restart()
	lost := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Customer"), r.clock.Now())
	r.sim.Fault(apitest.Fault{Ticket: lost, Endpoint: apitest.LogEndpoint, Status: 404})
	r.sim.ForgetRequests()
	r.pass(20 * time.Minute)
	require.Equal(t, []int64{id}, r.ids())
	reads := 0
	for _, req := range r.sim.Requests() {
		if req.Endpoint == apitest.LogEndpoint && req.Ticket == lost {
			reads++
		}
	}
	require.Equal(t, 1, reads)
}

// A ticket that was found and not read yet is not live if the list says that it is done.
func TestADoneTicketIsNotLiveBeforeItIsRead(t *testing.T) {
	r, _ := alone(t)
	done := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Customer"), r.clock.Now())
	r.sim.ChangeStatus(done, r.sim.Agents()[0], apitest.Completed, r.clock.Now())
	r.sim.Fault(apitest.Fault{Ticket: done, Endpoint: apitest.LogEndpoint, Status: 500})
	r.pass(5 * time.Minute)
	s := r.scrape()
	require.InDelta(t, 1, s["socialboards_exporter_unread_tickets"], 0)
	require.InDelta(t, 1, s[series("socialboards_tickets", "status", "completed")], 0)
	require.NotContains(t, r.exposition("text/plain"), fmt.Sprintf(`ticket_id="%d"`, done))
}
