package histogram

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

const second = fact.Ticks(1e7)

func TestBoundsAreInclusiveToTheTick(t *testing.T) {
	// Bounds that floats cannot hold exactly, beside ones that they can.
	for _, tc := range []struct {
		bound float64
		limit fact.Ticks
	}{
		{0.1, second / 10},
		{0.3, 3 * second / 10},
		{1.1, 11 * second / 10},
		{2.3, 23 * second / 10},
		{0.0000001, 1},
		{60, 60 * second},
		{2592000, 2592000 * second},
		{1.0 / 3, 3333333},
		{0.00000005, 0},
		{1e300, math.MaxInt64},
		{math.MaxFloat64, math.MaxInt64},
	} {
		require.Equal(t, tc.limit, limit(tc.bound), "%v", tc.bound)
		h := New([]float64{tc.bound}, false)
		h.Observe(tc.limit, Exemplar{})
		require.Equal(t, []uint64{1}, h.Data().Cumulative, "%v at its bound", tc.bound)
		if tc.limit < math.MaxInt64 {
			h.Observe(tc.limit+1, Exemplar{})
			require.Equal(t, []uint64{1}, h.Data().Cumulative, "%v one tick beyond", tc.bound)
		}
	}
}

func TestWhatIsNoDurationIsLeftOut(t *testing.T) {
	h := New([]float64{1}, true)
	h.Observe(fact.Unknown, Exemplar{Ticket: 1})
	h.Observe(-1, Exemplar{Ticket: 1})
	d := h.Data()
	require.Zero(t, d.Count)
	require.Zero(t, d.Sum)
	require.Empty(t, d.Native.Buckets)
	require.Equal(t, make([]Exemplar, 2), d.Exemplars)
}

func TestZeroIsNearNothingElse(t *testing.T) {
	h := New([]float64{1}, true)
	h.Observe(0, Exemplar{})
	h.Observe(1, Exemplar{})
	require.EqualValues(t, 1, h.Data().Native.ZeroCount)
	require.Len(t, h.Data().Native.Buckets, 1)
}

func TestNativeBucketsAreLeftOutWhenOff(t *testing.T) {
	h := New([]float64{1}, false)
	h.Observe(second, Exemplar{})
	require.Nil(t, h.Data().Native)
}

func TestLatestExemplarOfEachBucketStays(t *testing.T) {
	h := New([]float64{10, 20}, false)
	h.Observe(5*second, Exemplar{Ticket: 1, At: 100})
	h.Observe(6*second, Exemplar{Ticket: 2, At: 90}) // earlier
	h.Observe(15*second, Exemplar{Ticket: 3, At: 100})
	h.Observe(16*second, Exemplar{Ticket: 4, At: 100}) // same time, higher ticket
	h.Observe(17*second, Exemplar{Ticket: 0, At: 200}) // of no ticket
	h.Observe(30*second, Exemplar{Ticket: 5, At: 100})
	h.Observe(25*second, Exemplar{Ticket: 5, At: 100}) // same ticket, smaller
	require.Equal(t, []Exemplar{
		{Ticket: 1, Value: 5 * second, At: 100},
		{Ticket: 4, Value: 16 * second, At: 100},
		{Ticket: 5, Value: 30 * second, At: 100},
	}, h.Data().Exemplars)
}

func TestDataDoesNotChangeLater(t *testing.T) {
	h := New([]float64{10}, true)
	h.Observe(second, Exemplar{Ticket: 1, At: 1})
	before := h.Data()
	want := clone(before)
	for range 300 {
		h.Observe(second*fact.Ticks(rand.Int64N(1e6)), Exemplar{Ticket: 2, At: 2})
		h.Data()
	}
	require.Equal(t, want, before)
}

func clone(d Data) Data {
	d.Cumulative, d.Exemplars = slices.Clone(d.Cumulative), slices.Clone(d.Exemplars)
	n := *d.Native
	n.Buckets = slices.Clone(n.Buckets)
	d.Native = &n
	return d
}

type observation struct {
	d fact.Ticks
	e Exemplar
}

// durations invents observations from one tick to centuries, many of them alike.
func durations(r *rand.Rand, n int) []observation {
	out := make([]observation, n)
	for i := range out {
		d := fact.Ticks(math.Exp(r.Float64() * 43))
		switch r.IntN(10) {
		case 0:
			d = 0
		case 1:
			d = second << r.IntN(20) // on a bucket's bound
		}
		out[i] = observation{d, Exemplar{Ticket: r.Int64N(5), At: fact.Instant(r.IntN(20))}}
	}
	return out
}

func TestOrderDoesNotMatterAndSumsAreExact(t *testing.T) {
	bounds := []float64{1, 60, 3600, 86400, 1e7}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		all := durations(r, 1+r.IntN(400))
		a, b := New(bounds, true), New(bounds, true)
		for _, o := range all {
			a.Observe(o.d, o.e)
			if r.IntN(5) == 0 {
				a.Data() // looking changes nothing
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var sum fact.Ticks
		cumulative := make([]uint64, len(bounds))
		for _, o := range all {
			b.Observe(o.d, o.e)
			sum += o.d
			for i, bound := range bounds {
				if o.d.Seconds() <= bound {
					cumulative[i]++
				}
			}
		}
		require.Equal(t, a.Data(), b.Data(), "seed %d", seed)
		require.Equal(t, sum, a.Data().Sum, "seed %d", seed)
		require.Equal(t, cumulative, a.Data().Cumulative, "seed %d", seed)
		require.EqualValues(t, len(all), a.Data().Count, "seed %d", seed)
	}
}

func BenchmarkObserve(b *testing.B) {
	h := New([]float64{60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 259200, 604800, 1209600, 2592000}, true)
	all := durations(rand.New(rand.NewPCG(1, 1)), 1024)
	for i := 0; b.Loop(); i++ {
		h.Observe(all[i%len(all)].d, all[i%len(all)].e)
	}
}

func BenchmarkData(b *testing.B) {
	h := New([]float64{60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 259200, 604800, 1209600, 2592000}, true)
	for _, o := range durations(rand.New(rand.NewPCG(1, 1)), 1024) {
		h.Observe(o.d, o.e)
	}
	for b.Loop() {
		h.data = nil
		h.Data()
	}
}
