package eventstore_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// What EachHappening gives is what a naive look at all records picks, for any records.
func TestHappeningsAreThoseOfTheRecords(t *testing.T) {
	found := 0
	for seed := range uint64(3) {
		r, s := newRandom(seed), open(t, t.TempDir())
		require.NoError(t, s.Commit(t.Context(), r.allSeries()))
		for range 20 {
			require.NoError(t, s.Commit(t.Context(), r.batch()))
		}
		for range 100 {
			w := eventstore.Which{Backlog: r.yes(), Objective: r.text(), UpTo: pick(r, []int64{0, 5, 40, math.MaxInt64}),
				From: r.when(), To: r.when(), Sorted: r.yes(),
				Kind: pick(r, []fact.Kind{fact.Events, fact.Changes, fact.Durations, fact.Clocks, fact.Breaches, fact.SLADurations})}
			if w.Backlog && !slices.Contains([]fact.Kind{fact.Events, fact.Changes, fact.Durations}, w.Kind) {
				require.Error(t, s.EachHappening(t.Context(), w, func(eventstore.Happening) error { return nil }))
				continue
			}
			var got []eventstore.Happening
			require.NoError(t, s.EachHappening(t.Context(), w, func(h eventstore.Happening) error {
				got = append(got, h)
				return nil
			}))
			if w.Sorted {
				requireGrouped(t, got)
			}
			require.ElementsMatch(t, naive(t, s, w), got, "seed %d, %+v", seed, w)
			found += len(got)
		}
	}
	require.Greater(t, found, 100)
}

// requireGrouped holds happenings to one place for each series, and to the order of time.
func requireGrouped(t *testing.T, got []eventstore.Happening) {
	t.Helper()
	type group struct {
		series int64
		labels [3]string
	}
	of := func(h eventstore.Happening) group { return group{h.Series, h.Labels} }
	seen := map[group]bool{}
	for i, h := range got {
		if i > 0 && of(got[i-1]) == of(h) {
			require.LessOrEqual(t, got[i-1].At, h.At)
			continue
		}
		require.False(t, seen[of(h)])
		seen[of(h)] = true
	}
}

func naive(t *testing.T, s *eventstore.Store, w eventstore.Which) (all []eventstore.Happening) {
	t.Helper()
	add := func(is bool, seq int64, h eventstore.Happening) {
		if is && h.At != fact.Never && seq <= w.UpTo && h.At >= w.From && h.At < w.To {
			all = append(all, h)
		}
	}
	switch w.Kind {
	case fact.Events:
		require.NoError(t, s.EachEntry(t.Context(), func(e fact.Entry) error {
			h := eventstore.Happening{Series: e.Series, At: e.Time, Duration: fact.Unknown}
			if w.Backlog {
				h.Series, h.Labels = 0, [3]string{e.Action, e.UserID, e.UserType}
			}
			add(w.Backlog && e.Result == fact.Backlog || !w.Backlog && e.Series != 0, e.Seq, h)
			return nil
		}))
	case fact.Changes, fact.Durations:
		require.NoError(t, s.EachChange(t.Context(), func(c fact.Change) error {
			is := c.Counted != w.Backlog && (c.Counted || c.From != c.To) && (w.Kind == fact.Changes || c.Duration != fact.Unknown)
			add(is, c.Seq, eventstore.Happening{Labels: [3]string{c.From, c.To}, At: c.Time, Duration: c.Duration})
			return nil
		}))
	default:
		require.NoError(t, s.EachOutcome(t.Context(), func(o fact.Outcome) error {
			h, seq, is := eventstore.Happening{Labels: [3]string{o.Objective}, At: o.Breached, Duration: o.Duration}, o.BreachSeq, o.Counted
			if w.Kind == fact.SLADurations || w.Kind == fact.Clocks && o.Breached == fact.Never {
				h.At, seq = o.Stopped, o.StopSeq
			}
			if w.Kind == fact.SLADurations {
				is = o.Observed
			}
			add(is && o.Objective == w.Objective, seq, h)
			return nil
		}))
	}
	slices.SortFunc(all, func(a, b eventstore.Happening) int { return cmp.Compare(a.At, b.At) })
	return all
}
