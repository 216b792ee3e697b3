package exposition

import (
	"math"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

// family collects the series of one metric.
type family struct {
	metric    Metric
	dto       *dto.MetricFamily
	count     int  // of series that were added
	countOnly bool // keep none

	slab, free []gaugeSeries
}

func newFamily(m Metric) *family {
	f := &family{metric: m, dto: &dto.MetricFamily{Name: &m.Name, Help: &m.Help}}
	switch m.Type {
	case Counter:
		f.dto.Type = dto.MetricType_COUNTER.Enum()
	case Gauge:
		f.dto.Type = dto.MetricType_GAUGE.Enum()
	case Histogram:
		f.dto.Type = dto.MetricType_HISTOGRAM.Enum()
	}
	return f
}

func newFamilies(metrics []Metric) []*family {
	out := make([]*family, len(metrics))
	for i, m := range metrics {
		out[i] = newFamily(m)
	}
	return out
}

// maxLabels is how many labels a metric has here at most.
const maxLabels = 4

// series is a series in one piece. There may be a hundred thousand, and as the protocol's
// own messages each would be a dozen.
type series struct {
	metric dto.Metric
	values [maxLabels]string
	pairs  [maxLabels]dto.LabelPair
	labels [maxLabels]*dto.LabelPair
}

// gaugeSeries is a series of a gauge in one piece.
type gaugeSeries struct {
	series
	gauge dto.Gauge
	value float64
}

// maxSlab is how many series of gauges are allocated at once.
const maxSlab = 2 * runLength

// next gives room for a series.
func (f *family) next() *gaugeSeries {
	if len(f.free) == 0 {
		f.slab = make([]gaugeSeries, min(maxSlab, 2*len(f.slab)+1))
		f.free = f.slab
	}
	s := &f.free[0]
	f.free = f.free[1:]
	return s
}

// reset lets the series go, and uses their memory for those that come. Nobody may hold on
// to them.
func (f *family) reset() {
	clear(f.dto.Metric)
	f.dto.Metric, f.free, f.count = f.dto.Metric[:0], f.slab, 0
}

// add adds a series with label values in the order of the metric's labels. The names are
// shared between all series; nothing changes a family once it is built.
func (f *family) add(s *series, values []string) *dto.Metric {
	n := copy(s.values[:], values)
	for i := range n {
		s.pairs[i].Name, s.pairs[i].Value = &f.metric.Labels[i], &s.values[i]
		s.labels[i] = &s.pairs[i]
	}
	s.metric.Label = s.labels[:n]
	f.dto.Metric = append(f.dto.Metric, &s.metric)
	return &s.metric
}

func (f *family) gauge(v float64, values ...string) {
	f.count++
	if f.countOnly {
		return
	}
	s := f.next()
	s.value = v
	s.gauge.Value = &s.value
	f.add(&s.series, values).Gauge = &s.gauge
}

// time adds an instant in Unix time, unless it is not known.
func (f *family) time(at fact.Instant, values ...string) {
	if at.Known() {
		f.gauge(at.Seconds(), values...)
	}
}

func (f *family) counter(n uint64, created fact.Instant, values ...string) {
	f.count++
	if f.countOnly {
		return
	}
	f.add(&series{}, values).Counter = &dto.Counter{Value: new(float64(n)), CreatedTimestamp: timestamp(created)}
}

func (f *family) histogram(d histogram.Data, created fact.Instant, values ...string) {
	h := &dto.Histogram{
		SampleCount:      &d.Count,
		SampleSum:        new(d.Sum.Seconds()),
		Bucket:           classic(d),
		CreatedTimestamp: timestamp(created),
	}
	if n := d.Native; n != nil {
		h.Schema, h.ZeroThreshold, h.ZeroCount = &n.Schema, &n.ZeroThreshold, &n.ZeroCount
		h.PositiveSpan, h.PositiveDelta = sparse(n.Buckets)
	}
	f.add(&series{}, values).Histogram = h
}

// classic gives the classic buckets. The one up to +Inf is implied by the count, and only
// there to carry an exemplar.
func classic(d histogram.Data) []*dto.Bucket {
	out := make([]*dto.Bucket, 0, len(d.Bounds)+1)
	for i := range d.Bounds {
		out = append(out, &dto.Bucket{
			UpperBound: &d.Bounds[i], CumulativeCount: &d.Cumulative[i], Exemplar: exemplar(d.Exemplars[i]),
		})
	}
	if last := exemplar(d.Exemplars[len(d.Bounds)]); last != nil {
		out = append(out, &dto.Bucket{UpperBound: new(math.Inf(1)), CumulativeCount: &d.Count, Exemplar: last})
	}
	return out
}

func exemplar(e histogram.Exemplar) *dto.Exemplar {
	if e.Ticket == 0 {
		return nil
	}
	return &dto.Exemplar{
		Label:     []*dto.LabelPair{{Name: new("ticket_id"), Value: new(ticketID(e.Ticket))}},
		Value:     new(e.Value.Seconds()),
		Timestamp: timestamp(e.At),
	}
}

// maxGap is how many empty buckets take less room than another span.
const maxGap = 2

// sparse gives native buckets in the form of the protocol: spans of consecutive buckets,
// each count as the difference from the one before.
func sparse(buckets []histogram.Bucket) (spans []*dto.BucketSpan, deltas []int64) {
	var next int32
	var before int64
	add := func(count int64) {
		*spans[len(spans)-1].Length++
		deltas = append(deltas, count-before)
		before = count
	}
	for i, b := range buckets {
		gap := b.Index - next
		if i == 0 || gap > maxGap {
			spans = append(spans, &dto.BucketSpan{Offset: new(gap), Length: new(uint32(0))})
			gap = 0
		}
		for range gap {
			add(0)
		}
		add(int64(b.Count)) //nolint:gosec // nobody counts to 2^63
		next = b.Index + 1
	}
	return spans, deltas
}

// timestamp gives an instant in the form of the protocol; nil: not known.
func timestamp(at fact.Instant) *timestamppb.Timestamp {
	if !at.Known() {
		return nil
	}
	return timestamppb.New(at.Time())
}
