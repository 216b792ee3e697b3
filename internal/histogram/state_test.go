package histogram

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A histogram that was stored and restored in the middle holds the same bits as one that
// was not.
func TestARestoredHistogramGoesOnAsIfNothingHadHappened(t *testing.T) {
	bounds := []float64{1, 60, 3600}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		native := seed%2 == 0
		plain, stored := New(bounds, native), New(bounds, native)
		all := durations(r, r.IntN(300))
		for i, o := range all {
			plain.Observe(o.d, o.e)
			stored.Observe(o.d, o.e)
			if i != len(all)/2 {
				continue
			}
			text, err := json.Marshal(stored.State())
			require.NoError(t, err)
			var s State
			require.NoError(t, json.Unmarshal(text, &s))
			stored = New(bounds, native)
			require.NoError(t, stored.Restore(s))
		}
		require.Equal(t, plain.Data(), stored.Data(), "seed %d", seed)
	}
}

func TestAStateShapedOtherwiseIsRefused(t *testing.T) {
	of := func(bounds []float64, native bool) State {
		h := New(bounds, native)
		h.Observe(5*second, Exemplar{Ticket: 1, At: 1})
		return h.State()
	}
	h := New([]float64{1}, false)
	h.Observe(second, Exemplar{Ticket: 2, At: 2})
	want := h.Data()
	for name, s := range map[string]State{
		"more buckets":   of([]float64{1, 2}, false),
		"native":         of([]float64{1}, true),
		"no exemplars":   {Counts: []uint64{1, 0}},
		"nothing at all": {},
	} {
		require.ErrorIs(t, h.Restore(s), errShape, name)
		require.Equal(t, want, h.Data(), name)
	}
}
