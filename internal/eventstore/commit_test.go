package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// TestTheStoreIsLikeItsModel commits random batches, some of them twice, and compares
// all that can be read, also after the store was closed and opened again.
func TestTheStoreIsLikeItsModel(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			r, m := newRandom(seed), newModel()
			dir := ":memory:"
			if seed%4 == 0 {
				dir = t.TempDir()
			}
			s := open(t, dir)
			commit := func(b fact.Batch) {
				require.NoError(t, s.Commit(t.Context(), b))
				m.commit(b)
			}
			commit(r.allSeries())
			for range 12 {
				b := r.batch()
				commit(b)
				if r.yes() {
					b.Counts = nil // increments are not idempotent
					commit(b)
				}
				if !s.Memory() && r.IntN(4) == 0 {
					require.NoError(t, s.Close())
					s = open(t, dir)
				}
			}
			m.requireSame(t, s)
		})
	}
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	r, m := newRandom(1), newModel()
	s := open(t, "")
	all := r.allSeries()
	require.NoError(t, s.Commit(t.Context(), all))
	m.commit(all)
	for name, spoil := range map[string]func(*fact.Batch){
		"series that is not stored": func(b *fact.Batch) {
			b.Entries = append(b.Entries, fact.Entry{Seq: 1e6, Ticket: 1, Action: "never seen before", Series: 99})
		},
		"two series with the same labels": func(b *fact.Batch) {
			twin := all.Series[0]
			twin.ID = 98
			b.Series = append(b.Series, twin)
		},
		"series that gets other labels": func(b *fact.Batch) {
			moved := all.Series[0]
			moved.Labels[1] = "other"
			b.Series = append(b.Series, moved)
		},
		"entry of a customer": func(b *fact.Batch) {
			b.Entries = append(b.Entries, fact.Entry{Seq: 1e6, Ticket: 1, UserType: fact.Client, UserID: "somebody"})
		},
		"customer among the users": func(b *fact.Batch) {
			b.Users = append(b.Users, fact.User{ID: "somebody", Type: fact.Client})
		},
	} {
		b := r.batch()
		b.Series = nil
		spoiled := b
		spoil(&spoiled)
		err := s.Commit(t.Context(), spoiled)
		require.ErrorIs(t, err, eventstore.ErrRefused, name)
		require.NotContains(t, err.Error(), "somebody")
		m.requireSame(t, s)
		require.NoError(t, s.Commit(t.Context(), b), name) // with the texts that were rolled back
		m.commit(b)
		m.requireSame(t, s)
	}
}

// expiring ends after its Err was asked a number of times.
type expiring struct {
	context.Context
	left int
}

func (c *expiring) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestACommitThatIsCancelledLeavesNothing(t *testing.T) {
	r, m := newRandom(2), newModel()
	s := open(t, t.TempDir())
	all, b := r.allSeries(), r.batch()
	require.NoError(t, s.Commit(t.Context(), all))
	m.commit(all)
	cancelled := 0
	for ; ; cancelled++ {
		err := s.Commit(&expiring{t.Context(), cancelled}, b)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, eventstore.ErrWrite)
		m.requireSame(t, s)
	}
	require.Greater(t, cancelled, 10)
	m.commit(b)
	m.requireSame(t, s)
}

func TestAFullDiskStopsOnlyUntilThereIsSpace(t *testing.T) {
	r, m := newRandom(3), newModel()
	dir := t.TempDir()
	s := open(t, dir)
	all := r.allSeries()
	require.NoError(t, s.Commit(t.Context(), all))
	m.commit(all)
	require.NoError(t, s.Exec(t.Context(), "PRAGMA max_page_count = 1")) // as many as there are
	var large fact.Batch
	for range 600 {
		large.Entries = append(large.Entries, r.entry())
		large.Entries[len(large.Entries)-1].Ordinal = len(large.Entries)
	}
	for range 3 {
		err := s.Commit(t.Context(), large)
		require.ErrorIs(t, err, eventstore.ErrWrite)
		require.ErrorContains(t, err, dir)
		require.ErrorContains(t, err, "free some space")
		m.requireSame(t, s)
	}
	require.NoError(t, s.Exec(t.Context(), "PRAGMA max_page_count = 1000000"))
	require.NoError(t, s.Commit(t.Context(), large))
	m.commit(large)
	m.requireSame(t, s)
}

func TestAFileThatBecomesReadOnlyIsNamed(t *testing.T) {
	r, m := newRandom(4), newModel()
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Exec(t.Context(), "PRAGMA query_only = 1"))
	err := s.Commit(t.Context(), r.allSeries())
	require.ErrorIs(t, err, eventstore.ErrWrite)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "write permission")
	require.NoError(t, s.Exec(t.Context(), "PRAGMA query_only = 0"))
	m.requireSame(t, s)
}

func TestAClosedStoreSaysSo(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		s := open(t, dir)
		require.NoError(t, s.Close())
		_, loadErr := s.Load(t.Context())
		_, historyErr := s.History(t.Context(), 1)
		for _, err := range []error{loadErr, historyErr, s.Commit(t.Context(), fact.Batch{}),
			s.EachEntry(t.Context(), func(fact.Entry) error { return nil })} {
			require.ErrorIs(t, err, eventstore.ErrClosed)
		}
	}
}

func TestAStreamStopsAtTheFirstErrorOfItsReader(t *testing.T) {
	r := newRandom(5)
	s := open(t, "")
	require.NoError(t, s.Commit(t.Context(), r.allSeries()))
	require.NoError(t, s.Commit(t.Context(), fact.Batch{Entries: []fact.Entry{r.entry(), r.entry(), r.entry()}}))
	stop, calls := errors.New("enough"), 0
	err := s.EachEntry(t.Context(), func(fact.Entry) error { calls++; return stop })
	require.Same(t, stop, err)
	require.Equal(t, 1, calls)
	require.ErrorIs(t, s.EachEntry(&expiring{t.Context(), 1}, func(fact.Entry) error { return nil }), context.Canceled)
}
