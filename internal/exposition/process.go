package exposition

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/collectors/version"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/poll"
)

// Health judges whether the exporter can do its work.
type Health interface {
	RequestDone(endpoint string, ok bool, at time.Time)
	TokenRefused(refused bool)
	Up(now time.Time) bool
	LastSuccess(endpoint string) time.Time // zero: none yet
}

// Storage is the store, as far as metrics show it.
type Storage interface {
	Created() time.Time
	Size() (bytes int64, err error)
}

// Schedule is the schedule of requests, as far as metrics show it.
type Schedule interface {
	Lag() time.Duration
}

// ProcessOptions are what the exporter's own metrics need to know from the start.
type ProcessOptions struct {
	Health     Health
	ShardIndex int
	Shards     int
	Native     bool // native buckets beside the classic ones
	Now        func() time.Time
}

// Process holds the metrics of the process itself, from its start on. It watches the API
// client and the schedule as their observer. It may be used by several goroutines at once.
type Process struct {
	options  ProcessOptions
	registry *prometheus.Registry
	runtime  *prometheus.Registry

	reads, failures, requests, webhooks *prometheus.CounterVec
	durations                           *prometheus.HistogramVec
	throttled                           prometheus.Counter
	reloadOK, reloadTime                prometheus.Gauge

	mu       sync.Mutex
	storage  Storage  // nil: not loaded yet
	schedule Schedule // nil: not made yet
	size     float64  // last known
}

// NewProcess gives the metrics at their starting values, every series that is known
// beforehand at 0. It fails only if metrics contradict one another.
func NewProcess(o ProcessOptions) (*Process, error) {
	e := &Process{
		options:  o,
		registry: prometheus.NewRegistry(),
		runtime:  prometheus.NewRegistry(),
		reads:    zeroed(ticketReads, triggers()), failures: zeroed(readFailures, reasons()),
		webhooks:   zeroed(webhooks, webhookResults()),
		requests:   prometheus.NewCounterVec(apiRequests.counterOpts(), apiRequests.Labels),
		durations:  requestDurations(o.Native),
		throttled:  prometheus.NewCounter(apiThrottled.counterOpts()),
		reloadOK:   prometheus.NewGauge(reloadSuccessful.gaugeOpts()),
		reloadTime: prometheus.NewGauge(reloadTime.gaugeOpts()),
	}
	for _, endpoint := range endpoints() {
		e.durations.WithLabelValues(endpoint)
		for _, code := range codes() {
			e.requests.WithLabelValues(code, endpoint)
		}
	}
	return e, e.register()
}

func (e *Process) register() error {
	all := []prometheus.Collector{
		e.reads, e.failures, e.webhooks, e.requests, e.durations, e.throttled, e.reloadOK, e.reloadTime,
		version.NewCollector("socialboards_exporter"),
		constant(shardIndex, e.options.ShardIndex), constant(shards, e.options.Shards),
		gauge(up, func() float64 { return boolean(e.options.Health.Up(e.options.Now())) }),
		gauge(storeCreated, e.created), gauge(storageSize, e.bytes), gauge(pollLag, e.lag),
	}
	for _, endpoint := range endpoints() {
		opts := lastSuccess.gaugeOpts()
		opts.ConstLabels = prometheus.Labels{lastSuccess.Labels[0]: endpoint}
		all = append(all, prometheus.NewGaugeFunc(opts, func() float64 { return unix(e.options.Health.LastSuccess(endpoint)) }))
	}
	var errs []error
	for _, c := range all {
		errs = append(errs, e.registry.Register(c))
	}
	errs = append(errs, e.runtime.Register(collectors.NewGoCollector()),
		e.runtime.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})))
	return errors.Join(errs...)
}

// Gather gives the families, sorted by name.
func (e *Process) Gather() ([]*dto.MetricFamily, error) { return e.registry.Gather() }

// Runtime gives what the Go runtime and the operating system tell of the process. A program
// that embeds the exporter shows these by itself.
func (e *Process) Runtime() prometheus.Gatherer { return e.runtime }

// SetStorage has the store shown from now on.
func (e *Process) SetStorage(s Storage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.storage = s
}

// SetSchedule has the schedule shown from now on.
func (e *Process) SetSchedule(s Schedule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.schedule = s
}

func (e *Process) created() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.storage == nil {
		return 0
	}
	return unix(e.storage.Created())
}

// bytes keeps the last known size when it cannot be found out: 0 would be a lie.
func (e *Process) bytes() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.storage != nil {
		if n, err := e.storage.Size(); err == nil {
			e.size = float64(n)
		}
	}
	return e.size
}

func (e *Process) lag() float64 {
	e.mu.Lock()
	schedule := e.schedule
	e.mu.Unlock()
	if schedule == nil {
		return 0
	}
	return max(0, schedule.Lag().Seconds())
}

var (
	_ prometheus.Gatherer = (*Process)(nil)
	_ poll.Observer       = (*Process)(nil)
	_ apiclient.Observer  = (*Process)(nil)
)
