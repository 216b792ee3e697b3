//go:build e2e

package monitoring

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tool gives the path of a program that the Makefile installs.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	require.NotEmpty(t, path, "%s is not set: run make e2e", variable)
	return path
}

// exporterBinary builds the exporter once for all tests.
var exporterBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "socialboards_exporter")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "socialboards_exporter")
	if out, err := exec.Command("go", "build", "-o", path, "socialboards_exporter").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := exporterBinary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func exporter(t *testing.T) string {
	t.Helper()
	path, err := exporterBinary()
	require.NoError(t, err)
	return path
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start runs a program until the test ends.
func start(t *testing.T, path string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // not Kill: the stack has children to end
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("log of %s:\n%s", filepath.Base(path), log.String()[max(0, log.Len()-4000):])
		}
	})
}

// hasty makes waiting times of rules and of routes a second, which is all that is changed
// in them: what alerts say and when they hold stays.
func hasty(text string) string {
	return regexp.MustCompile(`(?m)^(\s*(?:for|keep_firing_for|interval|group_wait|group_interval): )\w+`).ReplaceAllString(text, "${1}1s")
}

// prometheus is a real Prometheus server with our rules.
type prometheus struct {
	t       *testing.T
	address string
}

// startPrometheus scrapes the exporter every second, by the configuration of the stack.
func startPrometheus(t *testing.T, exporterAt, alertmanagerAt string) prometheus {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts.yml"), []byte(hasty(read(t, "alerts.yml"))), 0o600))
	config := strings.NewReplacer("exporter:10066", exporterAt, "alertmanager:9093", alertmanagerAt,
		"/etc/prometheus/alerts.yml", filepath.Join(dir, "alerts.yml"), "interval: 15s", "interval: 1s",
	).Replace(read(t, "deploy/compose/prometheus/prometheus.yml"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	p := prometheus{t: t, address: freeAddress(t)}
	start(t, tool(t, "PROMETHEUS"), "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+p.address, "--enable-feature=exemplar-storage", "--log.level=warn")
	return p
}

// startAlertmanager sends all pages of the example configuration to the address.
func startAlertmanager(t *testing.T, webhook string) (address string) {
	t.Helper()
	dir := t.TempDir()
	config := regexp.MustCompile(`(?m)^  - name: \w+$`).ReplaceAllString(
		hasty(read(t, "deploy/compose/alertmanager/alertmanager.yml")),
		"$0\n    webhook_configs: [{url: "+webhook+", send_resolved: true}]")
	file := filepath.Join(dir, "alertmanager.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	address = freeAddress(t)
	start(t, tool(t, "ALERTMANAGER"), "--config.file="+file, "--storage.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--cluster.listen-address=", "--log.level=warn")
	return address
}

// result is a series of an answer.
type result struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

// ask sends a query; the error is what Prometheus says.
func (p prometheus) ask(path string, form url.Values) ([]result, error) {
	p.t.Helper()
	resp, err := http.PostForm("http://"+p.address+"/api/v1/"+path, form)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []result }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s", answer.Error)
	}
	return answer.Data.Result, nil
}

func (p prometheus) instant(expr string) ([]result, error) {
	return p.ask("query", url.Values{"query": {expr}})
}

func (p prometheus) ranged(expr string) ([]result, error) {
	now := time.Now()
	return p.ask("query_range", url.Values{
		"query": {expr}, "step": {"5"},
		"start": {now.Add(-time.Minute).Format(time.RFC3339)}, "end": {now.Format(time.RFC3339)},
	})
}

// page is an alert as receivers get it.
type page struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
}

func (p page) is(alert, status string) bool {
	return p.Labels["alertname"] == alert && p.Status == status
}

// pager receives pages.
type pager struct {
	*httptest.Server
	mu    sync.Mutex
	pages []page
}

func startPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ Alerts []page }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pages = append(p.pages, message.Alerts...)
	}))
	t.Cleanup(p.Close)
	return p
}

// all gives what came that fits.
func (p *pager) all(fits func(page) bool) (found []page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.pages {
		if fits(one) {
			found = append(found, one)
		}
	}
	return found
}

// await waits for a page and gives it.
func (p *pager) await(t *testing.T, alert, status string, patience time.Duration) page {
	t.Helper()
	var found []page
	require.Eventually(t, func() bool {
		found = p.all(func(one page) bool { return one.is(alert, status) })
		return len(found) > 0
	}, patience, 100*time.Millisecond, "no page: %s %s", alert, status)
	return found[len(found)-1]
}

// awaitReady waits until the exporter is ready.
func awaitReady(t *testing.T, address string) {
	t.Helper()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/-/ready", nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 30*time.Second, 100*time.Millisecond)
}
