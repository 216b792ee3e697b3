package exporter

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// monday is when the stories of this file begin.
func monday() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

const calm = `
poll: {interval: 10s, max_interval: 1m, read_max_interval: 10m, done_max_interval: 10m}
`

// slow is for stories of hours.
const slow = `
poll: {interval: 2m, max_interval: 5m, read_max_interval: 10m, done_max_interval: 10m}
`

// inhabited gives a rig with tickets that have some history.
func inhabited(t *testing.T, tickets int) *rig {
	t.Helper()
	r := newRig(t, monday(), apitest.Options{Seed: 3, Tickets: tickets})
	r.sim.Populate(monday().Add(-10*24*time.Hour), monday())
	for _, id := range r.sim.TicketIDs() {
		r.sim.Update(id, func(ticket *apitest.Ticket) { ticket.Spam = false })
	}
	return r
}

func sum(counts ...map[[3]string]int) map[[3]string]int {
	all := map[[3]string]int{}
	for _, c := range counts {
		for k, n := range c {
			all[k] += n
		}
	}
	return all
}

// Shards divide the tickets among them: their counters add up to the whole.
func TestShardsAddUpToTheWhole(t *testing.T) {
	r := inhabited(t, 25)
	whole := r.sim.Recount()
	var parts []map[[3]string]int
	for i := range 3 {
		r.dir = t.TempDir()
		r.start(fmt.Sprintf("tickets: {discover: [{}]}\nshard: {index: %d, total: 3}\n", i) + calm)
		r.pass(2 * time.Minute)
		s := r.scrape()
		require.Equal(t, 1.0, s["socialboards_exporter_ready"])
		require.NotEmpty(t, s.events())
		parts = append(parts, s.events())
		r.stop()
	}
	require.Equal(t, whole, sum(parts...))
}

// When the number of shards changes, what happened before the agreed instant belongs to
// the old owner of a ticket, and what happens after it to the new one, whenever each of
// them is restarted.
func TestResizedShardsCountEachEntryOnce(t *testing.T) {
	r := inhabited(t, 8)
	const one, two = "tickets: {discover: [{}]}\n", "tickets: {discover: [{}]}\nshard: {index: %d, total: 2, since: %s}\n"
	dirs := []string{r.dir, t.TempDir()}
	r.start(one + slow)
	r.pass(2 * time.Minute)
	since := monday().Add(time.Hour)
	config := func(i int) string { return fmt.Sprintf(two, i, since.Format(time.RFC3339)) + slow }
	note := func() {
		for _, id := range r.sim.TicketIDs() {
			r.sim.Note(id, r.sim.Agents()[0], r.clock.Now())
		}
	}

	// The old owner is restarted half an hour before, the new shard an hour after the instant.
	r.until(since.Add(-30 * time.Minute))
	note()
	r.stop()
	r.start(config(0))
	r.pass(10 * time.Minute)
	for range 6 { // the former owner's until then, whoever's they are after it
		r.sim.Create(apitest.Ticket{}, r.sim.Agents()[0], r.clock.Now())
	}
	r.pass(10 * time.Minute)
	note()
	r.until(since.Add(30 * time.Minute))
	note()
	r.pass(30 * time.Minute)
	r.stop()

	r.dir = dirs[1]
	r.start(config(1))
	r.pass(30 * time.Minute)
	note()
	r.pass(30 * time.Minute)
	second := r.scrape().events()
	r.stop()

	r.dir = dirs[0]
	r.start(config(0))
	r.pass(30 * time.Minute)
	first := r.scrape().events()
	require.NotEmpty(t, second)
	require.Equal(t, r.sim.Recount(), sum(first, second))
}

func TestAStoreOfAnotherShardIsRefused(t *testing.T) {
	r := inhabited(t, 3)
	r.start("tickets: {discover: [{}]}\n" + calm)
	r.yaml = api + "tickets: {discover: [{}]}\nshard: {index: 1, total: 2}\n"
	c, err := r.config()
	require.NoError(t, err)
	require.ErrorContains(t, reloadable(r.e.Config(), c), "restart")
	_, err = r.e.adopt(r.ctx(), c)
	require.ErrorContains(t, err, "shard.since")
}

// A list may be incomplete, so a ticket that it does not show is read; only its own 404
// ends its series, and nothing takes back what was counted.
func TestDepartureAndReturn(t *testing.T) {
	r := inhabited(t, 6)
	id := r.sim.TicketIDs()[0]
	r.sim.ChangeStatus(id, r.sim.Agents()[0], "open", r.clock.Now())
	info := func(s samples) bool {
		for name := range s {
			var ticket int64
			if n, _ := fmt.Sscanf(name, "socialboards_ticket_created_timestamp_seconds{ticket_id=\"%d\"}", &ticket); n == 1 && ticket == id {
				return true
			}
		}
		return false
	}
	r.start("tickets: {discover: [{}]}\n" + calm)
	r.pass(5 * time.Minute)
	require.True(t, info(r.scrape()))
	before := r.scrape().events()

	r.sim.OnList(func(ids []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(ids), func(shown int64) bool { return shown == id })
	})
	r.pass(10 * time.Minute)
	require.True(t, info(r.scrape()), "not shown by lists is not gone")
	r.sim.OnList(nil)

	r.sim.Delete(id)
	r.pass(20 * time.Minute)
	s := r.scrape()
	require.False(t, info(s))
	require.Equal(t, before, s.events())
	require.Equal(t, 5.0, s["socialboards_exporter_tracked_tickets"])

	// It returns, with entries from the time in which nobody watched it.
	r.sim.Note(id, r.sim.Agents()[0], r.clock.Now())
	r.pass(time.Hour)
	r.sim.Restore(id)
	r.sim.Append(id, apitest.Entry{Time: r.clock.Now().Add(-30 * time.Minute), Type: "note_created", User: r.sim.Agents()[0]})
	r.pass(time.Second)
	r.sim.Reply(id, r.sim.Agents()[0], r.clock.Now())
	r.pass(20 * time.Minute)
	s = r.scrape()
	require.Equal(t, 6.0, s["socialboards_exporter_tracked_tickets"])
	after := maps.Clone(before)
	after[[3]string{"reply_created", r.sim.Agents()[0].ID, "team"}]++
	require.Equal(t, after, s.events(), "only what happened since it was found again")
}

// A done ticket that is followed no longer stays away though lists go on showing it.
func TestAnOldDoneTicketIsReadOnceAndLeft(t *testing.T) {
	r := newRig(t, monday(), apitest.Options{Seed: 4, Tickets: 1})
	agent := r.sim.Agents()[0]
	old := r.sim.Create(apitest.Ticket{}, agent, monday().Add(-200*24*time.Hour))
	r.sim.ChangeStatus(old, agent, "completed", monday().Add(-199*24*time.Hour))
	r.start("tickets: {discover: [{}]}\n" + slow)
	r.pass(10 * time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
	changes := series("socialboards_ticket_status_changes_total", "from", "open", "to", "completed")
	require.Equal(t, 1.0, r.scrape()[changes], "its history counts although it has departed")
	asked := r.sim.Count(apitest.LogEndpoint)
	r.pass(24 * time.Hour)
	require.Equal(t, asked, r.sim.Count(apitest.LogEndpoint))
	r.restart()
	r.pass(time.Hour)
	require.Equal(t, asked, r.sim.Count(apitest.LogEndpoint))

	r.sim.Reply(old, agent, r.clock.Now())
	r.sim.ChangeStatus(old, agent, "open", r.clock.Now())
	r.pass(20 * time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
}

// An interruption of the first pass, however often, changes nothing about it.
func TestAFirstPassInPartsCountsAllHistory(t *testing.T) {
	r := inhabited(t, 12)
	r.start("tickets: {discover: [{}]}\n" + calm)
	for range 15 {
		for range 3 {
			_, err := r.s.poller.Step(r.ctx())
			require.NoError(t, err)
		}
		require.Empty(t, func() map[[3]string]int {
			if s := r.scrape(); s["socialboards_exporter_ready"] != 1 {
				return s.events()
			}
			return nil
		}())
		r.restart()
	}
	r.pass(5 * time.Minute)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
}

// A ticket that itself cannot be read holds readiness back only until that is certain:
// three times in a row, over at least a minute, while others are answered.
func TestReadinessDoesNotWaitForTicketsThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(*rig, int64){
		"not found": func(r *rig, id int64) { r.sim.Delete(id) },
		"too large": func(r *rig, id int64) { r.sim.Fault(apitest.Fault{Ticket: id, Padding: 17 << 20}) },
		"no readable entry": func(r *rig, id int64) {
			r.sim.Fault(apitest.Fault{Ticket: id, Body: `{"data":[{"time":"?"}],"errorCode":-1}`})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := inhabited(t, 5)
			ids := r.sim.TicketIDs()
			spoil(r, ids[0])
			r.start(fmt.Sprintf("tickets: {ids: [%d, %d, %d]}\n", ids[0], ids[1], ids[2]) + calm)
			r.pass(50 * time.Second)
			require.NotEqual(t, 1.0, r.scrape()["socialboards_exporter_ready"], "it may be a slip")
			r.pass(5 * time.Minute)
			s := r.scrape()
			require.Equal(t, 1.0, s["socialboards_exporter_ready"])
			require.Equal(t, r.sim.Recount(ids[1:3]...), s.events())

			// What it shows later that is older than readiness is no news.
			r.sim.ClearFaults()
			r.sim.Restore(ids[0])
			r.sim.Note(ids[0], r.sim.Agents()[0], r.clock.Now())
			r.restart()
			r.pass(7 * time.Hour)
			note := [3]string{"note_created", r.sim.Agents()[0].ID, "team"}
			require.Subset(t, []int{0, 1}, []int{r.scrape().events()[note] - s.events()[note]}, "no history")
		})
	}
}

// An outage, a refused token or garbage on every path make nothing ready, and skip nothing.
func TestReadinessDoesNotLieDuringAnOutage(t *testing.T) {
	for name, fault := range map[string]apitest.Fault{
		"outage":    {Reset: true},
		"not found": {Status: 404},
		"garbage":   {HTML: true},
		"throttled": {Status: 429},
		"truncated": {Endpoint: apitest.LogEndpoint, Truncate: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := inhabited(t, 3)
			ids := r.sim.TicketIDs()
			healed := r.sim.Fault(fault)
			r.start(fmt.Sprintf("tickets: {ids: [%d, %d]}\n", ids[0], ids[1]) + calm)
			for range 20 {
				_, err := r.s.poller.Step(r.ctx())
				require.NoError(t, err)
				r.clock.Advance(time.Minute)
			}
			s := r.scrape()
			require.NotEqual(t, 1.0, s["socialboards_exporter_ready"])
			require.Equal(t, 2.0, s["socialboards_exporter_tracked_tickets"])
			healed()
			r.pass(time.Hour)
			require.Equal(t, r.sim.Recount(ids[:2]...), r.scrape().events())
		})
	}
}
