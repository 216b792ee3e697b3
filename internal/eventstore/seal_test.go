package eventstore_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sealed is what a regular stop writes down of a database.
func sealed(content []byte) []byte {
	return fmt.Appendf(nil, "stopped regularly, events.db has %d bytes and CRC-32C %08x\n",
		len(content), crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli)))
}

// brokenAtTheEnd is a store with a page of garbage that nothing but a check of all pages
// comes upon when it is opened.
func brokenAtTheEnd(t *testing.T) (dir string, broken []byte) {
	t.Helper()
	dir, _ = filled(t)
	path := filepath.Join(dir, "events.db")
	whole := read(t, path)
	require.Equal(t, sealed(whole), read(t, filepath.Join(dir, "LOCK")))
	broken = append(bytes.Clone(whole[:len(whole)-4096]), bytes.Repeat([]byte{0xa5}, 4096)...)
	write(t, path, broken)
	return dir, broken
}

func TestAStoreIsCheckedUnlessItIsAsARegularStopLeftIt(t *testing.T) {
	for name, c := range map[string]struct {
		lock    func(broken []byte) []byte
		checked bool
	}{
		"as it was left":         {sealed, false},
		"after a crash":          {func([]byte) []byte { return nil }, true},
		"shorter than it was":    {func(broken []byte) []byte { return sealed(append(broken, 0)) }, true},
		"another bit":            {func(broken []byte) []byte { return sealed(append([]byte{1}, broken[1:]...)) }, true},
		"a seal that says else":  {func([]byte) []byte { return []byte("pid 4711\n") }, true},
		"a seal that was cut":    {func(broken []byte) []byte { return sealed(broken)[:50] }, true},
		"a seal with much in it": {func([]byte) []byte { return bytes.Repeat([]byte("text "), 1000) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, broken := brokenAtTheEnd(t)
			write(t, filepath.Join(dir, "LOCK"), c.lock(broken))
			s, _, err := reopen(t, dir)
			require.NoError(t, err)
			require.Equal(t, c.checked, s.Damaged() != "")
			require.Empty(t, read(t, filepath.Join(dir, "LOCK")), "a crash from now on leaves no seal")
		})
	}
}

func TestAStoreWithAWriteAheadLogIsChecked(t *testing.T) {
	dir, broken := brokenAtTheEnd(t)
	write(t, filepath.Join(dir, "LOCK"), sealed(broken))
	write(t, filepath.Join(dir, "events.db-wal"), make([]byte, 32))
	s, _, err := reopen(t, dir)
	require.NoError(t, err)
	require.NotEmpty(t, s.Damaged())
}

func TestAChangeByOthersIsReportedAndHarmless(t *testing.T) {
	dir, _ := filled(t)
	_, log, err := reopen(t, dir)
	require.NoError(t, err)
	require.NotContains(t, log, "changed")

	dir, m := filled(t)
	path := filepath.Join(dir, "events.db")
	whole := read(t, path)
	copy(whole[24:28], []byte{9, 9, 9, 9}) // the change counter
	copy(whole[92:96], []byte{9, 9, 9, 9})
	write(t, path, whole)
	s, log, err := reopen(t, dir)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(log, "The store was changed since"))
	m.requireSame(t, s)
}

// A stop seals nothing but the store that was in use.
func TestAForeignFileIsNotSealed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Commit(t.Context(), numbered(0)))
	path := filepath.Join(dir, "events.db")
	require.NoError(t, os.Rename(path, path+".old"))
	write(t, path, []byte("another"))
	_ = s.Close()
	require.Empty(t, read(t, filepath.Join(dir, "LOCK")))
}
