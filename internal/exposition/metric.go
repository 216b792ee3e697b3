package exposition

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Type is a type of metric, spelled as in the text format.
type Type string

// The types that are exposed.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Metric describes a metric family.
type Metric struct {
	Name   string
	Type   Type
	Help   string   // a sentence
	Labels []string // sorted, as they are exposed
}

// Catalogue lists every metric that this package exposes, sorted by name; those of the Go
// runtime and of the process are not among them.
func Catalogue() []Metric {
	all := slices.Concat(domainMetrics(), stateMetrics(), processMetrics())
	slices.SortFunc(all, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func (m Metric) counterOpts() prometheus.CounterOpts {
	return prometheus.CounterOpts{Name: m.Name, Help: m.Help}
}

func (m Metric) gaugeOpts() prometheus.GaugeOpts {
	return prometheus.GaugeOpts{Name: m.Name, Help: m.Help}
}
