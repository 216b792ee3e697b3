package acceptance

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// forwarder is a proxy as companies have one: with a password, and for CONNECT only.
type forwarder struct {
	to   string
	mu   sync.Mutex
	seen strings.Builder
}

func (f *forwarder) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Write(b)
}

func (f *forwarder) read() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.String()
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.Write(f)
	user, password, ok := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
	if !ok || user != "scraper" || password != "pP-7dh3ks-of-the-proxy" || r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	far, err := net.Dial("tcp", f.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		far.Close()
		return
	}
	go func() { _, _ = io.Copy(near, far); near.Close() }()
	_, _ = io.Copy(io.MultiWriter(far, f), buffered)
	far.Close()
}

// The API is behind an own authority and a proxy, once by the configuration and once by the
// environment.
func TestTheTokenPassesAProxyUnseen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ keys, env string }{
		"configuration": {keys: "proxy_url_file: proxy", env: "HTTPS_PROXY=http://nobody:x@127.0.0.1:1"},
		"environment":   {keys: `proxy_url: ""`, env: "HTTPS_PROXY=$PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := apitest.Start(t, apitest.Options{Tickets: 1})
			sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), time.Now().Add(-time.Hour))
			api := httptest.NewUnstartedServer(sim)
			api.Config.ErrorLog = log.New(io.Discard, "", 0)
			api.StartTLS()
			t.Cleanup(api.Close)
			f := &forwarder{to: api.Listener.Addr().String()}
			front := httptest.NewServer(f)
			t.Cleanup(front.Close)
			proxy := strings.Replace(front.URL, "://", "://scraper:pP-7dh3ks-of-the-proxy@", 1)

			config := strings.Replace(eager, "base_url: $BASE_URL", "base_url: https://example.com\n  ca_file: ca.pem\n  "+c.keys, 1)
			e := newExporter(t, sim, config+"\ntickets: {discover: [{}]}\n", "--log.level=debug")
			e.env = []string{strings.ReplaceAll(c.env, "$PROXY", proxy), "NO_PROXY="}
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})
			require.NoError(t, os.WriteFile(filepath.Join(e.dir, "ca.pem"), ca, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(e.dir, "proxy"), []byte(proxy+"\n"), 0o600))
			e.start()
			e.eventually(newWatch(t), 20*time.Second, "readiness", ready)
			v := vault{"refresh token": sim.RefreshToken()}
			for _, r := range sim.Requests() {
				if _, token, ok := strings.Cut(r.Authorization, " "); ok {
					v["access token"] = token
				}
			}
			require.Len(t, v, 2)
			require.Contains(t, f.read(), "CONNECT example.com:443")
			v.requireKept(t, "the proxy", []byte(f.read()))
			v["proxy password"] = "pP-7dh3ks-of-the-proxy"
			for _, page := range []string{"/config", "/metrics", "/tickets"} {
				_, said := e.get(page)
				v.requireKept(t, page, []byte(said))
			}
			e.kill()
			v.requireKept(t, "the log", []byte(e.log.String()))
		})
	}
}
