// Package recount tells what a recount has moved: the series of a store before and after.
package recount

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// Report is what moved. It is not changed once it is made.
type Report struct {
	Metrics []Metric
	Moved   []Series // series that changed, came or ended; what moved most comes first
}

// Metric is one kind of what is counted, over all its series. Before and After are sums
// of counts.
type Metric struct {
	Name                      string
	SeriesBefore, SeriesAfter int
	Before, After             uint64
}

// Series is a series before and after; nil where it is not there.
type Series struct {
	Metric        string
	Labels        []Label
	Before, After *uint64
}

// Label is a name and its value.
type Label struct{ Name, Value string }

// Falls says whether Prometheus would take what became of the series for a reset.
func (s Series) Falls() bool { return s.Before != nil && s.After != nil && *s.After < *s.Before }

// Rises says whether Prometheus would take what became of the series for something that
// happens now.
func (s Series) Rises() bool { return s.Before != nil && s.After != nil && *s.After > *s.Before }

func (s Series) distance() uint64 {
	before, after := value(s.Before), value(s.After)
	return max(before, after) - min(before, after)
}

func value(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

// Compare tells what moved between two snapshots of the same store.
func Compare(before, after *tally.Snapshot) Report {
	var r Report
	for _, f := range families() {
		r.add(f, f.of(before), f.of(after))
	}
	slices.SortStableFunc(r.Moved, func(a, b Series) int { return cmp.Compare(b.distance(), a.distance()) })
	return r
}

// family is a metric whose values are compared. A histogram is, as its count.
type family struct {
	name   string
	labels []string
	of     func(*tally.Snapshot) []tally.Count
}

func families() []family {
	histograms := func(hs []tally.Histogram) []tally.Count {
		var counts []tally.Count
		for _, h := range hs {
			counts = append(counts, tally.Count{Labels: h.Labels, Value: h.Data.Count})
		}
		return counts
	}
	objectives := func(pick func(tally.Objective) uint64) func(*tally.Snapshot) []tally.Count {
		return func(s *tally.Snapshot) (counts []tally.Count) {
			for _, o := range s.Objectives {
				counts = append(counts, tally.Count{Labels: [3]string{o.Name}, Value: pick(o)})
			}
			return counts
		}
	}
	return []family{
		{"socialboards_ticket_events_total", []string{"action_type", "user_id", "user_type"},
			func(s *tally.Snapshot) []tally.Count { return s.Events }},
		{"socialboards_ticket_status_changes_total", []string{"from", "to"},
			func(s *tally.Snapshot) []tally.Count { return s.Changes }},
		{"socialboards_ticket_status_duration_seconds_count", []string{"from", "to"},
			func(s *tally.Snapshot) []tally.Count { return histograms(s.Durations) }},
		{"socialboards_sla_clocks_total", []string{"objective"}, objectives(func(o tally.Objective) uint64 { return o.Clocks.Value })},
		{"socialboards_sla_breaches_total", []string{"objective"}, objectives(func(o tally.Objective) uint64 { return o.Breaches.Value })},
		{"socialboards_sla_duration_seconds_count", []string{"objective"}, objectives(func(o tally.Objective) uint64 { return o.Durations.Data.Count })},
		{"socialboards_exporter_inconsistent_status_changes_total", nil, single(func(s *tally.Snapshot) uint64 { return s.Inconsistent })},
		{"socialboards_exporter_unrecognized_status_labels_total", nil, single(func(s *tally.Snapshot) uint64 { return s.Unrecognized })},
	}
}

func single(pick func(*tally.Snapshot) uint64) func(*tally.Snapshot) []tally.Count {
	return func(s *tally.Snapshot) []tally.Count { return []tally.Count{{Value: pick(s), Created: fact.Never}} }
}

func (r *Report) add(f family, before, after []tally.Count) {
	m := Metric{Name: f.name, SeriesBefore: len(before), SeriesAfter: len(after)}
	was := make(map[[3]string]uint64, len(before))
	for _, c := range before {
		m.Before += c.Value
		was[c.Labels] = c.Value
	}
	for _, c := range after {
		m.After += c.Value
		old, had := was[c.Labels]
		delete(was, c.Labels)
		switch {
		case !had:
			r.moved(f, c.Labels, nil, &c.Value)
		case old != c.Value:
			r.moved(f, c.Labels, &old, &c.Value)
		}
	}
	for _, c := range before {
		if _, ended := was[c.Labels]; ended {
			r.moved(f, c.Labels, &c.Value, nil)
		}
	}
	r.Metrics = append(r.Metrics, m)
}

func (r *Report) moved(f family, values [3]string, before, after *uint64) {
	s := Series{Metric: f.name, Before: before, After: after}
	for i, name := range f.labels {
		s.Labels = append(s.Labels, Label{name, values[i]})
	}
	r.Moved = append(r.Moved, s)
}
