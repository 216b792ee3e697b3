package exposition

import (
	"cmp"
	"math"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// ticketSeries adds a ticket's series to the families of ticketMetrics.
func ticketSeries(to []*family, t tally.Ticket) {
	info, created, changed, due, warning := to[0], to[1], to[2], to[3], to[4]
	id := ticketID(t.ID)
	info.gauge(1, t.Assignee, t.Source, t.Status, id)
	created.time(t.Begin, id)
	if t.Status != "" { // nothing has told it yet
		changed.time(t.Since, t.Status, id)
	}
	for _, c := range t.Clocks {
		due.time(c.Due, c.Objective, id)
		warning.time(c.Warning, c.Objective, id)
	}
}

// choose divides live tickets into those that get series of their own, as batches of which
// none is empty, and those that do not.
func choose(live [][]tally.Ticket, limit int) (shown [][]tally.Ticket, hidden []tally.Ticket) {
	n := 0
	for _, batch := range live {
		n += len(batch)
	}
	if n <= limit {
		return live, nil
	}
	ranks := make([]rank, 0, n)
	for _, batch := range live {
		for _, t := range batch {
			ranks = append(ranks, rankOf(t))
		}
	}
	slices.SortFunc(ranks, rank.compare)
	first := ranks[limit] // that is hidden
	for _, batch := range live {
		var chosen []tally.Ticket
		for _, t := range batch {
			if rankOf(t).compare(first) < 0 {
				chosen = append(chosen, t)
			} else {
				hidden = append(hidden, t)
			}
		}
		if len(chosen) > 0 {
			shown = append(shown, chosen)
		}
	}
	return shown, hidden
}

// rank is a ticket's place where not all can be shown. Whatever is due first comes first,
// since that is what alerts are about; then what is oldest, since that is what was
// forgotten.
type rank struct {
	due, begin fact.Instant
	id         int64
}

func rankOf(t tally.Ticket) rank {
	r := rank{math.MaxInt64, orLast(t.Begin), t.ID}
	for _, c := range t.Clocks {
		r.due = min(r.due, orLast(c.Due))
	}
	return r
}

func (r rank) compare(o rank) int {
	return cmp.Or(cmp.Compare(r.due, o.due), cmp.Compare(r.begin, o.begin), cmp.Compare(r.id, o.id))
}

// orLast puts what is not known after everything that is.
func orLast(at fact.Instant) fact.Instant {
	if !at.Known() {
		return math.MaxInt64
	}
	return at
}
