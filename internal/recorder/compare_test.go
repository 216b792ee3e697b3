package recorder

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"socialboards_exporter/internal/fact"
)

func entry(at fact.Instant, action, user string) fact.Entry {
	return fact.Entry{Time: at, Action: action, UserType: fact.Team, UserID: user}
}

func TestCompare(t *testing.T) {
	a, b, c, d := entry(1, "a", "u"), entry(2, "a", "u"), entry(3, "a", "u"), entry(4, "a", "u")
	anonymous := b
	anonymous.UserID = "x"
	tests := []struct {
		name         string
		known, shown []fact.Entry
		covered      fact.Instant
		fresh        []fact.Entry
		seen         int
		rewritten    bool
	}{
		{"first reading", nil, []fact.Entry{a, b}, fact.Never, []fact.Entry{a, b}, 0, false},
		{"nothing new", []fact.Entry{a, b}, []fact.Entry{a, b}, fact.Never, nil, 2, false},
		{"an empty answer takes nothing back", []fact.Entry{a}, nil, fact.Never, nil, 0, false},
		{"one at the front", []fact.Entry{a, b}, []fact.Entry{a, b, c}, fact.Never, []fact.Entry{c}, 2, false},
		{"one in the middle", []fact.Entry{a, c}, []fact.Entry{a, b, c}, fact.Never, []fact.Entry{b}, 2, false},
		{"a user made anonymous is the same entry", []fact.Entry{a, b}, []fact.Entry{a, anonymous}, fact.Never, nil, 2, false},
		{"one removed", []fact.Entry{a, b, c}, []fact.Entry{a, c}, fact.Never, nil, 2, false},
		{"all times shifted", []fact.Entry{a, b}, []fact.Entry{c, d}, fact.Never, nil, 0, true},
		{"half gone is not most", []fact.Entry{a, b}, []fact.Entry{b, c}, fact.Never, []fact.Entry{c}, 1, false},
		{"outside the span nothing is missed", []fact.Entry{a, b, c}, []fact.Entry{c, d}, 2, []fact.Entry{d}, 1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := compare(test.known, test.shown, test.covered)
			require.Equal(t, test.rewritten, got.rewritten)
			require.Equal(t, test.fresh, got.fresh)
			if !test.rewritten {
				require.Equal(t, test.seen, got.known)
			}
		})
	}
}

// Two entries of one group are told apart by their labels where they can be.
func TestCompareCountsTheOneThatIsNew(t *testing.T) {
	first, second := entry(1, "a", "ada"), entry(1, "a", "bob")
	got := compare([]fact.Entry{second}, []fact.Entry{first, second}, fact.Never)
	first.Ordinal = 1
	require.Equal(t, []fact.Entry{first}, got.fresh)
}

// However a log is cut into readings, each group ends up with as many entries as the
// most that one reading showed, each Ordinal once.
func TestCompareAgainstTheMostEverShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var known []fact.Entry
		most := map[group]int{}
		for range rapid.IntRange(1, 6).Draw(t, "readings") {
			shown := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fact.Entry {
				return entry(fact.Instant(rapid.IntRange(1, 4).Draw(t, "time")), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "action"),
					rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "user"))
			}), 0, 8).Draw(t, "shown")
			got := compare(known, shown, fact.Never)
			if got.rewritten {
				require.Empty(t, got.fresh)
				continue
			}
			now := map[group]int{}
			for _, e := range shown {
				now[groupOf(e)]++
			}
			for g, n := range now {
				most[g] = max(most[g], n)
			}
			require.Equal(t, len(shown), got.known+len(got.fresh))
			known = append(known, got.fresh...)
		}
		places := map[string]bool{}
		count := map[group]int{}
		for _, e := range known {
			count[groupOf(e)]++
			place := fmt.Sprint(groupOf(e), e.Ordinal)
			require.False(t, places[place], "place %s twice", place)
			require.Less(t, e.Ordinal, most[groupOf(e)])
			places[place] = true
		}
		require.Equal(t, most, count)
	})
}
