package acceptance

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// team gives a simulated Socialboards with the history of some days, and its tickets.
func team(t *testing.T, o apitest.Options) (*apitest.Server, []int64) {
	t.Helper()
	sim := apitest.Start(t, o)
	now := time.Now()
	sim.Populate(now.Add(-20*24*time.Hour), now)
	return sim, wanted(sim)
}

func equalsRecount(t *testing.T, sim *apitest.Server, ids []int64) func(samples) bool {
	return func(s samples) bool { return ready(s) && maps.Equal(s.events(t), sim.Recount(ids...)) }
}

// note adds n entries by agents to tickets of the list.
func note(sim *apitest.Server, ids []int64, n int) {
	agents := sim.Agents()
	for i := range n {
		sim.Note(ids[i%len(ids)], agents[i%len(agents)], time.Now())
	}
}

const everything = eager + "\ntickets: {discover: [{}]}\n"

// What the API may be like, as far as nobody knows, must not change what is counted.
func TestCountsAreRightWhateverTheAPIIsLike(t *testing.T) {
	for name, o := range map[string]apitest.Options{
		"as documented":                {},
		"ignores take":                 {IgnoreTake: true},
		"gives fewer than asked for":   {MaxTake: 7},
		"ignores ticketIds":            {IgnoreTicketIDs: true},
		"ignores filters and order":    {IgnoreFilters: true, IgnoreOrder: true},
		"lists omit and repeat":        {OmitFromLists: 0.2, RepeatInLists: 0.2},
		"shuffles entries of one time": {ShuffleTies: true},
		"rotates refresh tokens":       {RotateTokens: true, TokenLifetime: 2 * time.Second},
		"tags are objects":             {TagObjects: true, StatusMovesActivity: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Seed, o.Tickets = 11, 30
			sim, ids := team(t, o)
			// By id: what a list leaves out until later is found later, and brings no history.
			e := newExporter(t, sim, eager+"\ntickets: {ids: ["+list(ids)+"]}\n")
			w := newWatch(t)
			e.start()
			e.eventually(w, 60*time.Second, "the history", equalsRecount(t, sim, ids))
			note(sim, ids, 10)
			e.eventually(w, 60*time.Second, "what was added", equalsRecount(t, sim, ids))
			require.Equal(t, 0, e.stop())
		})
	}
}

func TestAnOutageLosesNothingAndIsSeen(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 12, Tickets: 20})
	e := newExporter(t, sim, everything)
	w := newWatch(t)
	e.start()
	e.eventually(w, 30*time.Second, "the history", equalsRecount(t, sim, ids))
	before := sim.Recount(ids...)
	stop := sim.Fault(apitest.Fault{Status: http.StatusBadGateway})
	note(sim, ids, 20)
	down := e.eventually(w, 30*time.Second, "socialboards_up 0", func(s samples) bool { return s["socialboards_up"] == 0 })
	require.True(t, ready(down), "an outage does not take readiness away")
	require.Equal(t, before, down.events(t), "the last good values stay")
	stop()
	e.eventually(w, 60*time.Second, "what happened meanwhile", func(s samples) bool {
		return s["socialboards_up"] == 1 && equalsRecount(t, sim, ids)(s)
	})
}

func TestARefusedTokenMakesNothingReady(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 13, Tickets: 10})
	sim.RefuseTokens(true)
	e := newExporter(t, sim, everything)
	w := newWatch(t)
	e.start()
	s := e.eventually(w, 30*time.Second, "socialboards_up 0", func(s samples) bool { return s["socialboards_up"] == 0 })
	require.False(t, ready(s))
	require.Empty(t, s.events(t))
	status, body := e.get("/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, status, body)
	pause(2 * time.Second)
	require.Less(t, sim.Count("token"), 6, "no hammering")
	require.NotContains(t, e.log.String(), sim.RefreshToken())

	sim.RefuseTokens(false)
	e.eventually(w, 60*time.Second, "the history", equalsRecount(t, sim, ids))
}

func TestInMemoryCountsFromZero(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 14, Tickets: 10})
	e := newExporter(t, sim, everything)
	e.flag("storage.path", ":memory:")
	e.start()
	w := newWatch(t)
	s := e.eventually(w, 30*time.Second, "readiness", ready)
	require.Empty(t, s.events(t), "history is not counted")
	require.NotZero(t, s[`socialboards_exporter_log_entries_total{result="backlog"}`])
	note(sim, ids, 5)
	e.eventually(w, 30*time.Second, "what was added", func(s samples) bool {
		n := 0
		for _, v := range s.events(t) {
			n += v
		}
		return n == 5
	})
}

func TestATicketFoundLaterBringsNoHistory(t *testing.T) {
	sim, _ := team(t, apitest.Options{Seed: 15, Tickets: 10})
	old := sim.AddTicket(apitest.Ticket{Status: "completed", Created: time.Now().Add(-48 * time.Hour)})
	sim.Append(old, apitest.Entry{Time: time.Now().Add(-40 * time.Hour), Type: "reply_created", User: sim.Agents()[0]})
	e := newExporter(t, sim, eager+"\ntickets: {discover: [{status: open}, {status: pending}]}\n")
	w := newWatch(t)
	e.start()
	first := e.eventually(w, 30*time.Second, "readiness", ready).events(t)
	sim.ChangeStatus(old, sim.Agents()[0], "open", time.Now())
	e.eventually(w, 30*time.Second, "the reopening alone", func(s samples) bool {
		now := s.events(t)
		key := [3]string{"ticket_status_changed", sim.Agents()[0].ID, "team"}
		first[key]++
		defer func() { first[key]-- }()
		return maps.Equal(now, first)
	})
}

func TestUsersLimitAndRestart(t *testing.T) {
	sim, _ := team(t, apitest.Options{Seed: 17, Tickets: 20})
	e := newExporter(t, sim, everything+"users: {limit: 2}\n")
	w := newWatch(t)
	e.start()
	s := e.eventually(w, 30*time.Second, "readiness", ready)
	users := map[string]bool{}
	for key := range s.events(t) {
		if key[2] == "team" {
			users[key[1]] = true
		}
	}
	require.Len(t, users, 3)
	require.True(t, users["other"])
	require.Equal(t, 0, e.stop())

	// Another limit names further users from now on; no series that existed moves.
	path := filepath.Join(e.dir, "socialboards.yml")
	config, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(config), "limit: 2", "limit: 100", 1)), 0o600))
	e.start()
	again := e.eventually(w, 30*time.Second, "readiness", ready)
	require.Equal(t, s.events(t), again.events(t))
}

func TestPseudonyms(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 18, Tickets: 10})
	e := newExporter(t, sim, everything+"users: {pseudonym_key_file: key}\n")
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "key"), []byte("a key of more than sixteen bytes"), 0o600))
	w := newWatch(t)
	e.start()
	s := e.eventually(w, 30*time.Second, "readiness", ready)
	_, body := e.get("/metrics")
	for _, a := range sim.Agents() {
		require.NotContains(t, body, a.ID)
		require.NotContains(t, body, a.Name)
	}
	total := 0
	for key, n := range s.events(t) {
		total += n
		if key[1] != "" {
			require.Regexp(t, "^[0-9a-f]{16}$", key[1])
		}
	}
	want := 0
	for _, n := range sim.Recount(ids...) {
		want += n
	}
	require.Equal(t, want, total)
	require.Equal(t, 0, e.stop())

	// The same people must not be counted again under other names.
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "key"), []byte("another key of more than sixteen bytes"), 0o600))
	e.start()
	select {
	case <-e.exited:
	case <-time.After(10 * time.Second):
		require.Fail(t, "another key was accepted")
	}
	require.Contains(t, e.log.String(), "pseudonym_key_file")
	require.Contains(t, e.log.String(), "recount")
}

func TestLanguageAnonymizedUsersAndRewrittenLogsDoubleNothing(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 19, Tickets: 15})
	e := newExporter(t, sim, everything)
	w := newWatch(t)
	e.start()
	e.eventually(w, 30*time.Second, "the history", equalsRecount(t, sim, ids))
	before := e.scrape().events(t)
	known := e.scrape()[`socialboards_exporter_log_entries_total{result="known"}`]

	sim.SwitchLanguage("nb")
	sim.Anonymize(sim.Agents()[0].ID)
	readAgain := func(s samples) bool {
		return s[`socialboards_exporter_log_entries_total{result="known"}`] > known+2*float64(total(sim, ids))
	}
	s := e.eventually(w, 60*time.Second, "every log read twice", readAgain)
	require.Equal(t, before, s.events(t))

	sim.Shift(ids[0], time.Hour)
	s = e.eventually(w, 60*time.Second, "a rewritten log noticed", func(s samples) bool {
		return s[`socialboards_exporter_ticket_read_failures_total{reason="rewritten"}`] > 0
	})
	require.Equal(t, before, s.events(t))
}

func TestReload(t *testing.T) {
	sim, ids := team(t, apitest.Options{Seed: 20, Tickets: 15})
	e := newExporter(t, sim, everything)
	w := newWatch(t)
	e.start()
	e.eventually(w, 30*time.Second, "the history", equalsRecount(t, sim, ids))
	path := filepath.Join(e.dir, "socialboards.yml")
	good, err := os.ReadFile(path)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path, append(good, "nonsense: 1\n"...), 0o600))
	require.NoError(t, e.cmd.Process.Signal(syscall.SIGHUP))
	s := e.eventually(w, 10*time.Second, "the bad file refused", func(s samples) bool {
		return s["socialboards_exporter_config_last_reload_successful"] == 0
	})
	require.Equal(t, sim.Recount(ids...), s.events(t))
	resp, err := http.Post("http://"+e.address+"/-/reload", "", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode)

	require.NoError(t, os.WriteFile(path, append(good, "events: {action_types: [reply_created]}\n"...), 0o600))
	resp, err = http.Post("http://"+e.address+"/-/reload", "", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	s = e.scrape()
	require.Equal(t, 1.0, s["socialboards_exporter_config_last_reload_successful"])
	for key := range s.events(t) {
		require.Equal(t, "reply_created", key[0])
	}
	note(sim, ids, 5)
	pause(2 * time.Second)
	require.NoError(t, os.WriteFile(path, good, 0o600))
	require.NoError(t, e.cmd.Process.Signal(syscall.SIGHUP))
	e.eventually(newWatch(t), 30*time.Second, "what was hidden", equalsRecount(t, sim, ids))
	status, body := e.get("/config")
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, body, sim.RefreshToken())
}

func TestASecondProcessIsRefused(t *testing.T) {
	sim, _ := team(t, apitest.Options{Seed: 21, Tickets: 5})
	e := newExporter(t, sim, everything)
	e.start()
	e.eventually(newWatch(t), 30*time.Second, "readiness", ready)
	second := newExporter(t, sim, everything)
	second.flag("storage.path", filepath.Join(e.dir, "data"))
	second.start()
	select {
	case <-second.exited:
	case <-time.After(10 * time.Second):
		require.Fail(t, "two processes on one store")
	}
	require.NotEqual(t, 0, second.cmd.ProcessState.ExitCode())
	require.Contains(t, second.log.String(), filepath.Join(e.dir, "data"))
}
