package exposition

import (
	"cmp"
	"maps"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// build renders a snapshot as families, sorted by name. Families without series are left
// out, as the formats require.
func build(s *tally.Snapshot, o Options) []*dto.MetricFamily {
	live, hidden := choose(slices.Collect(s.Tickets()), o.MaxTickets)
	families := state(s, hidden)
	if s.Ready {
		families = append(families, totals(s, o)...)
		families = append(families, objectives(s)...)
		families = append(families, perTicket(live)...)
	}
	return finish(families)
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
	dropped := newFamily(droppedSeries)
	for _, f := range perTicket(hidden) {
		dropped.gauge(float64(len(f.dto.Metric)), f.metric.Name)
	}
	return append(stored(s), isReady, tracked, unread, dropped)
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

// totals renders what is counted over all tickets.
func totals(s *tally.Snapshot, o Options) []*family {
	events, users := newFamily(ticketEvents), newFamily(userInfo)
	for _, c := range s.Events {
		if len(o.ActionTypes) == 0 || slices.Contains(o.ActionTypes, c.Labels[0]) {
			events.counter(c.Value, c.Created, c.Labels[:]...)
		}
	}
	for _, u := range s.Users {
		if !o.UserNames {
			u.Name = ""
		}
		users.gauge(1, u.ID, u.Name, u.Type)
	}
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
	return []*family{events, users, changes, durations, followed, inbox}
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
