// Package histogram adds up durations in classic buckets and in exponential (native) ones
// at once. Its sums are integers, so that the same durations give the same bits in any order.
package histogram

import (
	"math"
	"sort"

	"socialboards_exporter/internal/fact"
)

// Data is the immutable content of a histogram.
type Data struct {
	Bounds     []float64 // seconds, rising, without +Inf
	Cumulative []uint64  // how many durations were at most each bound
	Count      uint64
	Sum        fact.Ticks
	Native     *Native
	Exemplars  []Exemplar // latest of each classic bucket, +Inf last; Ticket 0: none
}

// Exemplar is a ticket behind a duration.
type Exemplar struct {
	Ticket int64
	Value  fact.Ticks
	At     fact.Instant
}

// Histogram adds up durations. What it holds depends on the durations alone, not on their
// order, so that a start that sums up stored durations shows what was shown before. It is
// not safe for concurrent use.
type Histogram struct {
	bounds    []float64
	limits    []fact.Ticks // the bounds in ticks, inclusive
	counts    []uint64     // by classic bucket, +Inf last
	count     uint64
	sum       fact.Ticks
	native    map[int32]uint64 // by index in startSchema; nil: none are kept
	zero      uint64
	exemplars []Exemplar
	data      *Data // of the present content; nil: not made yet
}

// New gives an empty histogram with classic buckets that end at the bounds, in seconds and
// rising, and with native buckets if native is set. It keeps bounds.
func New(bounds []float64, native bool) *Histogram {
	h := &Histogram{
		bounds:    bounds,
		limits:    make([]fact.Ticks, len(bounds)),
		counts:    make([]uint64, len(bounds)+1),
		exemplars: make([]Exemplar, len(bounds)+1),
	}
	for i, b := range bounds {
		h.limits[i] = limit(b)
	}
	if native {
		h.native = make(map[int32]uint64)
	}
	return h
}

// Observe adds the duration d; e says where it comes from, its Value is set to d. Ticket 0
// leaves no exemplar. A duration that is unknown or negative is not one, and is left out.
func (h *Histogram) Observe(d fact.Ticks, e Exemplar) {
	if d < 0 {
		return
	}
	i := sort.Search(len(h.limits), func(i int) bool { return d <= h.limits[i] })
	h.counts[i]++
	h.count++
	h.sum += d
	h.observeNative(d)
	e.Value = d
	if e.Ticket != 0 && h.exemplars[i].before(e) {
		h.exemplars[i] = e
	}
	h.data = nil
}

func (h *Histogram) observeNative(d fact.Ticks) {
	switch {
	case h.native == nil:
	case d == 0: // the only duration under the zero threshold
		h.zero++
	default:
		h.native[index(d.Seconds())]++
	}
}

// Data gives the present content. It is not changed by what is observed later, and must
// not be changed by the caller.
func (h *Histogram) Data() Data {
	if h.data == nil {
		h.data = h.build()
	}
	return *h.data
}

func (h *Histogram) build() *Data {
	d := &Data{
		Bounds:     h.bounds,
		Cumulative: make([]uint64, len(h.bounds)),
		Count:      h.count,
		Sum:        h.sum,
		Exemplars:  append([]Exemplar(nil), h.exemplars...),
	}
	var sum uint64
	for i := range h.bounds {
		sum += h.counts[i]
		d.Cumulative[i] = sum
	}
	if h.native != nil {
		d.Native = newNative(h.native, h.zero)
	}
	return d
}

// before says whether f takes the place of e: the later one does. Ticket and value decide
// between equal times, since the order of arrival must not.
func (e Exemplar) before(f Exemplar) bool {
	switch {
	case e.Ticket == 0:
		return true
	case e.At != f.At:
		return e.At < f.At
	case e.Ticket != f.Ticket:
		return e.Ticket < f.Ticket
	}
	return e.Value < f.Value
}

// limit gives the largest number of ticks whose seconds are at most bound. Seconds are the
// nearest float to a decimal number, and so is a bound that was written as one: comparing
// them is exact, while multiplying a bound is not.
func limit(bound float64) fact.Ticks {
	const second = float64(fact.Ticks(1e7))
	x := math.Round(bound * second)
	if x >= math.MaxInt64 {
		return math.MaxInt64
	}
	t := fact.Ticks(x)
	for t.Seconds() > bound {
		t--
	}
	for t < math.MaxInt64 && (t+1).Seconds() <= bound {
		t++
	}
	return t
}
