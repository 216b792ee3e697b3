package exposition

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // lets promhttp offer zstd
	dto "github.com/prometheus/client_model/go"
)

// maxScrapes is how many scrapes are answered at once; further ones get a 503. A handful
// of servers scrape an exporter, so more means that clients do not read their answers.
const maxScrapes = 40

// Handler serves what the gatherers give, no family of which may be in two of them, in
// the text format, OpenMetrics and protobuf, compressed as the client likes. When one of
// them fails, the others are served and the error is logged.
//
// Scrapes are not coalesced: a slow client would hand its old values to all that come
// while it reads.
func Handler(log *slog.Logger, gatherers ...prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(join(gatherers), promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		EnableOpenMetrics:   true,
		MaxRequestsInFlight: maxScrapes,
	})
}

// join puts families one after the other, sorted by name. prometheus.Gatherers would also
// compare every series with every other, and cost more than everything else here.
type join []prometheus.Gatherer

// Gather implements prometheus.Gatherer.
func (j join) Gather() ([]*dto.MetricFamily, error) {
	var all []*dto.MetricFamily
	var errs prometheus.MultiError
	for _, g := range j {
		families, err := g.Gather()
		errs.Append(err)
		all = append(all, families...)
	}
	slices.SortFunc(all, byName)
	return all, errs.MaybeUnwrap()
}
