package eventstore_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// alter runs SQL on the stopped store at path, as another program would.
func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestOneProcessHasTheStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account()})
	require.ErrorIs(t, err, eventstore.ErrLocked)
	require.EqualError(t, err, dir+": in use by another process (stop the other process, or give this one a directory of its own with --storage.path)")
	require.NoError(t, s.Close())
	open(t, dir)
}

func TestStoresThatAreNotOursToUseAreRefusedAndKept(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		kind   error
		says   []string
	}{
		"newer version": {"PRAGMA user_version = 99", eventstore.ErrVersion, []string{"version 99", "up to 5", "newer version"}},
		"another account": {"UPDATE store SET client_id = 'other', base_url = 'https://elsewhere'", eventstore.ErrAccount,
			[]string{`"https://elsewhere"`, `"other"`, `"https://api.example.org"`, `"client"`}},
		"another program": {"PRAGMA application_id = 7", eventstore.ErrForeign, []string{"application_id is 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := filled(t)
			path := filepath.Join(dir, "events.db")
			alter(t, path, c.change)
			before := read(t, path)
			for _, readOnly := range []bool{true, false} {
				_, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account(), ReadOnly: readOnly})
				require.ErrorIs(t, err, c.kind)
				for _, part := range append(c.says, path) {
					require.ErrorContains(t, err, part)
				}
				require.Equal(t, before, read(t, path))
			}
			names, err := filepath.Glob(path + "*")
			require.NoError(t, err)
			require.Equal(t, []string{path}, names, "nothing is moved or left behind")
		})
	}
}

func TestAPathThatCannotBeUsedIsNamed(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	write(t, file, nil)
	occupied := filepath.Join(base, "occupied")
	require.NoError(t, os.MkdirAll(filepath.Join(occupied, "events.db"), 0o700))
	locked := filepath.Join(base, "locked")
	require.NoError(t, os.MkdirAll(filepath.Join(locked, "LOCK"), 0o700))
	for dir, says := range map[string]string{
		file:                      file + ": cannot be used: not a directory",
		filepath.Join(file, "in"): filepath.Join(file, "in") + ": cannot be used",
		occupied:                  filepath.Join(occupied, "events.db") + ": cannot be used: not a regular file",
		locked:                    filepath.Join(locked, "LOCK") + ": cannot be used",
	} {
		_, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account()})
		require.ErrorIs(t, err, eventstore.ErrUnusable, dir)
		require.ErrorContains(t, err, says)
	}
}

func TestAPathMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"a b", "50%25", "question?", "hash#", "stø:rre", "quote'\"", "&_pragma=x"} {
		dir := filepath.Join(t.TempDir(), name)
		s := open(t, dir)
		require.NoError(t, s.Commit(t.Context(), numbered(0)))
		require.FileExists(t, filepath.Join(dir, "events.db"))
	}
}

func TestARelativePathIsThatOfTheProcess(t *testing.T) {
	base := t.TempDir()
	t.Chdir(base)
	open(t, "data")
	require.FileExists(t, filepath.Join(base, "data", "events.db"))
}

func TestWhatAnInterruptedBeginLeftDoesNotMatter(t *testing.T) {
	dir := t.TempDir()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		write(t, filepath.Join(dir, "events.db.new"+suffix), []byte("half a store"))
	}
	s := open(t, dir)
	require.Empty(t, s.Damaged())
	newModel().requireSame(t, s)
	require.NoFileExists(t, filepath.Join(dir, "events.db.new"))
}

func TestAStoppedStoreIsOneFile(t *testing.T) {
	dir, m := filled(t)
	names, err := filepath.Glob(filepath.Join(dir, "events.db*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "events.db")}, names)

	moved := t.TempDir() // a copy of that file is the whole store
	write(t, filepath.Join(moved, "events.db"), read(t, names[0]))
	s := open(t, moved)
	m.requireSame(t, s)
	require.Equal(t, noon(), s.Created())
}

func TestACopyWithoutAWriteAheadLogGetsOne(t *testing.T) {
	dir, m := filled(t)
	copied := t.TempDir()
	alter(t, filepath.Join(dir, "events.db"), "VACUUM INTO '"+filepath.Join(copied, "events.db")+"'")
	s := open(t, copied)
	require.FileExists(t, filepath.Join(copied, "events.db-wal"))
	m.requireSame(t, s)
}

func TestTheWriteAheadLogStaysSmall(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := range 60 {
		var large fact.Batch
		for i := range 10 {
			large.Changes = append(large.Changes, numbered(n*10+i).Changes...)
		}
		require.NoError(t, s.Commit(t.Context(), large))
	}
	info, err := os.Stat(filepath.Join(dir, "events.db-wal"))
	require.NoError(t, err)
	require.Positive(t, info.Size())
	require.Less(t, info.Size(), int64(6<<20))
	database, err := os.Stat(filepath.Join(dir, "events.db"))
	require.NoError(t, err)
	bytes, err := s.Size()
	require.NoError(t, err)
	require.GreaterOrEqual(t, bytes, info.Size()+database.Size())
}

func TestMemoryLeavesNoTrace(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"", ":memory:"} {
		s := open(t, dir)
		require.True(t, s.Memory())
		require.Empty(t, s.Dir())
		before, err := s.Size()
		require.NoError(t, err)
		for n := range 5 {
			require.NoError(t, s.Commit(t.Context(), numbered(n)))
		}
		after, err := s.Size()
		require.NoError(t, err)
		require.Greater(t, after, before)
		newModel().requireSame(t, open(t, dir)) // each has its own
	}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestReadingBesideARunningExporter(t *testing.T) {
	dir := t.TempDir()
	options := eventstore.Options{Dir: dir, Account: account(), ReadOnly: true}
	_, err := eventstore.Open(t.Context(), options)
	require.ErrorIs(t, err, eventstore.ErrUnusable)
	require.ErrorIs(t, err, os.ErrNotExist)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)

	m, writer := newModel(), open(t, dir)
	reader, err := eventstore.Open(t.Context(), options)
	require.NoError(t, err)
	for n := range 3 {
		require.NoError(t, writer.Commit(t.Context(), numbered(n)))
		m.commit(numbered(n))
	}
	m.requireSame(t, reader)
	require.ErrorIs(t, reader.Commit(t.Context(), fact.Batch{}), eventstore.ErrWrite)
	require.Equal(t, noon(), reader.Created())
	require.NoError(t, reader.Close())
	require.NoError(t, writer.Close())

	stopped, err := eventstore.Open(t.Context(), options)
	require.NoError(t, err)
	m.requireSame(t, stopped)
	require.NoError(t, stopped.Close())

	broken := append([]byte("broken"), read(t, filepath.Join(dir, "events.db"))[6:]...)
	write(t, filepath.Join(dir, "events.db"), broken)
	_, err = eventstore.Open(t.Context(), options)
	require.ErrorIs(t, err, eventstore.ErrDamaged)
	require.Equal(t, broken, read(t, filepath.Join(dir, "events.db")), "a reader moves nothing")
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir, m := filled(t)
	for _, path := range []string{"", dir, t.TempDir()} {
		_, err := eventstore.Open(ctx, eventstore.Options{Dir: path, Account: account()})
		require.ErrorIs(t, err, context.Canceled)
	}
	m.requireSame(t, open(t, dir))
}
