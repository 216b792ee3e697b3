package exposition

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/poll"
)

// The label values below are known beforehand. They stand at 0 from the start, so that the
// first event shows in increase(). Others appear when they come.

func triggers() []string {
	return []string{string(poll.First), string(poll.Changed), string(poll.ByClock), string(poll.Webhook), string(poll.Due)}
}

// rewritten is the reason of a reading that contradicts what is known of the log.
const rewritten = "rewritten"

func reasons() []string {
	return []string{
		string(apiclient.Auth), string(apiclient.Throttled), string(apiclient.NotFound), string(apiclient.Unreachable),
		string(apiclient.Timeout), string(apiclient.ServerError), string(apiclient.BadAnswer), string(apiclient.TooLarge),
		string(apiclient.Unstable), rewritten,
	}
}

func webhookResults() []string {
	return []string{"accepted", "ignored", "refused", "bad_request", "limited"}
}

func endpoints() []string {
	return []string{string(apiclient.TokenEndpoint), string(apiclient.ListEndpoint), string(apiclient.LogEndpoint)}
}

// codes are the answers that are to be expected; "none" is the lack of one.
func codes() []string {
	out := []string{"none"}
	for _, code := range []int{
		http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	} {
		out = append(out, strconv.Itoa(code))
	}
	return out
}

// zeroed gives a counter with one label, at 0 for each of the values.
func zeroed(m Metric, values []string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(m.counterOpts(), m.Labels)
	for _, value := range values {
		v.WithLabelValues(value)
	}
	return v
}

func constant(m Metric, v int) prometheus.Collector {
	return gauge(m, func() float64 { return float64(v) })
}

func gauge(m Metric, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(m.gaugeOpts(), value)
}

// requestDurations gives the histogram of request durations, natively in the resolution
// that all histograms here have.
func requestDurations(native bool) *prometheus.HistogramVec {
	opts := prometheus.HistogramOpts{Name: apiDuration.Name, Help: apiDuration.Help, Buckets: prometheus.DefBuckets}
	if native {
		opts.NativeHistogramBucketFactor = 1.1
		opts.NativeHistogramMaxBucketNumber = 160
	}
	return prometheus.NewHistogramVec(opts, apiDuration.Labels)
}

// unix gives t in Unix time; 0 when there is none.
func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixNano()) / float64(time.Second)
}
