//go:build e2e

package acceptance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// tool gives the path of a program that the Makefile installs.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	require.NotEmpty(t, path, "%s is not set: run make e2e", variable)
	return path
}

// certificate writes a self-signed certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exporter"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	der2, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der2}), 0o600))
	return cert, key
}

// prometheus is a real Prometheus server.
type prometheus struct {
	t       *testing.T
	address string
}

// startPrometheus scrapes the address over TLS every second until the test ends.
func startPrometheus(t *testing.T, target, ca string) *prometheus {
	t.Helper()
	dir := t.TempDir()
	p := &prometheus{t: t, address: freeAddress(t)}
	config := fmt.Sprintf(`
scrape_configs:
  - job_name: socialboards
    scheme: https
    tls_config: {ca_file: %q}
    scrape_interval: 1s
    scrape_timeout: 1s
    scrape_native_histograms: true
    scrape_protocols: [PrometheusProto, OpenMetricsText1.0.0, PrometheusText0.0.4]
    static_configs: [{targets: [%q]}]
`, ca, target)
	file := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	cmd := exec.Command(tool(t, "PROMETHEUS"), "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+p.address, "--enable-feature=promql-extended-range-selectors,created-timestamp-zero-ingestion", "--log.level=warn")
	log := &logBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("log of Prometheus:\n%s", log)
		}
	})
	return p
}

// query gives the single value of an instant query; false: there is none.
func (p *prometheus) query(expr string) (float64, bool) {
	p.t.Helper()
	resp, err := http.PostForm("http://"+p.address+"/api/v1/query", url.Values{"query": {expr}})
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	if resp.StatusCode == http.StatusServiceUnavailable {
		return 0, false
	}
	var answer struct {
		Status string
		Error  string
		Data   struct {
			Result []struct{ Value [2]any }
		}
	}
	require.NoError(p.t, json.Unmarshal(body, &answer), string(body))
	require.Equal(p.t, "success", answer.Status, answer.Error)
	if len(answer.Data.Result) == 0 {
		return 0, false
	}
	var v float64
	_, err = fmt.Sscan(answer.Data.Result[0].Value[1].(string), &v)
	require.NoError(p.t, err)
	return v, true
}

func (p *prometheus) eventually(expr string, want float64) {
	p.t.Helper()
	var got float64
	require.Eventually(p.t, func() bool {
		v, ok := p.query(expr)
		got = v
		return ok && v == want
	}, 30*time.Second, 200*time.Millisecond, "%s", expr)
	require.Equal(p.t, want, got)
}

// A real Prometheus scrapes the program over TLS. Over a kill and a restart, increase()
// shows exactly the entries that were added.
func TestPrometheusSeesExactlyWhatHappened(t *testing.T) {
	sim := apitest.Start(t, apitest.Options{Seed: 7, Tickets: 40})
	now := time.Now()
	sim.Populate(now.Add(-20*24*time.Hour), now)
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	web := filepath.Join(dir, "web.yml")
	require.NoError(t, os.WriteFile(web, []byte(fmt.Sprintf("tls_server_config: {cert_file: %q, key_file: %q}\n", cert, key)), 0o600))
	e := newExporter(t, sim, eager+"\ntickets: {discover: [{}]}\n", "--web.config.file="+web)
	e.start()
	p := startPrometheus(t, e.address, cert)
	p.eventually(`up`, 1)
	p.eventually(`socialboards_exporter_ready`, 1)
	ids := wanted(sim)
	before := float64(total(sim, ids))
	p.eventually(`sum(socialboards_ticket_events_total)`, before)

	const added = 25
	agents := sim.Agents()
	for i := range added {
		sim.Note(ids[i%len(ids)], agents[i%len(agents)], time.Now())
		if i == added/2 {
			e.kill()
			e.start()
		}
	}
	require.Equal(t, before+added, float64(total(sim, ids)))
	p.eventually(`sum(socialboards_ticket_events_total)`, before+added)
	p.eventually(`sum(increase(socialboards_ticket_events_total[2m] anchored))`, added)
	p.eventually(`count(resets(socialboards_ticket_events_total[5m]) > 0) or vector(0)`, 0)
	checkMetrics(t, e.address, cert)
}

// checkMetrics lets promtool judge the exposition.
func checkMetrics(t *testing.T, address, ca string) {
	t.Helper()
	pool := x509.NewCertPool()
	pemBytes, err := os.ReadFile(ca)
	require.NoError(t, err)
	require.True(t, pool.AppendCertsFromPEM(pemBytes))
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	resp, err := client.Get("https://" + address + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool(t, "PROMTOOL"), "check", "metrics")
	cmd.Stdin = strings.NewReader(string(body))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, strings.TrimSpace(string(out)))
}
