package backfill

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// family is a metric with all its series.
type family struct {
	metric  exposition.Metric
	sources []*source
	gauges  []gauge
}

// gauge is a series whose value needs no adding up.
type gauge struct {
	span func() (from, to int64) // steps at which it is there
	line func(at fact.Instant) []byte
}

// values are label values, in the order of the kind of series.
type values = [3]string

// source is one query for happenings, and the series that count them.
type source struct {
	which  eventstore.Which
	until  fact.Instant                              // where its series end
	label  func(eventstore.Happening) (values, bool) // false: not shown
	make   func(values) total
	series map[values]*series
}

// total adds up the happenings of one series.
type total interface {
	add(h eventstore.Happening)
	// lines gives the samples of the present value, all but their times.
	lines() [][]byte
}

// series is a series of the live exporter; of a histogram, all that belong together.
type series struct {
	from, to int64 // steps at which it has samples: it begins at 0
	shown    bool
	total    total
	text     [][]byte // of the present value; nil: not made yet
}

// between selects what happened in a span of time.
func (src *source) between(from, to fact.Instant) eventstore.Which {
	w := src.which
	w.From, w.To = from, to
	return w
}

// find gives the series that counts h; one that is not shown is nobody's.
func (src *source) find(h eventstore.Happening) *series {
	v, shown := src.label(h)
	s, ok := src.series[v]
	if !ok {
		s = &series{from: math.MaxInt64, to: before, total: src.make(v), shown: shown}
		src.series[v] = s
	}
	return s
}

// meet takes note of something that the series will count. A series of backlog ends once
// all has happened, as nothing goes on from it.
func (s *series) meet(g grid, at fact.Instant, src *source) {
	if !s.shown {
		return
	}
	n, end := g.first(at), g.first(src.until)
	s.from = min(s.from, n-1)
	if src.which.Backlog {
		end = min(end, max(s.to, n+1))
	}
	s.to = end
}

func (s *series) add(h eventstore.Happening) {
	s.total.add(h)
	s.text = nil
}

func (s *series) lines() [][]byte {
	if s.text == nil {
		s.text = s.total.lines()
	}
	return s.text
}

// span gives the steps from the begin of the first series that is meant, to the end of the
// last one; if there is none, they are no span.
func (src *source) span(meant func(values) bool) (from, to int64) {
	from, to = math.MaxInt64, before
	for v, s := range src.series {
		if s.shown && meant(v) {
			from, to = min(from, s.from), max(to, s.to)
		}
	}
	return from, to
}

// sorted gives the series by their labels.
func (src *source) sorted() []*series {
	out := make([]*series, 0, len(src.series))
	for _, v := range slices.SortedFunc(maps.Keys(src.series), compare) {
		out = append(out, src.series[v])
	}
	return out
}

func compare(a, b values) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2]))
}

// labelsOf are the labels that happenings carry themselves.
func labelsOf(h eventstore.Happening) (values, bool) {
	return values{tally.Label(h.Labels[0]), tally.Label(h.Labels[1]), tally.Label(h.Labels[2])}, true
}
