// Package histogram adds up durations in classic buckets and in exponential (native) ones
// at once. Its sums are integers, so that the same durations give the same bits in any order.
package histogram

import "socialboards_exporter/internal/fact"

// Data is the immutable content of a histogram.
type Data struct {
	Bounds     []float64 // seconds, rising, without +Inf
	Cumulative []uint64  // how many durations were at most each bound
	Count      uint64
	Sum        fact.Ticks
	Native     *Native
	Exemplars  []Exemplar // latest of each classic bucket, +Inf last; Ticket 0: none
}

// Native is the sparse exponential form: bucket Index i holds values in (2^((i-1)/2^Schema), 2^(i/2^Schema)].
type Native struct {
	Schema        int32
	ZeroThreshold float64
	ZeroCount     uint64
	Buckets       []Bucket // by Index
}

// Bucket is one bucket of a Native.
type Bucket struct {
	Index int32
	Count uint64
}

// Exemplar is a ticket behind a duration.
type Exemplar struct {
	Ticket int64
	Value  fact.Ticks
	At     fact.Instant
}
