//go:build linux

package eventstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	sqlite3 "modernc.org/sqlite/lib"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// failNextSync has the disk fail to take in what was written to the log, and say so once.
func failNextSync(v *tape) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fail = func(o op) int32 {
		if o.kind != opSync || o.file != "events.db-wal" {
			return sqlite3.SQLITE_OK
		}
		v.fail = nil
		return sqlite3.SQLITE_IOERR_FSYNC
	}
}

// A batch that the disk did not take in is not stored, and written again when it is tried
// again. Of those before it that did not wait for the disk nobody would know whether it has
// them, so that nothing more is stored until a start has seen to it.
func TestADiskThatFailsToSync(t *testing.T) {
	for _, waits := range []bool{true, false} {
		s := newStory(t, 1)
		s.enter(newDisk(nil))
		store := s.open()
		commit := store.CommitUnsynced
		if waits {
			commit = store.Commit
		}
		require.NoError(t, commit(t.Context(), s.batches[0]))
		failNextSync(s.tape)
		require.ErrorIs(t, store.Commit(t.Context(), s.batches[1]), eventstore.ErrWrite)
		err := store.Commit(t.Context(), s.batches[1])
		n := 2
		if !waits {
			n = 1
			require.ErrorIs(t, err, eventstore.ErrWrite)
			require.ErrorContains(t, err, "start the exporter again")
			require.ErrorIs(t, store.CommitUnsynced(t.Context(), s.batches[1]), eventstore.ErrWrite)
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, store.Close())
		store = s.open()
		s.works(store, s.holds(store, n, n))
		s.leave()
	}
}

// What did not wait for the disk is there for everybody at once, as is what did.
func TestUnsyncedCommitsAreLikeOthers(t *testing.T) {
	r, m := newRandom(5), newModel()
	dir := t.TempDir()
	s := open(t, dir)
	all := r.allSeries()
	require.NoError(t, s.Commit(t.Context(), all))
	m.commit(all)
	for range 6 {
		b := r.batch()
		require.NoError(t, s.CommitUnsynced(t.Context(), b))
		m.commit(b)
		m.requireSame(t, s)
	}
	spoiled := r.batch()
	spoiled.Entries = append(spoiled.Entries, fact.Entry{Seq: 1e6, Ticket: 1, Series: 99})
	require.ErrorIs(t, s.CommitUnsynced(t.Context(), spoiled), eventstore.ErrRefused)
	m.requireSame(t, s)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.CommitUnsynced(t.Context(), r.batch()), eventstore.ErrClosed)
	s = open(t, dir)
	m.requireSame(t, s)
}
