package exporter

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/exposition"
)

// Metrics serves what is counted, how the exporter fares, and what the process takes.
func (e *Exporter) Metrics() http.Handler { return e.Beside(e.own.Runtime()) }

// Beside serves what is counted and how the exporter fares, beside what others gather.
func (e *Exporter) Beside(others ...prometheus.Gatherer) http.Handler {
	return exposition.Handler(e.log, e.domain, append([]prometheus.Gatherer{e.own}, others...)...)
}

// Gather gives what is counted and how the exporter fares, as families sorted by name. They
// are made for the caller.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	return exposition.Join{e.domain, e.own}.Gather()
}
