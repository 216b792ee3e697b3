package exporter

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/fact"
)

// remember takes note of the most that each log held.
func (m *machine) remember() {
	for _, id := range m.sim.TicketIDs() {
		if m.ever[id] == nil {
			m.ever[id] = map[entry]int{}
		}
		now := map[entry]int{}
		for _, e := range m.sim.Entries(id) {
			k := entryOf(e)
			now[k]++
			m.ever[id][k] = max(m.ever[id][k], now[k])
		}
	}
}

// events are the entries that count, if all logs have been read, by what is shown of them.
func (m *machine) events() map[[3]string]int {
	counts := map[[3]string]int{}
	for id, log := range m.ever {
		if m.named && !slices.Contains(m.whom, id) {
			continue
		}
		for e, n := range log {
			if found, ok := m.found[id]; (!ok || !e.at.Before(found)) && m.shows(e.series[0]) {
				counts[e.series] += n
			}
		}
	}
	return counts
}

// truth is what the metrics of time have to show, if all logs have been read.
func (m *machine) truth() samples {
	want := m.recount(m.offices, m.promises, m.said, m.found).want
	const buckets = "socialboards_ticket_status_duration_seconds_bucket"
	maps.DeleteFunc(want, func(name string, _ float64) bool { return strings.HasPrefix(name, buckets) })
	statuses := []string{apitest.Open, apitest.Pending, apitest.Completed}
	for _, b := range append(m.bounds(), math.Inf(1)) {
		le := strconv.FormatFloat(b, 'g', -1, 64)
		for _, from := range statuses {
			for _, to := range statuses {
				if from != to {
					want[series(buckets, "from", from, "to", to, "le", le)] = m.lasted(from, to, b)
				}
			}
		}
	}
	return want
}

// lasted is how many durations between two statuses are at most so long, in seconds.
func (m *machine) lasted(from, to string, most float64) (n float64) {
	for _, id := range m.ids() {
		truth, ok := m.sim.Ticket(id)
		require.True(m.t, ok)
		for _, c := range lifeOf(m.sim.Entries(id), truth.Status).changes {
			if found, late := m.found[id]; late && c.at <= instantOf(found) {
				continue
			}
			if c.from == from && c.to == to && c.lasted.seconds() <= most {
				n++
			}
		}
	}
	return n
}

// nothingFalse scrapes: no counter has fallen, and none shows what has not happened.
func (m *machine) nothingFalse(*rapid.T) {
	now := m.scrape()
	require.Equal(m.t, 1.0, now["socialboards_exporter_ready"])
	if len(m.actions) == 0 && !m.coarse { // else series come and go with the configuration
		require.Empty(m.t, sunk(m.last, now))
		m.last = now
	}
	happened := m.events()
	for k, n := range now.events() {
		require.LessOrEqual(m.t, n, happened[k], "%v", k)
	}
	truth := m.truth()
	for name, v := range now.counted() {
		if strings.Contains(name, "_total{") || strings.Contains(name, "_count{") || strings.Contains(name, "_bucket{") {
			require.LessOrEqual(m.t, v, truth[name], name)
		}
	}
}

// compare has everything read, and compares all that is shown with the truth.
func (m *machine) compare(t *rapid.T) {
	m.moment()
	m.findAll()
	m.settle()
	m.calmAt = m.clock.Now()
	clear(m.removed)
	got, want := m.scrape(), m.truth()
	require.Equal(m.t, m.events(), got.events())
	live := named(want, "socialboards_ticket_created_timestamp_seconds")
	shown := named(got, "socialboards_ticket_created_timestamp_seconds")
	require.Equal(m.t, min(live, m.limit), shown)
	require.Equal(m.t, float64(live-shown),
		got[series("socialboards_exporter_dropped_series", "metric", "socialboards_ticket_created_timestamp_seconds")])
	if shown < live {
		maps.DeleteFunc(want, func(name string, _ float64) bool { _, ok := got[name]; return perTicket(name) && !ok })
	}
	require.Empty(m.t, diff(want, got.counted()))
	m.nothingFalse(t)
}

// findAll lets discovery find every ticket that it has to, and a list tell its status.
func (m *machine) findAll() {
	m.settling = true
	unseen := func(t fact.Ticket) bool { return !t.LookedAt.Known() }
	for i := 0; !m.named && len(m.ids()) < len(m.sim.TicketIDs()) || slices.ContainsFunc(m.followed(), unseen); i++ {
		require.Less(m.t, i, 15, "a ticket is never found")
		m.pass(3 * time.Minute)
	}
	m.settling = false
}

// named is how many samples there are of a metric.
func named(s samples, metric string) (n int) {
	for name := range s {
		if strings.HasPrefix(name, metric+"{") {
			n++
		}
	}
	return n
}
