package acceptance

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// printed gives what the program writes to standard output.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(binary, args...).Output()
	require.NoError(t, err)
	return string(out)
}

func TestShellCompletion(t *testing.T) {
	for line, wanted := range map[string][]string{
		"":               {"demo", "explain", "check-config"},
		"--log":          {"--log.level", "--log.format"},
		"--log.level":    {"debug", "error"},
		"explain --outp": {"--output", "--max-lists"},
	} {
		offered := strings.Fields(printed(t, append([]string{"--completion-bash"}, strings.Fields(line)...)...))
		require.Subset(t, offered, wanted, line)
	}
	for _, shell := range []string{"bash", "zsh"} {
		require.Contains(t, printed(t, "--completion-script-"+shell), "socialboards_exporter", shell)
	}
}

func TestExplainBesideARunningExporter(t *testing.T) {
	t.Parallel()
	sim, _ := team(t, apitest.Options{Seed: 41, Tickets: 10})
	e := newExporter(t, sim, everything)
	e.start()
	e.eventually(newWatch(t), 30*time.Second, "readiness", ready)
	out := printed(t, "explain", e.args[0], e.args[1], "--logs=3", "--output=json")
	require.Contains(t, out, `"followed": `)
	require.Equal(t, 0, e.stop())
}

func TestAutoReload(t *testing.T) {
	t.Parallel()
	sim, _ := team(t, apitest.Options{Seed: 42, Tickets: 3})
	e := newExporter(t, sim, everything, "--config.auto-reload")
	e.start()
	e.eventually(newWatch(t), 30*time.Second, "readiness", ready)
	path := filepath.Join(e.dir, "socialboards.yml")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	// As Kubernetes does: the file is a link, and the link is moved.
	next := filepath.Join(e.dir, "next.yml")
	require.NoError(t, os.WriteFile(next, append(good, "users: {limit: 7}\n"...), 0o600))
	require.NoError(t, os.Symlink(next, next+".link"))
	require.NoError(t, os.Rename(next+".link", path))
	require.Eventually(t, func() bool {
		status, body := e.get("/config")
		return status == http.StatusOK && strings.Contains(body, "limit: 7")
	}, 30*time.Second, 200*time.Millisecond)
}
