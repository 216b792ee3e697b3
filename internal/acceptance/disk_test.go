//go:build linux

package acceptance

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socialboards_exporter/apiclient/apitest"
)

// allow sets the size beyond which the process can write no file. It is what a full disk
// is to a program, and needs no rights: the kernel refuses the write.
func (e *exporter) allow(bytes uint64) {
	e.t.Helper()
	var limit unix.Rlimit
	require.NoError(e.t, unix.Prlimit(e.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &limit))
	limit.Cur = min(bytes, limit.Max)
	require.NoError(e.t, unix.Prlimit(e.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil))
}

const endless = ^uint64(0)

// A disk that is full takes nothing back and stops nothing but polling. Once there is
// space, everything that happened meanwhile is counted, as if nothing had been.
func TestAFullDiskIsOutlived(t *testing.T) {
	t.Parallel()
	sim, ids := team(t, apitest.Options{Seed: 21, Tickets: 20})
	e := newExporter(t, sim, everything)
	e.start()
	w := newWatch(t)
	before := e.eventually(w, 20*time.Second, "counts that equal the recount", func(s samples) bool {
		return ready(s) && s["socialboards_up"] == 1 && maps.Equal(s.events(t), sim.Recount(ids...))
	})

	e.allow(0)
	for _, id := range ids {
		sim.Note(id, sim.Agents()[0], time.Now())
	}
	during := e.eventually(w, 20*time.Second, "socialboards_up 0", func(s samples) bool { return s["socialboards_up"] == 0 })
	require.Equal(t, 1.0, during["socialboards_exporter_ready"])
	require.Equal(t, before.events(t), during.events(t), "what is not durable is not shown")
	require.Contains(t, e.log.String(), filepath.Join(e.dir, "data", "events.db"), "the error names the file")
	asked := sim.Count(apitest.LogEndpoint)
	pause(2 * time.Second) // in which an exporter this eager would ask for every log
	require.LessOrEqual(t, sim.Count(apitest.LogEndpoint)-asked, 2, "polling pauses")

	e.allow(endless)
	e.eventually(w, 90*time.Second, "counts that equal the recount again", func(s samples) bool {
		return s["socialboards_up"] == 1 && maps.Equal(s.events(t), sim.Recount(ids...))
	})
	require.Equal(t, 0, e.stop())
	e.start()
	e.eventually(w, 20*time.Second, "the same counts after a restart", func(s samples) bool {
		return ready(s) && maps.Equal(s.events(t), sim.Recount(ids...))
	})
	require.Equal(t, 0, e.stop())
}

// A directory, a file in its place, or a store that cannot be used ends the start with an
// error that names it.
func TestAStoreThatCannotBeUsedEndsTheStart(t *testing.T) {
	t.Parallel()
	sim, _ := team(t, apitest.Options{Seed: 22, Tickets: 1})
	for name, spoil := range map[string]func(data string) error{
		"a file in place of the directory": func(data string) error { return os.WriteFile(data, nil, 0o600) },
		"a directory in place of the store": func(data string) error {
			return os.MkdirAll(filepath.Join(data, "events.db"), 0o700)
		},
		"a directory in a place that takes none": func(data string) error { return os.Symlink("/proc/self/nothing", data) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newExporter(t, sim, everything)
			data := filepath.Join(e.dir, "data")
			require.NoError(t, spoil(data))
			e.start()
			select {
			case <-e.exited:
			case <-time.After(20 * time.Second):
				require.Fail(t, "it runs on")
			}
			require.Equal(t, 1, e.cmd.ProcessState.ExitCode())
			require.Contains(t, e.log.String(), data)
			require.NotContains(t, e.log.String(), "panic")
		})
	}
}
