package exporter

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/recount"
)

// rejudge runs the command recount on the stopped rig's store.
func (r *rig) rejudge(yaml string, apply bool) (recount.Report, string, error) {
	r.t.Helper()
	r.yaml = api + yaml
	return Recount(r.ctx(), Options{Config: r.config, StoragePath: r.dir, Clock: r.clock, Version: "test",
		Logger: slog.New(slog.NewTextHandler(&r.logs, nil))}, apply)
}

// rejudged stops the exporter, recounts, and starts it again, all by the same configuration.
func (r *rig) rejudged(yaml string) recount.Report {
	r.t.Helper()
	r.stop()
	report, kept, err := r.rejudge(yaml, true)
	require.NoError(r.t, err)
	require.FileExists(r.t, kept)
	r.start(yaml)
	require.True(r.t, r.s.recorder.Ready())
	return report
}

// Whatever the promises were by which a history was judged, a recount by others gives what
// a naive recount of the logs says of those.
func TestARecountGivesWhatTheConfigurationWouldHaveGiven(t *testing.T) {
	for seed := range uint64(usual(2)) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 2))
			now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
			begin := now.Add(-time.Duration(100+rnd.IntN(200)) * time.Hour)
			r := newRig(t, now, apitest.Options{Seed: rnd.Uint64(), Tickets: 8, Languages: []string{"nb", "en"}})
			r.alive = true
			said := lists{}
			r.answer = func(a answer) { said.see(t, a) }
			offices := randomOffices(t, rnd)
			for _, o := range offices {
				o.watch(begin.Add(-time.Hour), begin.Add(90*24*time.Hour))
			}
			r.sim.Populate(begin, now)
			const follow = "tickets: {discover: [{}]}\npoll: {interval: 30m, max_interval: 1h, read_max_interval: 4h}\n"
			r.start(follow + slaYAML(offices, randomPromises(rnd, offices)))
			r.pass(9 * time.Hour)
			r.outage(30 * time.Hour)
			r.pass(3 * time.Hour)
			r.settle()

			promises := randomPromises(rnd, offices)
			report := r.rejudged(follow + slaYAML(offices, promises))
			got := r.scrape()
			require.Empty(t, diff(r.recount(offices, promises, said, map[int64]time.Time{}).want, got.counted()))
			require.Equal(t, r.sim.Recount(r.ids()...), got.events())
			require.NotEmpty(t, report.Moved)
			again := r.rejudged(follow + slaYAML(offices, promises))
			require.Empty(t, again.Moved, "a second recount by the same configuration finds nothing to move")
			r.pass(9 * time.Hour)
			r.settle()
			require.Empty(t, diff(r.recount(offices, promises, said, map[int64]time.Time{}).want, r.scrape().counted()))
			require.Equal(t, r.sim.Recount(r.ids()...), r.scrape().events())
			r.restart()
		})
	}
}

func TestARecountGivesUsersTheirPlacesAnew(t *testing.T) {
	const follow = "tickets: {discover: [{}]}\n" + calm
	r := inhabited(t, 8)
	r.start("users: {limit: 2}\n" + follow)
	r.pass(10 * time.Minute)
	events := r.scrape().events()
	require.NotEqual(t, r.sim.Recount(), events, "most are called other")

	report := r.rejudged(follow)
	require.Equal(t, r.sim.Recount(), r.scrape().events())
	ended := 0
	for _, s := range report.Moved {
		if s.Labels[1].Value == "other" && s.After == nil {
			ended++
		}
	}
	require.NotZero(t, ended)

	r.rejudged("users: {limit: 2}\n" + follow)
	require.Equal(t, events, r.scrape().events(), "those who came first have the places")
}

func TestARecountCanGiveUsersPseudonymsButNotTakeThemAway(t *testing.T) {
	const follow = "tickets: {discover: [{}]}\n" + calm
	r := inhabited(t, 8)
	key := filepath.Join(r.dir, "key")
	require.NoError(t, os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef"), 0o600))
	secretly := "users: {pseudonym_key_file: key}\n" + follow
	r.start("users: {names: true}\n" + follow)
	r.pass(10 * time.Minute)
	named := r.scrape().events()
	r.stop()
	_, kept, err := r.rejudge(secretly, true)
	require.NoError(t, err)
	path := filepath.Join(r.dir, "events.db")
	hidden, before := content(t, path), content(t, kept)
	for _, agent := range r.sim.Agents() { // those who have done something were in the old store
		for _, name := range []string{agent.ID, agent.Name} {
			require.NotContains(t, hidden, name)
			require.True(t, strings.Contains(before, name) || named[[3]string{"reply_created", agent.ID, "team"}] == 0, name)
		}
	}
	r.start(secretly)
	counted := r.scrape().events()
	require.Len(t, counted, len(named))
	require.Equal(t, total(named), total(counted))
	r.sim.Reply(r.sim.TicketIDs()[0], r.sim.Agents()[0], r.clock.Now())
	r.pass(time.Hour)
	require.Len(t, r.scrape().events(), len(named), "who was known goes by the pseudonym from then on")
	require.Equal(t, total(named)+1, total(r.scrape().events()))

	r.stop()
	for _, other := range []string{follow, strings.Replace(secretly, "file: key", "file: other", 1)} {
		require.NoError(t, os.WriteFile(filepath.Join(r.dir, "other"), []byte("another key, as long as that one"), 0o600))
		before := content(t, path)
		_, _, err = r.rejudge(other, true)
		require.ErrorContains(t, err, "from which their ids cannot be had back; restore the former key file")
		require.Equal(t, before, content(t, path))
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func total(counts map[[3]string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// What was watched stays what it was: backlog does not come to count, nor what departed to
// be forgotten, nor what came late to be out of place.
func TestARecountKeepsWhatWasWatched(t *testing.T) {
	const follow = "tickets: {discover: [{status: open}, {status: pending}]}\npoll: {interval: 5m, max_interval: 1h, read_max_interval: 4h, done_max_interval: 4h}\n"
	r := inhabited(t, 8)
	r.start(follow)
	r.pass(time.Hour)
	now := r.clock.Now()
	agent := r.sim.Agents()[0]
	id := r.sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), now)
	r.pass(time.Hour)
	r.sim.ChangeStatus(id, agent, apitest.Completed, now.Add(time.Hour))
	r.pass(time.Hour)
	r.sim.Append(id, apitest.Entry{Time: now.Add(time.Minute), Type: "reply_created", User: agent}) // late
	r.pass(48 * time.Hour)
	r.sim.Delete(id)
	old := r.sim.AddTicket(apitest.Ticket{Created: now.Add(-time.Hour), Status: apitest.Completed})
	r.sim.Append(old, apitest.Entry{Time: now.Add(-time.Hour), Type: "ticket_created"})
	r.pass(2 * time.Hour)
	r.sim.ChangeStatus(old, agent, apitest.Open, r.clock.Now())
	r.pass(48 * time.Hour)
	before := r.scrape()
	require.NotZero(t, before[series("socialboards_exporter_log_entries_total", "result", "backlog")])
	require.NotZero(t, before[series("socialboards_exporter_log_entries_total", "result", "late")])

	const promise = "sla: {objectives: [{name: answer, measure: first_response, target: 2m}]}\n"
	r.rejudged(follow + promise)
	after := r.scrape()
	require.Equal(t, before.events(), after.events())
	for name, v := range before {
		if strings.HasPrefix(name, "socialboards_exporter_log_entries_total") || strings.HasPrefix(name, "socialboards_tickets") {
			require.InDelta(t, v, after[name], 0, name)
		}
	}
	r.pass(2 * time.Hour)
	require.Equal(t, before.events(), r.scrape().events())
}

func TestARecountIsSeenBeforeItIsDone(t *testing.T) {
	const follow = "tickets: {discover: [{}]}\n" + calm
	r := inhabited(t, 8)
	r.start("users: {limit: 2}\n" + follow)
	r.pass(10 * time.Minute)
	r.stop()
	path := filepath.Join(r.dir, "events.db")
	before := content(t, path)
	preview, kept, err := r.rejudge(follow, false)
	require.NoError(t, err)
	require.Empty(t, kept)
	require.Equal(t, before, content(t, path))
	done, _, err := r.rejudge(follow, true)
	require.NoError(t, err)
	require.Equal(t, preview, done)
	require.NotEqual(t, before, content(t, path))
	var text bytes.Buffer
	_, err = done.WriteTo(&text)
	require.NoError(t, err)
	require.Contains(t, text.String(), "`instance`")
}

func TestARecountOfAFirstPassThatIsNotOverJudgesNothing(t *testing.T) {
	const follow = "tickets: {discover: [{}]}\n" + calm
	r := inhabited(t, 8)
	r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Status: 500, Match: func(q apitest.Request) bool { return q.Ticket == r.sim.TicketIDs()[0] }})
	r.start("users: {limit: 2}\n" + follow)
	r.pass(10 * time.Minute)
	require.False(t, r.s.recorder.Ready())
	r.stop()
	_, _, err := r.rejudge(follow, true)
	require.NoError(t, err)
	r.sim.ClearFaults()
	r.start(follow)
	require.False(t, r.s.recorder.Ready())
	r.pass(time.Hour)
	require.True(t, r.s.recorder.Ready())
	require.Equal(t, r.sim.Recount(), r.scrape().events())
}

func TestARecountNeedsAStoreThatNobodyUses(t *testing.T) {
	const follow = "tickets: {discover: [{}]}\n" + calm
	r := inhabited(t, 8)
	_, _, err := r.rejudge(follow, true)
	require.ErrorIs(t, err, os.ErrNotExist)
	r.start(follow)
	_, _, err = r.rejudge(follow, true)
	require.ErrorIs(t, err, eventstore.ErrLocked)
	r.stop()
	r.dir = ":memory:"
	_, _, err = r.rejudge(follow, true)
	require.ErrorContains(t, err, "nothing to recount in memory")
}

// After a recount all that is counted is where the new series begin, so what is
// backfilled ends there too.
func TestBackfillAfterARecountJoinsTheNewSeries(t *testing.T) {
	r, w := pastRig(t, 2)
	r.later(rand.New(rand.NewPCG(1, 1)), w)
	r.alive = false
	r.rejudged(strings.TrimPrefix(r.yaml, api))
	at, live := r.clock.Now(), r.scrape().plain()
	got := readBack(t, r.backfill(backfill.Settings{Step: time.Minute, From: at.Add(-2 * time.Hour)}))
	joined := 0
	for name, v := range live {
		counter := strings.HasPrefix(name, "socialboards_ticket_events_total") || strings.HasPrefix(name, "socialboards_sla_clocks_total") ||
			strings.HasPrefix(name, "socialboards_ticket_status_changes_total")
		if !counter || v == 0 {
			continue
		}
		end, last := got.last(name)
		require.Equal(t, v, last, name)
		require.Equal(t, at.Truncate(time.Minute).Unix(), end, name)
		joined++
	}
	require.Greater(t, joined, 20)
}
