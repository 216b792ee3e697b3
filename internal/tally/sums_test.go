package tally

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A start that takes over sums shows the same bits as one that adds up all rows, and goes
// on in the same way.
func TestSumsStandForAllChangesAndOutcomes(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 5))
		h, ta := newHistory(), New(settings())
		ta.Update(publishAll)
		for range 4 {
			ta.Update(func(u *Update) {
				for range r.IntN(80) {
					h.happen(r, u)
				}
			})
			sums, err := ta.Sums()
			require.NoError(t, err)
			again, plain := h.replayWith(r, sums), h.replay(r)
			want := text(t, ta.Snapshot(noon))
			require.Equal(t, want, text(t, plain.Snapshot(noon)), "seed %d", seed)
			require.Equal(t, want, text(t, again.Snapshot(noon)), "seed %d", seed)
			ta = again
		}
	}
}

func TestSumsOfOtherSettingsAreNotTaken(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	h, ta := newHistory(), New(settings())
	ta.Update(publishAll)
	ta.Update(func(u *Update) {
		for range 200 {
			h.happen(r, u)
		}
	})
	whole, err := ta.Sums()
	require.NoError(t, err)
	for name, change := range map[string]func(*Settings){
		"as they are":    nil,
		"another order":  func(s *Settings) { slices.Reverse(s.Objectives) },
		"bounds":         func(s *Settings) { s.Bounds[0]++ },
		"more bounds":    func(s *Settings) { s.Bounds = append(s.Bounds, 1e9) },
		"native buckets": func(s *Settings) { s.Native = !s.Native },
		"a target":       func(s *Settings) { s.Objectives[0].Target += time.Nanosecond },
		"a name":         func(s *Settings) { s.Objectives[0].Name += "2" },
		"an objective":   func(s *Settings) { s.Objectives = s.Objectives[:1] },
	} {
		s := settings()
		if change != nil {
			change(&s)
		}
		other := New(s)
		other.Update(publishAll)
		before := text(t, other.Snapshot(noon))
		same := change == nil || name == "another order"
		other.Update(func(u *Update) { require.Equal(t, same, u.Restore(whole), name) })
		require.Equal(t, same, before != text(t, other.Snapshot(noon)), name)
	}
	for _, broken := range []string{"", "null", "{}", string(whole[:len(whole)/2]), fmt.Sprintf("%s}", whole)} {
		other := New(settings())
		other.Update(func(u *Update) { require.False(t, u.Restore([]byte(broken))) })
	}
}
