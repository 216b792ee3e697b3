//go:build !windows

package eventstore_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestOnlyTheOwnerMayReadWhateverTheUmask(t *testing.T) {
	for _, umask := range []int{0, 0o777} {
		dir := filepath.Join(t.TempDir(), "store")
		before := syscall.Umask(umask)
		s := open(t, dir)
		err := s.Commit(t.Context(), numbered(0))
		syscall.Umask(before)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), mode(t, dir))
		for _, name := range []string{"events.db", "events.db-wal", "events.db-shm", "LOCK"} {
			require.Equal(t, os.FileMode(0o600), mode(t, filepath.Join(dir, name)), name)
		}
	}
}

func TestACopyThatEverybodyMayReadIsTightened(t *testing.T) {
	dir, _ := filled(t)
	path := filepath.Join(dir, "events.db")
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, os.Chmod(dir, 0o755))
	open(t, dir)
	require.Equal(t, os.FileMode(0o600), mode(t, path))
	require.Equal(t, os.FileMode(0o755), mode(t, dir), "the directory is its owner's matter")
}
