package eventstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// TestManyMayUseTheStoreAtOnce is for the race detector; that nothing is lost between
// goroutines shows without it too.
func TestManyMayUseTheStoreAtOnce(t *testing.T) {
	const workers, rounds = 3, 6
	s, err := eventstore.Open(t.Context(), eventstore.Options{Dir: t.TempDir(), Account: account()})
	require.NoError(t, err)
	var g errgroup.Group
	for worker := range workers {
		g.Go(func() error {
			for round := range rounds {
				b := numbered(worker*rounds + round)
				b.Entries[0].Action = b.Meta["last"] // a text that is new to the store
				if err := s.Commit(t.Context(), b); err != nil {
					return err
				}
				if _, err := s.History(t.Context(), b.Entries[0].Ticket); err != nil {
					return err
				}
			}
			return nil
		})
		g.Go(func() error {
			for range rounds {
				if _, err := s.Load(t.Context()); err != nil {
					return err
				}
				if _, err := s.Size(); err != nil {
					return err
				}
				if err := s.EachChange(t.Context(), func(fact.Change) error { return nil }); err != nil {
					return err
				}
				_, _ = s.Created(), s.Damaged()
			}
			return nil
		})
	}
	require.NoError(t, g.Wait())
	c, err := s.Load(t.Context())
	require.NoError(t, err)
	want := uint64(0)
	for n := range workers * rounds {
		want += uint64(sizeOf(n))
	}
	require.Equal(t, want, c.Events[1])
	require.Equal(t, uint64(workers*rounds), c.Counts["batches"])
	require.NoError(t, s.Close())
}
