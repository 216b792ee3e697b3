package eventstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

type refill func(ctx context.Context, old, fresh *eventstore.Store) (bool, error)

func rebuild(t *testing.T, dir string, f refill) (string, error) {
	t.Helper()
	at := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	return eventstore.Rebuild(t.Context(), eventstore.Options{Dir: dir, Account: account(), Now: at}, f)
}

// label is one record that tells a store from another.
func label(ctx context.Context, s *eventstore.Store, text string) error {
	return s.Commit(ctx, fact.Batch{Labels: []fact.Label{{Label: text, Status: "open"}}})
}

func labels(t *testing.T, dir string) (found []string) {
	t.Helper()
	s := open(t, dir)
	c, err := s.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	for _, l := range c.Labels {
		found = append(found, l.Label)
	}
	return found
}

func names(t *testing.T, dir string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

// began gives a directory with a store that holds the label "before".
func began(t *testing.T) (dir string, created time.Time) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir)
	require.NoError(t, label(t.Context(), s, "before"))
	created = s.Created()
	require.NoError(t, s.Close())
	return dir, created
}

func TestARebuiltStoreTakesThePlaceOfTheOldOneWhichIsKept(t *testing.T) {
	dir, created := began(t)
	for n, name := range []string{"events.db.replaced-20260301T120000Z", "events.db.replaced-20260301T120000Z-2"} {
		kept, err := rebuild(t, dir, func(ctx context.Context, old, fresh *eventstore.Store) (bool, error) {
			require.Equal(t, created, fresh.Created())
			require.ErrorIs(t, label(ctx, old, "in the old one"), eventstore.ErrWrite)
			c, err := fresh.Load(ctx)
			require.NoError(t, err)
			require.Empty(t, c.Labels)
			return true, label(ctx, fresh, "after")
		})
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, name), kept)
		require.Len(t, names(t, dir), 3+n, "the store, the lock and what was kept")
		require.Equal(t, []string{"after"}, labels(t, dir))
	}
	elsewhere := t.TempDir()
	write(t, filepath.Join(elsewhere, "events.db"), read(t, filepath.Join(dir, "events.db.replaced-20260301T120000Z")))
	require.Equal(t, []string{"before"}, labels(t, elsewhere))
}

func TestAStoreThatIsNotRebuiltStaysAsItIs(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		replace bool
		err     error
	}{"not wanted": {false, nil}, "failed": {true, broken}} {
		t.Run(name, func(t *testing.T) {
			dir, _ := began(t)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "events.db.new"), []byte("left by a crash"), 0o600))
			kept, err := rebuild(t, dir, func(ctx context.Context, _, fresh *eventstore.Store) (bool, error) {
				require.NoError(t, label(ctx, fresh, "after"))
				return c.replace, c.err
			})
			require.ErrorIs(t, err, c.err)
			require.Empty(t, kept)
			require.Equal(t, []string{"LOCK", "events.db"}, names(t, dir))
			require.Equal(t, []string{"before"}, labels(t, dir))
		})
	}
}

func TestWhatCannotBeRebuiltIsRefusedAndLeftAlone(t *testing.T) {
	never := func(context.Context, *eventstore.Store, *eventstore.Store) (bool, error) {
		require.Fail(t, "nothing is to be filled")
		return false, nil
	}
	t.Run("no store", func(t *testing.T) {
		dir := t.TempDir()
		_, err := rebuild(t, dir, never)
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, filepath.Join(dir, "events.db"))
		require.Empty(t, names(t, dir))
	})
	t.Run("in use", func(t *testing.T) {
		dir, _ := began(t)
		open(t, dir)
		_, err := rebuild(t, dir, never)
		require.ErrorIs(t, err, eventstore.ErrLocked)
	})
	t.Run("damaged", func(t *testing.T) {
		dir, _ := began(t)
		path := filepath.Join(dir, "events.db")
		broken := read(t, path)
		copy(broken[4096:], make([]byte, 4096))
		write(t, path, broken)
		_, err := rebuild(t, dir, never)
		require.ErrorIs(t, err, eventstore.ErrDamaged)
		require.Equal(t, broken, read(t, path))
	})
}
