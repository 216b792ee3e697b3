// Package acceptance runs the built program the way a user does: as a process, against
// the simulated Socialboards over HTTP, seen only through its own web pages and signals.
package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "socialboards_exporter")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "socialboards_exporter")
	build := exec.Command("go", "build", "-o", binary, "socialboards_exporter")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// exporter is how a test starts the program, again and again on the same store.
type exporter struct {
	t       *testing.T
	dir     string
	address string
	args    []string
	env     []string // besides that of the test
	cmd     *exec.Cmd
	exited  chan struct{}
	log     *logBuffer
}

// logBuffer collects what the process writes.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// tail gives the last lines.
func (l *logBuffer) tail() string {
	const most = 4000
	s := l.String()
	return s[max(0, len(s)-most):]
}

// newExporter writes the configuration and the secrets that go with it. The configuration
// may use $BASE_URL and $CLIENT_ID.
func newExporter(t *testing.T, sim *apitest.Server, config string, args ...string) *exporter {
	t.Helper()
	dir := t.TempDir()
	config = strings.NewReplacer("$BASE_URL", sim.URL(), "$CLIENT_ID", sim.ClientID()).Replace(config)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "socialboards.yml"), []byte(config), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "refresh_token"), []byte(sim.RefreshToken()+"\n"), 0o600))
	e := &exporter{t: t, dir: dir, address: freeAddress(t), log: &logBuffer{}}
	e.args = append([]string{
		"--config.file=" + filepath.Join(dir, "socialboards.yml"),
		"--storage.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + e.address,
		"--web.enable-lifecycle",
	}, args...)
	t.Cleanup(func() {
		e.kill()
		if t.Failed() {
			t.Logf("log of the exporter:\n%s", e.log.tail())
		}
	})
	return e
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (e *exporter) start() {
	e.t.Helper()
	e.cmd = exec.Command(binary, e.args...)
	e.cmd.Stdout, e.cmd.Stderr = e.log, e.log
	e.cmd.Env = append(os.Environ(), e.env...)
	require.NoError(e.t, e.cmd.Start())
	e.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // how it ended is asked of ProcessState
		close(exited)
	}(e.cmd, e.exited)
}

// flag replaces the value of a flag.
func (e *exporter) flag(name, value string) {
	for i, arg := range e.args {
		if strings.HasPrefix(arg, "--"+name+"=") {
			e.args[i] = "--" + name + "=" + value
			return
		}
	}
	e.args = append(e.args, "--"+name+"="+value)
}

// kill ends the process without warning, as the kernel would for want of memory.
func (e *exporter) kill() {
	if e.cmd == nil {
		return
	}
	_ = e.cmd.Process.Kill() // it may have ended before
	<-e.exited
	e.cmd = nil
}

// stop asks the process to end and gives its exit code.
func (e *exporter) stop() int {
	e.t.Helper()
	require.NoError(e.t, e.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-e.exited:
	case <-time.After(10 * time.Second):
		require.Fail(e.t, "no exit within 10 s of SIGTERM")
	}
	code := e.cmd.ProcessState.ExitCode()
	e.cmd = nil
	return code
}

// get fetches a page; status 0 means that nobody answered.
func (e *exporter) get(path string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.address+path, nil)
	require.NoError(e.t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(b)
}

// samples are the values of one scrape, by name and labels as in the text format.
type samples map[string]float64

// scrape gives what /metrics shows; nil when nobody answered.
func (e *exporter) scrape() samples {
	e.t.Helper()
	status, body := e.get("/metrics")
	if status == 0 {
		return nil
	}
	require.Equal(e.t, http.StatusOK, status, body)
	return parse(e.t, body)
}

func parse(t *testing.T, body string) samples {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(body))
	require.NoError(t, err)
	s := samples{}
	for _, f := range families {
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, f)
		require.NoError(t, err)
		for _, v := range vector {
			s[v.Metric.String()] = float64(v.Value)
		}
	}
	return s
}

// events gives the counted log entries that are not 0, in the form of a recount.
func (s samples) events(t *testing.T) map[[3]string]int {
	t.Helper()
	counts := map[[3]string]int{}
	for name, v := range s {
		if v == 0 || !strings.HasPrefix(name, "socialboards_ticket_events_total{") {
			continue
		}
		m := labelsOf(t, name)
		counts[[3]string{string(m["action_type"]), string(m["user_id"]), string(m["user_type"])}] = int(v)
	}
	return counts
}

func labelsOf(t *testing.T, name string) model.Metric {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(name + " 1\n"))
	require.NoError(t, err, name)
	for _, f := range families {
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, f)
		require.NoError(t, err)
		return vector[0].Metric
	}
	require.Fail(t, "no metric", name)
	return nil
}

// eventually scrapes until ok holds, and checks on the way that no counter falls.
func (e *exporter) eventually(w *watch, within time.Duration, what string, ok func(samples) bool) samples {
	e.t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last samples
	for {
		if s := e.scrape(); s != nil {
			last = s
			w.see(s)
			if ok(s) {
				return s
			}
		}
		select {
		case <-e.exited:
			require.Fail(e.t, "the exporter ended while waiting for "+what)
		case <-deadline:
			require.Fail(e.t, "not within "+within.String()+": "+what, describe(last))
		case <-tick.C:
		}
	}
}

func describe(s samples) string {
	var b strings.Builder
	for name, v := range s {
		if v != 0 && !strings.Contains(name, "_duration_seconds") &&
			(strings.HasPrefix(name, "socialboards_exporter_") || strings.HasPrefix(name, "socialboards_up")) {
			fmt.Fprintf(&b, "%s %v\n", name, v)
		}
	}
	return b.String()
}

func ready(s samples) bool { return s["socialboards_exporter_ready"] == 1 }

// watch checks that no counter of the domain ever falls, not over kills either.
type watch struct {
	t       *testing.T
	highest samples
}

func newWatch(t *testing.T) *watch { return &watch{t, samples{}} }

func (w *watch) see(s samples) {
	w.t.Helper()
	if !ready(s) {
		return
	}
	for name, v := range s {
		if !strings.HasPrefix(name, "socialboards_ticket_events_total") && !strings.HasPrefix(name, "socialboards_sla_clocks_total") &&
			!strings.HasPrefix(name, "socialboards_sla_breaches_total") && !strings.HasPrefix(name, "socialboards_ticket_status_changes_total") {
			continue
		}
		require.GreaterOrEqual(w.t, v, w.highest[name], "%s fell", name)
		w.highest[name] = v
	}
	for name := range w.highest {
		require.Contains(w.t, s, name, "a series is gone")
	}
}
