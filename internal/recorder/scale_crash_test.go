package recorder_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/recorder"
)

// BenchmarkScaleKilled takes the same flags as BenchmarkScale, and the same store.
var (
	scaleReads = flag.Int("scale.reads", 2000, "readings with a change of status that a process records before BenchmarkScaleKilled has it killed")
	scaleDying = flag.Bool("scale.dying", false, "be that process")
)

// BenchmarkScaleKilled measures a start on a store whose process was killed at work.
func BenchmarkScaleKilled(b *testing.B) {
	dir := *scaleDir
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "store")
	}
	if *scaleDying {
		scaleDie(b, dir)
	}
	scaleStore(b, dir)
	for range b.N {
		scaleKill(b, dir)
		cpu, clock := scaleCPU(b), time.Now()
		s := openScale(b, dir)
		opened, open := scaleCPU(b), time.Since(clock)
		r, err := recorder.Open(b.Context(), s, scaleSettings(), scaleNow, slog.New(slog.NewTextHandler(io.Discard, nil)))
		require.NoError(b, err)
		require.True(b, r.Ready())
		require.Empty(b, s.Damaged())
		b.ReportMetric((opened - cpu).Seconds(), "cpu-s-open")
		b.ReportMetric((scaleCPU(b) - opened).Seconds(), "cpu-s-load")
		b.ReportMetric(open.Seconds(), "s-open")
		b.ReportMetric(time.Since(clock).Seconds(), "s-ready")
		require.NoError(b, r.KeepSums(b.Context()))
		require.NoError(b, s.Close())
	}
}

// scaleKill lets a process of its own go to work on the store, and kills it there.
func scaleKill(b *testing.B, dir string) {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^$", "-test.bench", "^BenchmarkScaleKilled$", "-test.benchtime", "1x",
		"-scale.dying", "-scale.dir", dir, "-scale.reads", fmt.Sprint(*scaleReads), "-scale.tickets", fmt.Sprint(*scaleTickets), "-scale.entries", fmt.Sprint(*scaleEntries))
	out, err := child.CombinedOutput()
	require.ErrorContains(b, err, "killed", string(out))
}

// scaleDie records new changes of status of live tickets, and never returns.
func scaleDie(b *testing.B, dir string) {
	b.Helper()
	s := openScale(b, dir)
	r, err := recorder.Open(b.Context(), s, scaleSettings(), scaleNow, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(b, err)
	at := time.Now()
	for i := range *scaleReads {
		id := int64(i * 20 % *scaleTickets)
		known, err := s.History(b.Context(), firstScaleTicket+id)
		require.NoError(b, err)
		from, to := "Open", "Pending"
		if len(known.Changes)%2 == 0 { // what it is, does not matter
			from, to = to, from
		}
		entry := apiclient.Entry{Time: at.Add(time.Duration(i) * time.Millisecond), ActionType: "ticket_status_changed",
			Action: fmt.Sprintf("changed from %q to %q", from, to)}
		covered := apiclient.Reading{Begun: at.Add(time.Hour), Covered: entry.Time, Entries: []apiclient.Entry{entry}}
		_, _, err = r.Read(b.Context(), firstScaleTicket+id, covered)
		require.NoError(b, err)
	}
	require.NoError(b, syscall.Kill(os.Getpid(), syscall.SIGKILL))
	select {}
}
