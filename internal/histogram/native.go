package histogram

import (
	"math"
	"slices"
	"sort"
)

const (
	// startSchema gives eight buckets to each power of two: an error of at most 4.4 %.
	startSchema = 3
	// maxBuckets is how many buckets are shown at most, as client libraries advise.
	maxBuckets = 160
	// zeroThreshold is what client_golang takes for values that are as good as zero.
	zeroThreshold = 0x1p-128
)

// fractions are the upper bounds of the buckets between ½ and 1 in startSchema: 2^(i/8 - 1).
// They are the exact values other clients use, so that buckets can be added up.
//
//nolint:gochecknoglobals // an immutable table
var fractions = [8]float64{
	0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048,
	0.7071067811865475, 0.7711054127039704, 0.8408964152537144, 0.9170040432046711,
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

// newNative gives the finest form of the counts, by index in startSchema, that needs no
// more than maxBuckets.
func newNative(counts map[int32]uint64, zero uint64) *Native {
	n := &Native{Schema: startSchema, ZeroThreshold: zeroThreshold, ZeroCount: zero}
	n.Buckets = make([]Bucket, 0, len(counts))
	for i, c := range counts {
		n.Buckets = append(n.Buckets, Bucket{i, c})
	}
	slices.SortFunc(n.Buckets, func(a, b Bucket) int { return int(a.Index) - int(b.Index) })
	for len(n.Buckets) > maxBuckets {
		n.coarsen()
	}
	return n
}

// coarsen joins each two neighbouring buckets.
func (n *Native) coarsen() {
	joined := n.Buckets[:0]
	for _, b := range n.Buckets {
		b.Index = (b.Index + 1) >> 1 // half, rounded up: a bucket includes its upper bound
		if last := len(joined) - 1; last >= 0 && joined[last].Index == b.Index {
			joined[last].Count += b.Count
			continue
		}
		joined = append(joined, b)
	}
	n.Schema--
	n.Buckets = joined
}

// index gives the bucket in startSchema that a positive v falls into.
func index(v float64) int32 {
	frac, exp := math.Frexp(v)
	i := sort.SearchFloat64s(fractions[:], frac) + (exp-1)*len(fractions)
	return int32(i) //nolint:gosec // exponents of floats are small
}
