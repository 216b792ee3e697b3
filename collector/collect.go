package collector

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/exposition"
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range exposition.Catalogue() {
		to <- prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	families, err := c.Gather()
	if err != nil {
		to <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), fmt.Errorf("collector: %w", err))
	}
	for _, f := range families {
		if len(f.GetMetric()) == 0 {
			continue
		}
		desc := prometheus.NewDesc(f.GetName(), f.GetHelp(), labels(f.GetMetric()[0]), nil)
		for _, m := range f.GetMetric() {
			to <- series{desc, m}
		}
	}
}

func labels(m *dto.Metric) []string {
	var names []string
	for _, l := range m.GetLabel() {
		names = append(names, l.GetName())
	}
	return names
}

// series is a series as it was gathered.
type series struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

// Desc implements prometheus.Metric.
func (s series) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric. What is written shares the memory of the series,
// which nobody else has.
func (s series) Write(to *dto.Metric) error {
	to.Label, to.Gauge, to.Counter, to.Histogram = s.metric.Label, s.metric.Gauge, s.metric.Counter, s.metric.Histogram
	return nil
}
