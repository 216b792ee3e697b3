package exposition

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// agreement is what headers of a request lead to which ones of the answer. Servers that
// scrape ask for the same each time.
type agreement struct {
	accept, encoding string
	headers          http.Header // never changed
}

// negotiate gives the headers that promhttp would answer with: the format, the encoding,
// and what they depend on.
func (h *metricsHandler) negotiate(r *http.Request) http.Header {
	accept, encoding := r.Header.Get("Accept"), strings.Join(r.Header.Values("Accept-Encoding"), ",")
	a := h.agreed.Load()
	if a == nil || a.accept != accept || a.encoding != encoding {
		a = &agreement{accept, encoding, promhttpHeaders(r)}
		h.agreed.Store(a)
	}
	return a.headers
}

// promhttpHeaders has promhttp answer that there is nothing.
func promhttpHeaders(r *http.Request) http.Header {
	nothing := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, nil })
	w := unread{}
	promhttp.HandlerFor(nothing, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(w, r)
	return http.Header(w)
}

// unread is an answer of which only the headers matter.
type unread http.Header

func (u unread) Header() http.Header         { return http.Header(u) }
func (u unread) Write(p []byte) (int, error) { return len(p), nil }
func (u unread) WriteHeader(int)             {}
