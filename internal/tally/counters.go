package tally

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

// labels are the label values of a series, in the order of its fact.Kind.
type labels = [3]string

// counters are the totals that know nothing of tickets and objectives.
type counters struct {
	bounds []float64
	native bool

	series    map[int64]labels  // of kind fact.Events, by id
	ahead     map[int64]uint64  // events counted by ids that are not published yet
	events    map[labels]*Count // published ones
	changes   map[labels]*Count
	durations map[labels]*timed

	entries      map[string]uint64 // by result; nil: nothing was taken in yet
	unrecognized uint64
	inconsistent uint64
	corrections  uint64 // of these, the ones that no change stands for
}

// timed is a histogram with its created timestamp.
type timed struct {
	*histogram.Histogram
	created fact.Instant
}

func newCounters(bounds []float64, native bool) *counters {
	return &counters{
		bounds: slices.Clone(bounds), native: native,
		series: make(map[int64]labels), ahead: make(map[int64]uint64),
		events: make(map[labels]*Count), changes: make(map[labels]*Count),
		durations: make(map[labels]*timed),
	}
}

// begin has every result stand at 0.
func (c *counters) begin() {
	c.entries = map[string]uint64{
		string(fact.New): 0, string(fact.Late): 0, string(fact.Backlog): 0, string(Known): 0,
	}
}

func (c *counters) publish(s fact.Series) {
	switch s.Kind {
	case fact.Events:
		c.series[s.ID] = s.Labels
		e := counter(c.events, s.Labels)
		e.Value += c.ahead[s.ID]
		e.Created = earliest(e.Created, s.Created)
		delete(c.ahead, s.ID)
	case fact.Changes:
		n := counter(c.changes, s.Labels)
		n.Created = earliest(n.Created, s.Created)
	case fact.Durations:
		d := c.duration(s.Labels)
		d.created = earliest(d.created, s.Created)
	default: // of an objective
	}
}

func (c *counters) count(series int64, n uint64) {
	l, ok := c.series[series]
	if !ok {
		c.ahead[series] += n
		return
	}
	c.events[l].Value += n
}

func (c *counters) change(ch fact.Change) {
	l := labels3(labels{ch.From, ch.To})
	counter(c.changes, l).Value++
	if ch.Duration != fact.Unknown {
		c.duration(l).Observe(ch.Duration, histogram.Exemplar{Ticket: ch.Ticket, At: ch.Time})
	}
	if ch.Inconsistent {
		c.inconsistent++
	}
	c.unrecognized += uint64(max(0, ch.Unrecognized))
}

func (c *counters) duration(l labels) *timed {
	d, ok := c.durations[l]
	if !ok {
		d = &timed{histogram.New(c.bounds, c.native), fact.Never}
		c.durations[l] = d
	}
	return d
}

func counter(in map[labels]*Count, l labels) *Count {
	n, ok := in[l]
	if !ok {
		n = &Count{Labels: l, Created: fact.Never}
		in[l] = n
	}
	return n
}

// earliest gives the earlier of two instants, either of which may not be known.
func earliest(a, b fact.Instant) fact.Instant {
	if !a.Known() || b.Known() && b < a {
		return b
	}
	return a
}

// sorted copies counters, by their labels.
func sorted(in map[labels]*Count) []Count {
	out := make([]Count, 0, len(in))
	for _, n := range in {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Count) int { return compare(a.Labels, b.Labels) })
	return out
}

func (c *counters) histograms() []Histogram {
	out := make([]Histogram, 0, len(c.durations))
	for l, d := range c.durations {
		out = append(out, Histogram{l, d.Data(), d.created})
	}
	slices.SortFunc(out, func(a, b Histogram) int { return compare(a.Labels, b.Labels) })
	return out
}

func compare(a, b labels) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2]))
}
