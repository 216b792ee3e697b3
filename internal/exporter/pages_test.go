package exporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/web"
)

func (r *rig) listed(polls bool) map[int64]web.Listed {
	all := map[int64]web.Listed{}
	for l := range r.e.List(polls) {
		all[l.ID] = l
	}
	return all
}

// Who asks why a ticket is not there, or late, finds the answer on the page of tickets.
func TestTheTicketsPageTellsWhereEachTicketIs(t *testing.T) {
	r := newRig(t, monday(), apitest.Options{Seed: 1, Tickets: 1})
	client, agent := apitest.Person("client", "Anna Berg"), r.sim.Agents()[0]
	late := r.sim.Create(apitest.Ticket{Assignee: agent}, client, monday().Add(-2*time.Hour))
	soon := r.sim.Create(apitest.Ticket{}, client, monday().Add(-50*time.Minute))
	done := r.sim.Create(apitest.Ticket{}, client, monday().Add(-3*time.Hour))
	r.sim.Reply(done, agent, monday().Add(-150*time.Minute))
	r.sim.ChangeStatus(done, agent, apitest.Completed, monday().Add(-150*time.Minute))
	spam := r.sim.Create(apitest.Ticket{}, client, monday().Add(-time.Hour))
	r.start("tickets: {discover: [{}]}\nsla: {objectives: [{name: answer, measure: first_response, target: 1h}]}\n" + calm)
	r.pass(time.Minute)
	failing := r.sim.Create(apitest.Ticket{}, client, r.clock.Now())
	r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Status: 500, Match: func(q apitest.Request) bool { return q.Ticket == failing }})
	r.sim.MarkSpam(spam, agent, r.clock.Now())
	r.pass(4 * time.Minute)

	now, all := r.clock.Now(), r.listed(true)
	require.Equal(t, "breached", all[late].Clock)
	require.Equal(t, agent.ID, all[late].Assignee)
	require.Equal(t, monday().Add(-time.Hour), all[late].Due)
	require.Equal(t, "warning", all[soon].Clock)
	require.Equal(t, web.Listed{ID: done, Status: "completed", Done: true,
		Look: all[done].Look, Read: all[done].Read, Next: all[done].Next}, all[done])
	require.WithinRange(t, all[soon].Read, now.Add(-11*time.Minute), now)
	require.WithinRange(t, all[soon].Next, now.Add(-time.Second), now.Add(time.Minute))
	require.True(t, all[failing].Unread)
	require.Contains(t, all[failing].Error, "500")
	require.NotContains(t, all, spam)
	for id, l := range r.listed(false) {
		require.Equal(t, all[id].Error, l.Error, "what fails is told anyway")
		require.Zero(t, l.Look, "what nobody asks for is not looked up")
	}

	rows, err := r.e.Tickets(t.Context(), []int64{late, failing})
	require.NoError(t, err)
	require.Equal(t, "first", rows[1].Trigger)
	require.NotZero(t, rows[1].Failures)
	require.True(t, rows[1].NextRead.After(now))
	require.Equal(t, agent.ID, rows[0].Assignee)

	for id, want := range map[int64]string{
		late: "", 999_999: "tickets.ids does not name it, and no selection has shown it", spam: "deleted or spam",
	} {
		got, err := r.e.Absent(t.Context(), id)
		require.NoError(t, err)
		if want == "" {
			require.Empty(t, got)
		}
		require.Contains(t, got, want)
	}
	r.reload("tickets: {ids: [" + "1" + "]}\n" + calm)
	got, err := r.e.Absent(t.Context(), late)
	require.NoError(t, err)
	require.Contains(t, got, "neither tickets.ids nor a selection names it any more")
}

func TestTheTicketsPageKnowsOtherShards(t *testing.T) {
	r := inhabited(t, 8)
	r.start("tickets: {discover: [{}]}\nshard: {index: 0, total: 2}\n" + calm)
	other := 0
	r.pass(time.Minute)
	for _, id := range r.sim.TicketIDs() {
		got, err := r.e.Absent(t.Context(), id)
		require.NoError(t, err)
		if got != "" {
			require.Contains(t, got, "belongs to another shard")
			other++
		}
	}
	require.Equal(t, len(r.sim.TicketIDs())-len(r.listed(false)), other)
	require.NotZero(t, other)
}

func TestProblemsAreTold(t *testing.T) {
	r := inhabited(t, 2)
	r.start("tickets: {discover: [{}]}\n" + calm)
	r.pass(time.Minute)
	require.Empty(t, r.e.Problems())
	r.sim.RefuseTokens(true)
	r.sim.ExpireTokens()
	r.endure(5 * time.Minute)
	require.Contains(t, r.e.Problems(), "The API refuses the token.")
}
