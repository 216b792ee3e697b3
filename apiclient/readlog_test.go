package apiclient_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

// longLog gives n entries, three of each time, newest last.
func longLog(n int) []apitest.Entry {
	entries := make([]apitest.Entry, n)
	for i := range entries {
		entries[i] = apitest.Entry{Time: start.Add(time.Duration(i/3-n) * time.Minute), Type: "x", Action: strconv.Itoa(i)}
	}
	return entries
}

// numbers counts the entries by the number they carry.
func numbers(entries []apiclient.Entry) map[string]int {
	count := map[string]int{}
	for _, e := range entries {
		count[e.Action]++
	}
	return count
}

func TestLogsAreReadWholeFromAnyServer(t *testing.T) {
	t.Parallel()
	servers := map[string]apitest.Options{
		"as documented":     {},
		"smaller pages":     {MaxTake: 20},
		"take ignored":      {IgnoreTake: true},
		"all at once":       {IgnoreTake: true, DefaultTake: 1000},
		"order not kept":    {ShuffleTies: true},
		"pages of any size": {ShortPages: 0.3, Seed: 4},
	}
	for name, o := range servers {
		for _, n := range []int{0, 1, 2, 3, 24, 25, 26, 49, 50, 51, 99, 100, 151} {
			t.Run(name+" "+strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, o)
				id := r.ticket(longLog(n)...)
				log, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: true})
				require.NoError(t, err)
				require.True(t, log.ReachedEnd)
				require.Zero(t, log.Covered)
				require.Len(t, log.Entries, n)
				require.Len(t, numbers(log.Entries), n)
				require.Equal(t, r.server.Count(apitest.LogEndpoint), log.Requests)
				if name == "as documented" {
					require.LessOrEqual(t, log.Requests, n/46+2)
				}
			})
		}
	}
}

func TestAServerThatSkipsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{IgnoreSkip: true})
	id := r.ticket(longLog(150)...)
	log, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: true})
	require.NoError(t, err)
	require.Len(t, log.Entries, 50)
	require.False(t, log.ReachedEnd)
	require.Equal(t, log.Entries[49].Time, log.Covered)
	require.Len(t, numbers(log.Entries), 50, "nothing is doubled")
}

func TestReadingStopsAtAPageThatHoldsNothingNew(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	id := r.ticket(longLog(300)...)
	known := func(upTo time.Time) func(time.Time, string) int {
		return func(at time.Time, actionType string) int {
			require.Equal(t, "x", actionType)
			if at.After(upTo) {
				return 0
			}
			return 3
		}
	}
	newest := r.server.Entries(id)[0].Time
	tests := []struct {
		name     string
		query    apiclient.LogQuery
		requests int
		end      bool
	}{
		{"nothing new", apiclient.LogQuery{Known: known(newest)}, 1, false},
		{"something new", apiclient.LogQuery{Known: known(newest.Add(-time.Minute))}, 2, false},
		{"one more of a known group", apiclient.LogQuery{Known: func(at time.Time, _ string) int {
			if at.Equal(newest) {
				return 2
			}
			return 3
		}}, 2, false},
		{"late on the second page", apiclient.LogQuery{Known: func(at time.Time, _ string) int {
			if at.Equal(newest) || at.Equal(newest.Add(-20*time.Minute)) {
				return 2
			}
			return 3
		}}, 3, false},
		{"to the end", apiclient.LogQuery{Known: known(newest), ToEnd: true}, 8, true},
	}
	for _, tt := range tests {
		log, err := r.ReadLog(t.Context(), id, tt.query)
		require.NoError(t, err, tt.name)
		require.Equal(t, tt.requests, log.Requests, tt.name)
		require.Equal(t, tt.end, log.ReachedEnd, tt.name)
		require.Equal(t, tt.end, log.Covered.IsZero(), tt.name)
		if !tt.end {
			require.Equal(t, log.Entries[len(log.Entries)-1].Time, log.Covered, tt.name)
		}
	}
}

func TestLogsThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	id := r.ticket(longLog(150)...)
	extra := 0
	change := func(pages int, f func(*apitest.Server)) {
		seen := 0
		r.server.BetweenPages(func(s *apitest.Server, _ int64, _ int) {
			if seen++; seen > 1 && seen <= 1+pages {
				f(s)
			}
		})
	}
	insert := func(s *apitest.Server) {
		extra++
		s.Append(id, apitest.Entry{Time: start.Add(time.Duration(extra) * time.Second), Type: "x", Action: "extra " + strconv.Itoa(extra)})
	}
	change(2, insert)
	log, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: true})
	require.NoError(t, err)
	require.Len(t, numbers(log.Entries), 152, "with what came in meanwhile")
	require.Len(t, log.Entries, 152)
	require.Equal(t, 6, log.Requests, "four pages, one that shows the end, and the first one again")

	change(1, func(s *apitest.Server) {
		s.Remove(id, func(e apitest.Entry) bool { return e.Action == "149" || e.Action == "148" })
	})
	log, err = r.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: true})
	require.NoError(t, err)
	require.Len(t, numbers(log.Entries), 150, "read again from the start")
	require.Equal(t, 7, log.Requests)

	removed := 147
	change(100, func(s *apitest.Server) {
		s.Remove(id, func(e apitest.Entry) bool { return e.Action == strconv.Itoa(removed) })
		removed--
	})
	_, err = r.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: true})
	require.ErrorContains(t, err, "unstable")
}

func TestUnreadableEntriesCostOnlyThemselves(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	entries := longLog(120)
	for i := 0; i < len(entries); i += 7 {
		entries[i].Raw = json.RawMessage(`{"time":"not a time","actionType":"x"}`)
	}
	for i := 60; i < 66; i++ {
		entries[i].Raw = json.RawMessage(`null`)
	}
	id := r.ticket(entries...)
	log, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
	require.NoError(t, err)
	require.True(t, log.ReachedEnd)
	require.Equal(t, 120, len(log.Entries)+log.Unreadable)
	require.Equal(t, 18+5, log.Unreadable)
	require.Len(t, numbers(log.Entries), 97)

	for i := range entries {
		entries[i].Raw = json.RawMessage(`[]`)
	}
	log, err = r.ReadLog(t.Context(), r.ticket(entries...), apiclient.LogQuery{})
	require.NoError(t, err)
	require.Empty(t, log.Entries)
	require.Equal(t, 120, log.Unreadable)
}

func TestNothingIsTakenFromAHalfReadLog(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	id := r.ticket(longLog(120)...)
	r.server.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, After: 1, Truncate: true})
	log, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
	require.Error(t, err)
	require.Empty(t, log)
}
