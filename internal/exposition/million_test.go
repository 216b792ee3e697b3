//go:build e2e

package exposition

import (
	"bytes"
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
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkPrometheusScrapesAMillion has a real Prometheus scrape 1,000,000 series: from the
// exporter, where the tickets of one in a thousand change between two scrapes, and the same
// bytes from memory, which is what Prometheus itself takes. It reports what Prometheus says
// of the scrapes, of which the first is the longest, and of the exporter also the peak of
// this process's memory meanwhile, and its CPU time for each scrape but the first.
// PROMETHEUS names the program; run it with -tags e2e and -benchtime=5x.
func BenchmarkPrometheusScrapesAMillion(b *testing.B) {
	const n = 200_000
	ta, o := big(n), options()
	o.MaxTickets = n * 2
	b.Run("exporter", func(b *testing.B) {
		h := handler(b, ta, o)
		debug.FreeOSMemory()
		require.NoError(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)) // forget the peak
		before := memory(b, "VmRSS")
		scraped(b, h, func(i int) { change(ta, n, i) })
		b.ReportMetric(before, "MB-before")
		b.ReportMetric(memory(b, "VmHWM"), "MB-peak")
	})
	b.Run("memory", func(b *testing.B) {
		var body bytes.Buffer
		once := httptest.NewServer(handler(b, ta, o))
		fetch(b, once, openMetrics, &body)
		once.Close()
		scraped(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", openMetrics)
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
			w.Write(body.Bytes())
		}), func(int) {})
	})
}

// scraped has Prometheus scrape h, between which change is called.
func scraped(b *testing.B, h http.Handler, change func(i int)) {
	done := make(chan struct{}, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		done <- struct{}{}
	}))
	defer server.Close()
	api := startPrometheus(b, server.Listener.Addr().String())
	<-done // the first one renders everything
	begun, i := cpu(b), 0
	for b.Loop() {
		i++
		change(i)
		<-done
	}
	b.ReportMetric((cpu(b)-begun).Seconds()/float64(i), "cpu-s/scrape")
	b.ReportMetric(value(b, api, `scrape_samples_scraped`), "series")
	for name, query := range map[string]string{"median": "quantile_over_time(0.5, %s)", "shortest": "min_over_time(%s)", "longest": "max_over_time(%s)"} {
		b.ReportMetric(value(b, api, fmt.Sprintf(query, "scrape_duration_seconds[1h]")), "s-"+name)
	}
}

// memory gives a figure of this process in MB.
func memory(b *testing.B, name string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(b, found)
	kb, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(b, err)
	return kb / 1024
}

func startPrometheus(b *testing.B, target string) (api string) {
	b.Helper()
	path := os.Getenv("PROMETHEUS")
	require.NotEmpty(b, path, "set PROMETHEUS to the program")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := l.Addr().String()
	require.NoError(b, l.Close())
	dir := b.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	require.NoError(b, os.WriteFile(file, []byte(fmt.Sprintf("scrape_configs: [{job_name: big, scrape_interval: 10s, scrape_timeout: 10s, static_configs: [{targets: [%q]}]}]", target)), 0o600))
	cmd := exec.Command(path, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"), "--web.listen-address="+address, "--log.level=error")
	cmd.Stderr = os.Stderr
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return "http://" + address + "/api/v1/query"
}

// value waits until a query has a value.
func value(b *testing.B, api, query string) (v float64) {
	b.Helper()
	require.Eventually(b, func() bool {
		r, err := http.PostForm(api, url.Values{"query": {query}})
		if err != nil {
			return false
		}
		defer r.Body.Close()
		var answer struct {
			Data struct{ Result []struct{ Value [2]any } }
		}
		if json.NewDecoder(r.Body).Decode(&answer) != nil || len(answer.Data.Result) == 0 {
			return false
		}
		v, err = strconv.ParseFloat(answer.Data.Result[0].Value[1].(string), 64)
		return err == nil
	}, time.Minute, 100*time.Millisecond)
	return v
}
