package poll

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

// many gives tickets that have been idle for so long.
func many(n int, idle time.Duration, done bool, now time.Time) []State {
	var states []State
	for id := range int64(n) {
		states = append(states, State{ID: id + 1, Done: done, LastEntry: now.Add(-idle)})
	}
	return states
}

func TestForecast(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	set := Settings{Interval: 30 * time.Second, MaxInterval: 15 * time.Minute, ReadMaxInterval: 6 * time.Hour,
		DoneMaxInterval: 24 * time.Hour, DoneFor: 90 * 24 * time.Hour, RequestRate: 5, Concurrency: 4}
	within := func(least, most, got int) {
		t.Helper()
		require.GreaterOrEqual(t, got, least)
		require.LessOrEqual(t, got, most)
	}
	day := func(tickets []State) Demand {
		return Forecast(set, tickets, func(string) int { return 1 }, now, 24*time.Hour)
	}

	// Idle live tickets are looked at four times an hour, fifty at once, and read four times
	// a day, once of these to the end.
	d := day(many(200, 1000*time.Hour, false, now))
	within(384, 400, d.Looks)
	within(190, 210, d.Full)
	within(590, 610, d.Reads)
	require.Zero(t, d.Pages)

	// Done ones are looked at and read once a day.
	d = day(many(200, 1000*time.Hour, true, now))
	within(4, 10, d.Looks)
	within(190, 210, d.Full+d.Reads)

	// Where something happens every minute, a look and a read follow at every interval.
	d = Forecast(set, many(10, time.Minute, false, now), nil, now, time.Hour)
	within(119, 121, d.Looks)
	within(1190, 1210, d.Reads+d.Full)

	// Each selection is read at every interval for what is new, and completely now and then.
	set.Selections = []Selection{{Key: "a"}, {Key: "b"}}
	d = Forecast(set, nil, func(key string) int { return map[string]int{"a": 1, "b": 7}[key] }, now, time.Hour)
	within(2*120+4+4*7-8, 2*120+4+4*7+8, d.Pages)
	require.Zero(t, set.Selections[0].Complete, "what was given stays as it is")
}

// A forecast is right when the schedule, run over the same tickets, asks for as much.
func TestForecastComesTrue(t *testing.T) {
	const tickets, pages = 40, 2 // of the list, with its head again
	w := newWorld()
	begun := w.clock.Now()
	var states []State
	for i := range int64(tickets) {
		last := begun.Add(-time.Duration(i*i) * time.Hour)
		w.add(i+1, last)
		states = append(states, State{ID: i + 1, LastEntry: last})
	}
	set := defaults(Selection{Key: "all"})
	p := w.poller(set)
	w.run(t, p, begun.Add(24*time.Hour))
	lists, logs := w.lists, w.logs
	w.run(t, p, begun.Add(48*time.Hour))
	lists, logs = w.lists-lists, w.logs-logs

	d := Forecast(set, states, func(string) int { return pages }, begun.Add(36*time.Hour), 24*time.Hour)
	require.InEpsilon(t, lists, d.Looks+d.Pages, 0.1)
	require.InEpsilon(t, logs, d.Reads+d.Full, 0.1)
}

func TestEnumerateGivesEveryTicketOnce(t *testing.T) {
	w := newWorld()
	for id := range int64(120) {
		w.add(id+1, w.clock.Now().Add(-time.Duration(id)*time.Hour))
	}
	seen := map[int64]bool{}
	pages, err := Enumerate(t.Context(), w, Selection{Key: "all"}, w.clock.Now(), func(page []apiclient.Ticket) {
		for _, ticket := range page {
			seen[ticket.ID] = true
		}
	})
	require.NoError(t, err)
	require.Len(t, seen, 120)
	require.Equal(t, w.lists, pages)

	w.listFails = func(apiclient.ListQuery) error { return context.DeadlineExceeded }
	_, err = Enumerate(t.Context(), w, Selection{Key: "all"}, w.clock.Now(), func([]apiclient.Ticket) {})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
