//go:build linux

package eventstore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	sqlite3 "modernc.org/sqlite/lib"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// failNext has the disk be full at the next write to the log, or fail to take in what was
// written to it.
func failNext(v *tape, k kind, code int32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fail = func(o op) int32 {
		if o.kind != k || o.file != "events.db-wal" {
			return sqlite3.SQLITE_OK
		}
		v.fail = nil
		return code
	}
}

// What is staged outlives that it cannot be made durable, and whatever is refused later.
func TestWhatIsStagedIsNotLost(t *testing.T) {
	for name, disk := range map[string]func(*tape){
		"full":  func(v *tape) { failNext(v, opWrite, sqlite3.SQLITE_FULL) },
		"fails": func(v *tape) { failNext(v, opSync, sqlite3.SQLITE_IOERR_FSYNC) },
	} {
		t.Run(name, func(t *testing.T) {
			s, m := newStory(t, 1), newModel()
			s.enter(newDisk(nil), nil)
			defer s.leave()
			store := s.open()
			require.NoError(t, store.Commit(t.Context(), s.batches[0]))
			m.commit(s.batches[0])
			for _, b := range s.batches[1:5] {
				require.NoError(t, store.Stage(t.Context(), b))
				m.commit(b)
				m.requireSame(t, store)
			}
			spoiled := s.batches[5]
			spoiled.Entries = append(spoiled.Entries, fact.Entry{Seq: 1e6, Ticket: 1, Action: "never seen before", Series: 99})
			require.ErrorIs(t, store.Stage(t.Context(), spoiled), eventstore.ErrRefused)
			require.ErrorIs(t, store.Commit(t.Context(), spoiled), eventstore.ErrRefused)
			m.requireSame(t, store)
			ended, end := context.WithCancel(t.Context())
			end()
			require.ErrorIs(t, store.Commit(ended, s.batches[5]), context.Canceled)
			m.requireSame(t, store)
			disk(s.tape)
			require.ErrorIs(t, store.Commit(t.Context(), s.batches[5]), eventstore.ErrWrite)
			m.requireSame(t, store)
			disk(s.tape)
			require.ErrorIs(t, store.Commit(t.Context(), fact.Batch{}), eventstore.ErrWrite)
			require.NoError(t, store.Stage(t.Context(), s.batches[5]))
			m.commit(s.batches[5])
			m.requireSame(t, store)
			require.NoError(t, store.KeepSums(t.Context(), "sums"))
			require.NoError(t, store.Stage(t.Context(), s.batches[6]))
			m.commit(s.batches[6])
			require.NoError(t, store.Close())
			store = s.open()
			m.requireSame(t, store)
			require.NoError(t, store.Close())
		})
	}
}

// Another process sees what is staged as soon as it is durable, and no sooner.
func TestWhatIsStagedIsNotThereForOthers(t *testing.T) {
	r, m := newRandom(5), newModel()
	dir := t.TempDir()
	s := open(t, dir)
	all := r.allSeries()
	require.NoError(t, s.Commit(t.Context(), all))
	m.commit(all)
	others := func() {
		t.Helper()
		reader, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account(), ReadOnly: true})
		require.NoError(t, err)
		m.requireSame(t, reader)
		require.ErrorIs(t, reader.Stage(t.Context(), fact.Batch{}), eventstore.ErrWrite)
		require.NoError(t, reader.Close())
	}
	staged := []fact.Batch{r.batch(), r.batch(), r.batch()}
	for _, b := range staged {
		require.NoError(t, s.Stage(t.Context(), b))
		others()
	}
	require.NoError(t, s.Commit(t.Context(), fact.Batch{}))
	for _, b := range staged {
		m.commit(b)
	}
	others()
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Stage(t.Context(), r.batch()), eventstore.ErrClosed)
}
