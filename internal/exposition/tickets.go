package exposition

import (
	"cmp"
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// perTicket renders series for each ticket: a family for each of ticketMetrics, in order.
func perTicket(tickets []tally.Ticket) []*family {
	info, created, changed := newFamily(ticketInfo), newFamily(ticketCreated), newFamily(ticketStatusChanged)
	due, warning := newFamily(slaDue), newFamily(slaWarning)
	for _, f := range []*family{info, created, changed, due, warning} {
		f.dto.Metric = make([]*dto.Metric, 0, len(tickets))
	}
	for _, t := range tickets {
		id := ticketID(t.ID)
		info.gauge(1, t.Assignee, t.Source, t.Status, id)
		created.time(t.Begin, id)
		changed.time(t.Since, t.Status, id)
		for _, c := range t.Clocks {
			due.time(c.Due, c.Objective, id)
			warning.time(c.Warning, c.Objective, id)
		}
	}
	return []*family{info, created, changed, due, warning}
}

// choose divides live tickets into those that get series of their own and those that do
// not, each by id. Whatever is due first comes first, since that is what alerts are about;
// then what is oldest, since that is what was forgotten.
func choose(live []tally.Ticket, limit int) (shown, hidden []tally.Ticket) {
	if len(live) <= limit {
		return live, nil
	}
	ranked := slices.Clone(live)
	slices.SortFunc(ranked, func(a, b tally.Ticket) int {
		return cmp.Or(cmp.Compare(firstDue(a), firstDue(b)), cmp.Compare(orLast(a.Begin), orLast(b.Begin)),
			cmp.Compare(a.ID, b.ID))
	})
	byID := func(a, b tally.Ticket) int { return cmp.Compare(a.ID, b.ID) }
	shown, hidden = ranked[:limit], ranked[limit:]
	slices.SortFunc(shown, byID)
	slices.SortFunc(hidden, byID)
	return shown, hidden
}

// firstDue gives when the first of a ticket's clocks is due.
func firstDue(t tally.Ticket) fact.Instant {
	first := fact.Instant(math.MaxInt64)
	for _, c := range t.Clocks {
		first = min(first, orLast(c.Due))
	}
	return first
}

// orLast puts what is not known after everything that is.
func orLast(at fact.Instant) fact.Instant {
	if !at.Known() {
		return math.MaxInt64
	}
	return at
}
