package exposition

import (
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// sheet is a long part of a snapshot. Its rows come in runs, each of which is rendered in
// one piece and kept as long as it stays the same.
type sheet struct {
	metrics []Metric // each row may have series in each of them
	runs    []run    // by key
}

// run is a run of rows.
type run interface {
	key() int64      // tells it from the other runs of its sheet, and is their order
	same(o run) bool // looks the same, given the same options
	// add adds the series of the rows to families, which are those of the sheet's metrics.
	add(to []*family)
}

// rows is a run of rows of a snapshot, with which it shares them.
type rows[T any] struct {
	number int64
	rows   []T
	equal  func(a, b T) bool
	series func(to []*family, row T)
}

func (r rows[T]) key() int64 { return r.number }

func (r rows[T]) same(o run) bool {
	before, ok := o.(rows[T])
	if !ok || len(before.rows) != len(r.rows) {
		return false
	}
	return &before.rows[0] == &r.rows[0] || slices.EqualFunc(before.rows, r.rows, r.equal)
}

func (r rows[T]) add(to []*family) {
	for _, row := range r.rows {
		r.series(to, row)
	}
}

// runLength is how many rows a run has where they seldom come and never go. Shorter runs
// compress worse; of longer ones more is rendered anew that did not change.
const runLength = 64

// inRuns divides rows that are comparable by their place.
func inRuns[T comparable](all []T, series func(to []*family, row T)) []run {
	var out []run
	equal := func(a, b T) bool { return a == b }
	for part := range slices.Chunk(all, runLength) {
		out = append(out, rows[T]{int64(len(out)), part, equal, series})
	}
	return out
}

// eventSheet has a row for each counter of events.
func eventSheet(s *tally.Snapshot, o Options) sheet {
	return sheet{[]Metric{ticketEvents}, inRuns(s.Events, func(to []*family, c tally.Count) {
		if len(o.ActionTypes) == 0 || slices.Contains(o.ActionTypes, c.Labels[0]) {
			to[0].counter(c.Value, c.Created, c.Labels[:]...)
		}
	})}
}

// userSheet has a row for each user.
func userSheet(s *tally.Snapshot, o Options) sheet {
	return sheet{[]Metric{userInfo}, inRuns(s.Users, func(to []*family, u fact.User) {
		if !o.UserNames {
			u.Name = ""
		}
		to[0].gauge(1, u.ID, u.Name, u.Type)
	})}
}

// ticketSheet has a row for each ticket that is shown.
func ticketSheet(batches [][]tally.Ticket) sheet {
	out := sheet{metrics: ticketMetrics()}
	for _, b := range batches {
		out.runs = append(out.runs, rows[tally.Ticket]{b[0].ID, b, tally.Ticket.Equal, ticketSeries})
	}
	return out
}
