package exposition

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // lets promhttp offer zstd
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"golang.org/x/sync/singleflight"

	"socialboards_exporter/internal/splice"
)

const (
	// maxScrapes is how many scrapes are answered at once; further ones get a 503. A handful
	// of servers scrape an exporter, so more means that clients do not read their answers.
	maxScrapes = 40
	// maxReading is how long a client may take to read an answer. Prometheus gives up after
	// ten seconds, unless told otherwise.
	maxReading = time.Minute
)

// metricsHandler answers scrapes.
type metricsHandler struct {
	log       *slog.Logger
	domain    *Domain
	others    Join
	encodings map[string]splice.Encoding // by what Content-Encoding says
	places    chan struct{}              // one for each scrape that is being answered
	reading   time.Duration
	agreed    atomic.Pointer[agreement] // with the client of the scrape before
	underway  singleflight.Group        // answers in the making
	texts     sync.Pool                 // of *bytes.Buffer, to render in
}

// Handler serves the domain's metrics and those of the other gatherers, no family of which
// may be in two of them, in the text format, OpenMetrics and protobuf, compressed as the
// client likes. Where one of the others fails, the rest is served and the error is logged.
//
// The domain's metrics are rendered once, however many ask. The others, which are few and
// change all the time, are rendered for each scrape, but once for all who ask while that is
// under way. A client that reads slowly holds nothing but the bytes that it reads.
func Handler(log *slog.Logger, domain *Domain, others ...prometheus.Gatherer) http.Handler {
	return &metricsHandler{
		log: log, domain: domain, others: others,
		encodings: map[string]splice.Encoding{"": splice.Identity{}, "gzip": &splice.Gzip{}, "zstd": splice.NewZstd()},
		places:    make(chan struct{}, maxScrapes), reading: maxReading,
		texts: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// ServeHTTP implements http.Handler.
func (h *metricsHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		http.Error(w, fmt.Sprintf("Limit of concurrent requests reached (%d), try again later.", maxScrapes), http.StatusServiceUnavailable)
		return
	}
	control := http.NewResponseController(w)
	if control.SetWriteDeadline(time.Now().Add(h.reading)) == nil { // else w is no connection
		defer control.SetWriteDeadline(time.Time{}) //nolint:errcheck // it was possible a moment ago
	}
	h.answer(w, r)
}

func (h *metricsHandler) answer(w http.ResponseWriter, r *http.Request) {
	headers := h.negotiate(r)
	contentType, contentEncoding := headers.Get("Content-Type"), headers.Get("Content-Encoding")
	format, known := formatOf(expfmt.Format(contentType))
	encoding := h.encodings[contentEncoding]
	if names := r.URL.Query()["name[]"]; len(names) > 0 || !known || encoding == nil {
		h.some(names).ServeHTTP(w, r)
		return
	}
	body, err, _ := h.underway.Do(contentType+" "+contentEncoding, func() (any, error) {
		return h.compose(expfmt.Format(contentType), format, encoding)
	})
	if err != nil {
		h.log.Error("the metrics cannot be rendered", "err", err)
		http.Error(w, "The metrics cannot be rendered.", http.StatusInternalServerError)
		return
	}
	send(w, headers, body.([][]byte))
}

// some serves what there are no editions of: the named metrics, and rare formats.
func (h *metricsHandler) some(names []string) http.Handler {
	domain := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return h.domain.gather(func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }), nil
	})
	return promhttp.HandlerFor(append(Join{domain}, h.others...), promhttp.HandlerOpts{
		ErrorLog:          slog.NewLogLogger(h.log.Handler(), slog.LevelError),
		ErrorHandling:     promhttp.ContinueOnError,
		EnableOpenMetrics: true,
	})
}

// Join puts families one after the other, sorted by name. prometheus.Gatherers would also
// compare every series with every other, and cost more than everything else here.
type Join []prometheus.Gatherer

// Gather implements prometheus.Gatherer.
func (j Join) Gather() ([]*dto.MetricFamily, error) {
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
