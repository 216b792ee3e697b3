package exporter

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// promise is an objective.
type promise struct {
	name, measure, status string
	target                time.Duration
	warnAt                float64
	calendar              *office // nil: around the clock
	pauseIn               []string
	sources, tags         []string
	categories            []int64
}

func (p promise) yaml() string {
	s := fmt.Sprintf("    - {name: %s, measure: %s, target: %ds, warn_at: %g", p.name, p.measure, int(p.target.Seconds()), p.warnAt)
	if p.status != "" {
		s += ", status: " + p.status
	}
	if p.calendar != nil {
		s += ", calendar: " + p.calendar.name
	}
	s += fmt.Sprintf(", pause_in: [%s], match: {", strings.Join(p.pauseIn, ", "))
	var match []string
	if p.sources != nil {
		match = append(match, fmt.Sprintf("sources: [%s]", strings.Join(p.sources, ", ")))
	}
	if p.tags != nil {
		match = append(match, fmt.Sprintf("tags: [%s]", strings.Join(p.tags, ", ")))
	}
	if p.categories != nil {
		match = append(match, "category_ids: "+strings.ReplaceAll(fmt.Sprint(p.categories), " ", ", "))
	}
	return s + strings.Join(match, ", ") + "}}\n"
}

// view is what a list said of a ticket.
type view struct {
	at       instant
	source   string
	tags     []string
	category int64
}

// lists remembers what lists said, by ticket.
type lists map[int64][]view

// see takes in an answer of the API.
func (l lists) see(t testing.TB, a answer) {
	t.Helper()
	if !strings.HasSuffix(a.path, "/tickets/list") || a.code != 200 {
		return
	}
	var page struct {
		Data []struct {
			ID       int64               `json:"id"`
			Source   string              `json:"source"`
			Tags     []string            `json:"tags"`
			Category *struct{ ID int64 } `json:"category"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal(a.body, &page))
	for _, shown := range page.Data {
		v := view{at: instantOf(a.begun), source: shown.Source, tags: shown.Tags}
		if shown.Category != nil {
			v.category = shown.Category.ID
		}
		l[shown.ID] = append(l[shown.ID], v)
	}
}

// matching gives the times in which a ticket belongs to the promise.
func (p promise) matching(views []view) []stretch {
	if p.sources == nil && p.tags == nil && p.categories == nil {
		return []stretch{{-endOfTime, endOfTime}}
	}
	var all []stretch
	for i, v := range views {
		s := stretch{v.at, endOfTime}
		if i == 0 {
			s.from = -endOfTime
		}
		if i+1 < len(views) {
			s.to = views[i+1].at
		}
		holds := (p.sources == nil || slices.Contains(p.sources, v.source)) &&
			(p.categories == nil || slices.Contains(p.categories, v.category)) &&
			(p.tags == nil || slices.ContainsFunc(v.tags, func(t string) bool { return slices.Contains(p.tags, t) }))
		if !holds {
			continue
		}
		if n := len(all); n > 0 && all[n-1].to == s.from {
			all[n-1].to = s.to
			continue
		}
		all = append(all, s)
	}
	return all
}

// expected is what the metrics have to show.
type expected struct {
	now      instant
	found    instant // what happened to the ticket in hand before it does not count
	promises []promise
	lists    lists
	want     samples
	sums     map[string]int64 // of histograms, by their series, in units of 100 ns
}

func newExpected(now time.Time, offices []*office, promises []promise, l lists) *expected {
	c := &expected{now: instantOf(now), promises: promises, lists: l, want: samples{}, sums: map[string]int64{}}
	statuses := []string{apitest.Open, apitest.Pending, apitest.Completed}
	for _, from := range statuses {
		c.add(0, "socialboards_tickets", "status", from)
		for _, to := range statuses {
			if from != to {
				c.add(0, "socialboards_ticket_status_changes_total", "from", from, "to", to)
				c.histogram("socialboards_ticket_status_duration_seconds", statusBounds(), "from", from, "to", to)
			}
		}
	}
	for _, p := range promises {
		c.add(0, "socialboards_sla_clocks_total", "objective", p.name)
		c.add(0, "socialboards_sla_breaches_total", "objective", p.name)
		c.add(p.target.Seconds(), "socialboards_sla_target_seconds", "objective", p.name)
		for _, state := range []string{"breached", "paused", "warning", "running"} {
			c.add(0, "socialboards_sla_active_clocks", "objective", p.name, "state", state)
		}
		c.histogram("socialboards_sla_duration_seconds", p.bounds(), "objective", p.name)
	}
	for _, o := range offices {
		open := 0.0
		if o.counts(now) {
			open = 1
		}
		c.add(open, "socialboards_sla_calendar_open", "calendar", o.name)
	}
	return c
}

func (c *expected) add(v float64, name string, labels ...string) {
	c.want[series(name, labels...)] += v
}

// statusBounds are the default ones of durations in a status, in seconds.
func statusBounds() []float64 {
	const minute, hour, day = 60, 3600, 86400
	return []float64{minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour, day, 2 * day, 3 * day, 7 * day, 14 * day, 30 * day}
}

func (p promise) bounds() []float64 {
	var all []float64
	for _, share := range []float64{0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8} {
		all = append(all, share*p.target.Seconds())
	}
	return all
}

// histogram adds durations to a histogram.
func (c *expected) histogram(name string, bounds []float64, labels ...string) {
	c.observe(-1, name, bounds, labels...)
}

// observe adds a duration to a histogram; a negative one only makes the histogram known.
func (c *expected) observe(d instant, name string, bounds []float64, labels ...string) {
	one := 1.0
	if d < 0 {
		one = 0
	}
	for _, b := range append(slices.Clone(bounds), math.Inf(1)) {
		n := 0.0
		if d.seconds() <= b {
			n = one
		}
		le := strconv.FormatFloat(b, 'g', -1, 64)
		c.add(n, name+"_bucket", append(slices.Clone(labels), "le", le)...)
	}
	c.add(one, name+"_count", labels...)
	sum := series(name+"_sum", labels...)
	c.sums[sum] += max(0, int64(d))
	c.want[sum] = float64(c.sums[sum]) / 1e7
}

// ticket adds what follows from a ticket and its log.
func (c *expected) ticket(id int64, l *life) {
	name := strconv.FormatInt(id, 10)
	c.add(1, "socialboards_tickets", "status", l.status())
	for _, ch := range l.changes {
		if ch.at <= c.found {
			continue
		}
		c.add(1, "socialboards_ticket_status_changes_total", "from", ch.from, "to", ch.to)
		c.observe(ch.lasted, "socialboards_ticket_status_duration_seconds", statusBounds(), "from", ch.from, "to", ch.to)
	}
	if !l.done() {
		c.add(l.began.seconds(), "socialboards_ticket_created_timestamp_seconds", "ticket_id", name)
		c.add(l.since().seconds(), "socialboards_ticket_status_changed_timestamp_seconds", "status", l.status(), "ticket_id", name)
	}
	for _, p := range c.promises {
		members := p.matching(c.lists[id])
		for _, r := range l.measured(p) {
			c.race(name, l, p, r, members)
		}
	}
}

// race adds what follows from one run of a clock.
func (c *expected) race(id string, l *life, p promise, r race, members []stretch) {
	ticking := within(l.running(p), []stretch{r.stretch})
	if p.calendar != nil {
		ticking = within(ticking, p.calendar.open)
	}
	due, exceeded := reach(ticking, instant(p.target/100))
	warning, _ := reach(ticking, instant(p.warnAt*float64(p.target))/100)
	open := r.to == endOfTime

	breached, unseen := false, false // unseen: breached when its ticket was found
	if first, ok := from(members, exceeded); ok && exceeded != endOfTime {
		breached = first < r.to && first < c.now
		unseen = breached && first <= c.found
	}
	stopped := !open && !r.dropped && slices.ContainsFunc(members, func(m stretch) bool { return m.from < r.to && r.to < m.to }) && r.to > c.found
	if (breached || stopped) && !unseen {
		c.add(1, "socialboards_sla_clocks_total", "objective", p.name)
	}
	if breached && !unseen {
		c.add(1, "socialboards_sla_breaches_total", "objective", p.name)
	}
	if stopped && !unseen {
		c.observe(length(ticking), "socialboards_sla_duration_seconds", p.bounds(), "objective", p.name)
	}
	if !open || l.done() || len(members) == 0 || members[len(members)-1].to != endOfTime {
		return
	}
	state := "running"
	switch {
	case breached:
		state = "breached"
	case slices.Contains(p.pauseIn, l.status()):
		state = "paused"
	case warning <= c.now:
		state = "warning"
	}
	c.add(1, "socialboards_sla_active_clocks", "objective", p.name, "state", state)
	if state == "paused" {
		return
	}
	c.add(due.seconds(), "socialboards_ticket_sla_due_timestamp_seconds", "objective", p.name, "ticket_id", id)
	c.add(warning.seconds(), "socialboards_ticket_sla_warning_timestamp_seconds", "objective", p.name, "ticket_id", id)
}

// from gives the first instant from at on that lies in one of the stretches.
func from(all []stretch, at instant) (instant, bool) {
	for _, s := range all {
		if at < s.to {
			return max(at, s.from), true
		}
	}
	return 0, false
}

// counted are the samples that a recount speaks of.
func (s samples) counted() samples {
	kept := samples{}
	for name, v := range s {
		if strings.HasPrefix(name, "socialboards_sla_") || strings.HasPrefix(name, "socialboards_tickets") ||
			strings.HasPrefix(name, "socialboards_ticket_") && !strings.HasPrefix(name, "socialboards_ticket_events_total") &&
				!strings.HasPrefix(name, "socialboards_ticket_info") {
			kept[name] = v
		}
	}
	return kept
}

// recount says what the exporter has to show now, if all logs have just been read. found
// tells of the tickets that did not count from their beginning from when on they did.
func (r *rig) recount(offices []*office, promises []promise, l lists, found map[int64]time.Time) *expected {
	r.t.Helper()
	c := newExpected(r.clock.Now(), offices, promises, l)
	for _, t := range r.followed() {
		truth, ok := r.sim.Ticket(t.ID)
		require.True(r.t, ok)
		c.found = -endOfTime
		if at, ok := found[t.ID]; ok {
			c.found = instantOf(at)
		} else {
			require.Less(r.t, t.Found.Time(), truth.Created, "ticket %d was found late", t.ID)
		}
		c.ticket(t.ID, lifeOf(r.sim.Entries(t.ID), truth.Status))
	}
	return c
}

// diff lists what differs, one a line.
func diff(want, got samples) string {
	var lines []string
	for name, v := range want {
		if g, ok := got[name]; !ok || g != v {
			lines = append(lines, fmt.Sprintf("%s: want %v, got %v (there: %v)", name, v, g, ok))
		}
	}
	for name, v := range got {
		if _, ok := want[name]; !ok {
			lines = append(lines, fmt.Sprintf("%s: not wanted, got %v", name, v))
		}
	}
	slices.Sort(lines)
	lines = lines[:min(len(lines), 30)]
	return strings.Join(lines, "\n")
}
