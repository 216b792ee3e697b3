package acceptance

import (
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// eager polls as fast as it may, so that tests need not wait for intervals.
const eager = `
api:
  base_url: $BASE_URL
  client_id: $CLIENT_ID
  refresh_token_file: refresh_token
  timeout: 2s
  requests_per_second: 2000
  burst: 100
  concurrency: 8
poll: {interval: 1s, max_interval: 1s, read_max_interval: 2s, done_max_interval: 2s, done_for: 3650d}
`

// seed gives the seed of a random test, and says so. SEED repeats an earlier one.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := rand.Uint64()
	if text := os.Getenv("SEED"); text != "" {
		var err error
		s, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("SEED=%d", s)
	return s
}

func TestDocumentedSamplesAreCounted(t *testing.T) {
	sim := apitest.Start(t, apitest.Options{})
	require.NoError(t, sim.ServeSample(255762, apitest.Sample("get-ticket-log.en.response.json")))
	require.NoError(t, sim.ServeSample(4478963, apitest.Sample("get-ticket-log.nb.response.json")))
	e := newExporter(t, sim, eager+`
tickets: {ids: [255762, 4478963]}
`)
	e.start()
	got := e.eventually(newWatch(t), 20*time.Second, "readiness", ready)
	const ollivander, chekhov = "841c30d5-6ae4-4df1-939e-04c55aed5e98", "7ada8318-adf9-46d1-97ff-81aee80a8415"
	counts := got.events(t)
	created := counts[[3]string{"ticket_created", "", "client"}] + counts[[3]string{"ticket_created", ollivander, "team"}]
	require.Equal(t, 1, created)
	delete(counts, [3]string{"ticket_created", "", "client"})
	delete(counts, [3]string{"ticket_created", ollivander, "team"})
	require.Equal(t, map[[3]string]int{
		{"ticket_status_changed", ollivander, "team"}:   1,
		{"reply_created", ollivander, "team"}:           1,
		{"ticket_assigned_to_user", ollivander, "team"}: 1,
		{"ticket_read", ollivander, "team"}:             1,
		{"ticket_read", chekhov, "team"}:                1,
		{"ticket_status_changed", chekhov, "team"}:      1,
	}, counts)
	require.Equal(t, 0, e.stop())
}

// More kills: go test ./internal/acceptance -run Killed -kills=1000.
var kills = flag.Int("kills", 50, "how many times the exporter is killed")

// Killed again and again while it reads an API that fails, shifts its pages and forgets
// its tokens, the exporter ends up with exactly what the logs hold.
func TestKilledAtRandomCountsEachEntryOnce(t *testing.T) {
	const tickets = 150
	rnd := rand.New(rand.NewPCG(seed(t), 1))
	sim := apitest.Start(t, apitest.Options{Seed: rnd.Uint64(), Tickets: tickets, TokenLifetime: 3 * time.Second,
		RotateTokens: true, KeepRotated: true, MaxTake: 10, Languages: []string{"nb", "sv", "en"}})
	now := time.Now()
	sim.Populate(now.Add(-30*24*time.Hour), now)
	sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Probability: 0.2, Status: 500})
	// Something happens to every twentieth ticket just when its next page is asked for.
	sim.BetweenPages(func(sim *apitest.Server, ticket int64, skip int) {
		if skip > 0 && ticket%20 == 0 {
			sim.Note(ticket, sim.Agents()[skip%len(sim.Agents())], time.Now())
		}
	})
	e := newExporter(t, sim, everything)
	w := newWatch(t)
	ids := wanted(sim)
	for range *kills {
		e.start()
		pause(time.Duration(20+rnd.IntN(230)) * time.Millisecond)
		if s := e.scrape(); s != nil {
			w.see(s)
		}
		for range rnd.IntN(3) {
			agents := sim.Agents()
			sim.Reply(ids[rnd.IntN(len(ids))], agents[rnd.IntN(len(agents))], time.Now())
		}
		e.kill()
	}
	sim.ClearFaults()
	sim.BetweenPages(nil)
	e.start()
	e.eventually(w, 90*time.Second, "counts that equal the recount", func(s samples) bool {
		return ready(s) && maps.Equal(s.events(t), sim.Recount(ids...))
	})
	require.Equal(t, 0, e.stop())
}

// wanted gives the tickets that are neither deleted nor spam: the others are not followed.
func wanted(sim *apitest.Server) []int64 {
	return slices.DeleteFunc(sim.TicketIDs(), func(id int64) bool {
		t, ok := sim.Ticket(id)
		return !ok || t.Deleted || t.Spam
	})
}

func pause(d time.Duration) { <-time.After(d) }

// total gives the number of entries of the tickets.
func total(sim *apitest.Server, ids []int64) int {
	n := 0
	for _, v := range sim.Recount(ids...) {
		n += v
	}
	return n
}

func list(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
}
