package exposition

import (
	"cmp"
	"maps"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// content is what a snapshot shows under some options.
type content struct {
	state  []*family // what the exporter tells of itself: few series
	totals []*family // a few hundred series
	sheets []sheet   // all others
}

func contentOf(s *tally.Snapshot, o Options) content {
	shown, hidden := choose(s.Live, o.MaxTickets)
	c := content{state: state(s, hidden)}
	if s.Ready {
		c.totals = append(totals(s, o), objectives(s)...)
		c.sheets = []sheet{eventSheet(s, o), userSheet(s, o), ticketSheet(shown)}
	}
	return c
}

// families gives all that wanted names, sorted by name. Families without series are left
// out, as the formats require.
func (c content) families(wanted func(name string) bool) []*dto.MetricFamily {
	all := slices.Concat(c.state, c.totals)
	for _, sh := range c.sheets {
		all = append(all, sh.families(wanted)...)
	}
	return finish(slices.DeleteFunc(all, func(f *family) bool { return !wanted(f.metric.Name) }))
}

// families gives the sheet as a whole; those that are not wanted are empty.
func (sh sheet) families(wanted func(name string) bool) []*family {
	families := newFamilies(sh.metrics)
	for _, f := range families {
		f.countOnly = !wanted(f.metric.Name)
	}
	for _, r := range sh.runs {
		r.add(families)
	}
	return families
}

func finish(families []*family) []*dto.MetricFamily {
	out := make([]*dto.MetricFamily, 0, len(families))
	for _, f := range families {
		if len(f.dto.Metric) > 0 {
			out = append(out, f.dto)
		}
	}
	slices.SortFunc(out, byName)
	return out
}

func byName(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) }

// state renders what the exporter tells of itself.
func state(s *tally.Snapshot, hidden []tally.Ticket) []*family {
	isReady, tracked, unread := newFamily(ready), newFamily(trackedTickets), newFamily(unreadTickets)
	isReady.gauge(boolean(s.Ready))
	tracked.gauge(float64(s.Tracked))
	unread.gauge(float64(s.Unread))
	return append(stored(s), isReady, tracked, unread, dropped(hidden))
}

// dropped counts the series that tickets do not get.
func dropped(hidden []tally.Ticket) *family {
	families := newFamilies(ticketMetrics())
	for _, f := range families {
		f.countOnly = true
	}
	for _, t := range hidden {
		ticketSeries(families, t)
	}
	d := newFamily(droppedSeries)
	for _, f := range families {
		d.gauge(float64(f.count), f.metric.Name)
	}
	return d
}

// stored renders the exporter's counters that outlive the process.
func stored(s *tally.Snapshot) []*family {
	if s.Entries == nil { // not loaded: 0 would look like a reset
		return nil
	}
	entries, inconsistent, unrecognized := newFamily(logEntries), newFamily(inconsistentChanges), newFamily(unrecognizedLabels)
	for _, result := range slices.Sorted(maps.Keys(s.Entries)) {
		entries.counter(s.Entries[result], fact.Never, result)
	}
	inconsistent.counter(s.Inconsistent, fact.Never)
	unrecognized.counter(s.Unrecognized, fact.Never)
	return []*family{entries, inconsistent, unrecognized}
}

// totals renders what is counted over all tickets, but for events.
func totals(s *tally.Snapshot, o Options) []*family {
	changes, durations := newFamily(statusChanges), newFamily(statusDuration)
	for _, c := range s.Changes {
		changes.counter(c.Value, c.Created, c.Labels[:2]...)
	}
	for _, h := range s.Durations {
		durations.histogram(h.Data, h.Created, h.Labels[:2]...)
	}
	followed, inbox := newFamily(tickets), newFamily(inboxInfo)
	for _, n := range s.ByStatus {
		followed.gauge(float64(n.Count), n.Status)
	}
	if o.InboxURL != "" {
		inbox.gauge(1, tally.Label(o.InboxURL))
	}
	return []*family{changes, durations, followed, inbox}
}

// objectives renders the SLA metrics that have no series for each ticket.
func objectives(s *tally.Snapshot) []*family {
	clocks, breaches, durations := newFamily(slaClocks), newFamily(slaBreaches), newFamily(slaDuration)
	targets, active, open := newFamily(slaTarget), newFamily(slaActive), newFamily(calendarOpen)
	for _, o := range s.Objectives {
		clocks.counter(o.Clocks.Value, o.Clocks.Created, o.Name)
		breaches.counter(o.Breaches.Value, o.Breaches.Created, o.Name)
		durations.histogram(o.Durations.Data, o.Durations.Created, o.Name)
		targets.gauge(o.Target, o.Name)
		for _, st := range tally.States() {
			active.gauge(float64(o.Active[st]), o.Name, string(st))
		}
	}
	for _, c := range s.Calendars {
		open.gauge(boolean(c.Open), c.Name)
	}
	return []*family{clocks, breaches, durations, targets, active, open}
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
