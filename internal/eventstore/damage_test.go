package eventstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// filled makes a stopped store with many batches in it, and gives its directory and what
// it holds.
func filled(t *testing.T) (string, *model) {
	t.Helper()
	dir, m := t.TempDir(), newModel()
	s := open(t, dir)
	for n := range 12 {
		require.NoError(t, s.Commit(t.Context(), numbered(n)))
		m.commit(numbered(n))
	}
	require.NoError(t, s.Close())
	return dir, m
}

// reopen opens the store of dir a day later, with its log in a buffer.
func reopen(t *testing.T, dir string) (*eventstore.Store, string, error) {
	t.Helper()
	var log bytes.Buffer
	s, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account(), Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Now: func() time.Time { return noon().AddDate(0, 0, 1) }})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, s.Close()) })
	}
	return s, log.String(), err
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

func TestADamagedStoreIsMovedAsideAndANewOneBegun(t *testing.T) {
	for name, damage := range map[string]func(whole []byte) []byte{
		"cut in the middle":     func(whole []byte) []byte { return whole[:len(whole)/2] },
		"cut in the first page": func(whole []byte) []byte { return whole[:10] },
		"empty":                 func([]byte) []byte { return []byte{} },
		"not a database":        func(whole []byte) []byte { return bytes.Repeat([]byte("text "), len(whole)/5) },
		"garbage for a header":  func(whole []byte) []byte { return append(bytes.Repeat([]byte{0xff}, 100), whole[100:]...) },
		"garbage for a page": func(whole []byte) []byte {
			return append(bytes.Clone(whole[:len(whole)-4096]), bytes.Repeat([]byte{0xa5}, 4096)...)
		},
		"another schema": func(whole []byte) []byte {
			return bytes.ReplaceAll(whole, []byte("until        INTEGER,"), []byte("unti1        INTEGER,"))
		},
		"no schema": func(whole []byte) []byte {
			blank := bytes.Clone(whole)
			copy(blank[60:64], []byte{0, 0, 0, 0}) // user_version
			return blank
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := filled(t)
			path := filepath.Join(dir, "events.db")
			broken := damage(read(t, path))
			require.NotEqual(t, read(t, path), broken)
			write(t, path, broken)
			s, log, err := reopen(t, dir)
			require.NoError(t, err)
			require.Equal(t, path+".damaged-20261124T120000Z", s.Damaged())
			require.Equal(t, broken, read(t, s.Damaged()))
			require.Contains(t, log, "level=ERROR")
			require.Contains(t, log, "moved_to="+s.Damaged())
			require.Equal(t, noon().AddDate(0, 0, 1), s.Created())
			newModel().requireSame(t, s)
			require.NoError(t, s.Commit(t.Context(), numbered(0)))
		})
	}
}

func TestADatabaseThatIsGoneIsNotReplacedInSilence(t *testing.T) {
	dir, _ := filled(t)
	path := filepath.Join(dir, "events.db")
	require.NoError(t, os.Remove(path))
	write(t, path+"-wal", []byte("what is left"))
	s, log, err := reopen(t, dir)
	require.NoError(t, err)
	require.Contains(t, log, "level=ERROR")
	require.Equal(t, []byte("what is left"), read(t, s.Damaged()+"-wal"))
	newModel().requireSame(t, s)
}

func TestASecondDamageInTheSameSecondKeepsTheFirst(t *testing.T) {
	dir, _ := filled(t)
	path := filepath.Join(dir, "events.db")
	for _, want := range []string{".damaged-20261124T120000Z", ".damaged-20261124T120000Z-2", ".damaged-20261124T120000Z-3"} {
		write(t, path, []byte(want))
		s, _, err := reopen(t, dir)
		require.NoError(t, err)
		require.Equal(t, path+want, s.Damaged())
		require.Equal(t, []byte(want), read(t, s.Damaged()))
		require.NoError(t, s.Close())
	}
}

func TestAWriteAheadLogOfGarbageIsMovedAside(t *testing.T) {
	dir, m := filled(t)
	path := filepath.Join(dir, "events.db-wal")
	for name, c := range map[string]struct {
		log   []byte
		aside string
	}{
		"garbage":          {bytes.Repeat([]byte("garbage "), 1000), path + ".damaged-20261124T120000Z"},
		"torn at creation": {make([]byte, 32), ""},
		"empty":            {nil, ""},
	} {
		write(t, path, c.log)
		s, log, err := reopen(t, dir)
		require.NoError(t, err, name)
		require.Equal(t, c.aside, s.Damaged(), name)
		if c.aside != "" {
			require.Contains(t, log, "level=ERROR", name)
			require.Equal(t, c.log, read(t, c.aside), name)
		}
		m.requireSame(t, s)
		require.NoError(t, s.Close())
	}
}

func TestDamageThatOnlyLoadFindsIsMovedAsideToo(t *testing.T) {
	for name, damage := range map[string]string{
		"list":   `UPDATE tickets SET tags = '["a'`,
		"text":   `UPDATE tickets SET status = 12345`,
		"time":   `UPDATE tickets SET since = 'yesterday'`,
		"prints": `UPDATE tickets SET seen_print = 'x'`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			require.NoError(t, s.Commit(t.Context(), fact.Batch{Tickets: []fact.Ticket{{ID: 1}}}))
			require.NoError(t, s.Exec(t.Context(), damage))
			_, err := s.History(t.Context(), 1)
			require.ErrorIs(t, err, eventstore.ErrDamaged)
			require.NoError(t, s.Close())

			s, _, err = reopen(t, dir)
			require.NoError(t, err)
			require.Empty(t, s.Damaged())
			newModel().requireSame(t, s)
			require.FileExists(t, s.Damaged())
			require.Equal(t, noon().AddDate(0, 0, 1), s.Created())
			require.NoError(t, s.Commit(t.Context(), numbered(0)))
		})
	}
}

// TestFlippedBitsNeverDoWorseThanAnError changes random bits and uses the store: it is
// moved aside, or refused, or fails with a typed error, or the bits did not matter to its
// structure. Nothing panics and nothing hangs.
func TestFlippedBitsNeverDoWorseThanAnError(t *testing.T) {
	dir, _ := filled(t)
	path := filepath.Join(dir, "events.db")
	whole := read(t, path)
	aside := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		broken := bytes.Clone(whole)
		for range 1 + r.IntN(20) {
			broken[r.IntN(len(broken))] ^= 1 << r.IntN(8)
		}
		own := t.TempDir()
		write(t, filepath.Join(own, "events.db"), broken)
		err := use(t, own, &aside)
		var known *eventstore.Error
		require.True(t, err == nil || errors.As(err, &known), "seed %d: %v", seed, err)
	}
	require.Positive(t, aside)
}

// use opens the store and does everything with it once.
func use(t *testing.T, dir string, aside *int) error {
	t.Helper()
	s, log, err := reopen(t, dir)
	if err != nil {
		return err
	}
	_, err = s.Load(t.Context())
	for ticket := range int64(10) {
		_, failure := s.History(t.Context(), ticket)
		err = errors.Join(err, failure)
	}
	err = errors.Join(err, s.EachEntry(t.Context(), func(fact.Entry) error { return nil }), s.Commit(t.Context(), numbered(100)))
	if s.Damaged() != "" {
		*aside++
		require.Contains(t, log, "level=ERROR")
	}
	return err
}

func TestFilesDeletedWhileInUseStopCommits(t *testing.T) {
	for name, remove := range map[string]func(path string) error{
		"database deleted":        os.Remove,
		"write-ahead log deleted": func(path string) error { return os.Remove(path + "-wal") },
		"directory deleted":       func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
		"database replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, []byte("another"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			s := open(t, dir)
			require.NoError(t, s.Commit(t.Context(), numbered(0)))
			require.NoError(t, remove(filepath.Join(dir, "events.db")))
			err := s.Commit(t.Context(), numbered(1))
			require.ErrorIs(t, err, eventstore.ErrGone)
			require.ErrorContains(t, err, fmt.Sprintf("%s/events.db", dir))
			c, err := s.Load(t.Context())
			require.NoError(t, err)
			require.Equal(t, uint64(1), c.Counts["batches"])
		})
	}
}
