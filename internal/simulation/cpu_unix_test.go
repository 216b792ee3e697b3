//go:build unix

package simulation

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// spent is the time that something took.
type spent struct{ wall, cpu time.Duration }

func (s *spent) add(tb testing.TB, do func()) {
	tb.Helper()
	begun, busy := time.Now(), processCPU(tb)
	do()
	s.wall += time.Since(begun)
	s.cpu += processCPU(tb) - busy
}

func processCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
