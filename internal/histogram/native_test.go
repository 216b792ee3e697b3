package histogram

import (
	"math/rand/v2"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

// factors are what client_golang takes for the schemas from 3 down.
var factors = map[int32]float64{3: 1.1, 2: 1.2, 1: 1.5, 0: 2, -1: 4}

// reference puts the durations into client_golang's native histogram of a fixed schema.
func reference(t *testing.T, schema int32, all []observation) *dto.Histogram {
	t.Helper()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "x", NativeHistogramBucketFactor: factors[schema]})
	for _, o := range all {
		h.Observe(o.d.Seconds())
	}
	var m dto.Metric
	require.NoError(t, h.Write(&m))
	require.Equal(t, schema, m.Histogram.GetSchema())
	return m.Histogram
}

func bucketsOf(h *dto.Histogram) []Bucket {
	out := []Bucket{}
	var index int32
	var count int64
	deltas := h.PositiveDelta
	for _, s := range h.PositiveSpan {
		index += s.GetOffset()
		for range s.GetLength() {
			count += deltas[0]
			deltas = deltas[1:]
			if count > 0 {
				out = append(out, Bucket{index, uint64(count)})
			}
			index++
		}
	}
	return out
}

func TestBucketsAreThoseOfClientGolang(t *testing.T) {
	schemas := map[int32]int{}
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 2))
		all := durations(r, 1+r.IntN(3000))
		h := New(nil, true)
		for _, o := range all {
			h.Observe(o.d, Exemplar{})
		}
		n := h.Data().Native
		want := reference(t, n.Schema, all)
		require.Equal(t, bucketsOf(want), n.Buckets, "seed %d", seed)
		require.Equal(t, want.GetZeroCount(), n.ZeroCount, "seed %d", seed)
		require.Equal(t, want.GetZeroThreshold(), n.ZeroThreshold)
		require.LessOrEqual(t, len(n.Buckets), 160, "seed %d", seed)
		if n.Schema < 3 {
			finer := bucketsOf(reference(t, n.Schema+1, all))
			require.Greater(t, len(finer), 160, "seed %d: coarser than it has to be", seed)
		}
		schemas[n.Schema]++
	}
	require.Len(t, schemas, 3, "the durations should fill schemas 3 down to 1: %v", schemas)
}

func TestNoBucketsMoreThanAllowed(t *testing.T) {
	h := New(nil, true)
	for d := fact.Ticks(1); d > 0; d += 1 + d/9 {
		h.Observe(d, Exemplar{})
	}
	require.LessOrEqual(t, len(h.Data().Native.Buckets), 160)
}
