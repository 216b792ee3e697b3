package apiclient_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

// secure serves h over TLS, at most of a version; 0: any.
func secure(t *testing.T, h http.Handler, version uint16) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func trusting(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func TestOnlyOverTLSThatCanBeTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version uint16
		trusted bool
		ok      bool
	}{
		"TLS 1.3":            {tls.VersionTLS13, true, true},
		"TLS 1.2":            {tls.VersionTLS12, true, true},
		"TLS 1.1":            {tls.VersionTLS11, true, false},
		"TLS 1.0":            {tls.VersionTLS10, true, false},
		"no known authority": {0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, apitest.Options{})
			s := secure(t, r.server, c.version)
			r.options.BaseURL = s.URL
			if c.trusted {
				r.options.Roots = trusting(s)
			}
			r.open(t)
			if c.ok {
				r.must(t)
				return
			}
			require.Equal(t, apiclient.Unreachable, r.fails(t).Kind)
			require.Empty(t, r.server.Requests(), "nothing was sent")
		})
	}
}

// proxy passes connections on to one server, and keeps what it could read.
type proxy struct {
	to     string
	status int // of its answer to CONNECT
	mu     sync.Mutex
	asked  []string
	read   bytes.Buffer // what the client sent through it
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header))
	p.mu.Unlock()
	if p.status != http.StatusOK {
		w.WriteHeader(p.status)
		return
	}
	far, err := net.Dial("tcp", p.to)
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
	go func() {
		_, _ = io.Copy(near, far)
		near.Close()
	}()
	_, _ = io.Copy(io.MultiWriter(far, p), buffered)
	far.Close()
}

func (p *proxy) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read.Write(b)
}

// seen gives all that the proxy could read.
func (p *proxy) seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.asked, "\n") + p.read.String()
}

// behind gives a rig whose API is at https://example.com, behind a proxy that wants a password.
func behind(t *testing.T, status int) (*rig, *proxy) {
	t.Helper()
	r := newRig(t, apitest.Options{})
	s := secure(t, r.server, 0)
	p := &proxy{to: s.Listener.Addr().String(), status: status}
	front := httptest.NewServer(p)
	t.Cleanup(front.Close)
	address, err := url.Parse(front.URL)
	require.NoError(t, err)
	address.User = url.UserPassword("scraper", "s3cret-of-the-proxy")
	r.options.BaseURL, r.options.Roots, r.options.Proxy = "https://example.com", trusting(s), address
	r.open(t)
	t.Cleanup(r.Close) // or the proxy would wait for its connections
	return r, p
}

func TestAProxySeesNoMoreThanTheHostsName(t *testing.T) {
	t.Parallel()
	r, p := behind(t, http.StatusOK)
	r.must(t)
	seen := p.seen()
	require.Contains(t, seen, "CONNECT example.com:443")
	require.Contains(t, seen, "Proxy-Authorization:[Basic ")
	require.Greater(t, len(seen), 1000, "everything goes through it")
	requests := r.server.Requests()
	require.NotEmpty(t, requests)
	for _, q := range requests {
		_, token, _ := strings.Cut(q.Authorization, " ")
		for _, secret := range []string{token, r.server.RefreshToken(), urlEscaped(r.server.RefreshToken()), q.Path + " HTTP", r.server.ClientID()} {
			if secret != "" {
				require.NotContains(t, seen, secret)
			}
		}
	}
}

func TestAProxyThatRefusesIsAnErrorWithoutItsPassword(t *testing.T) {
	t.Parallel()
	r, _ := behind(t, http.StatusProxyAuthRequired)
	failure := r.fails(t)
	require.Equal(t, apiclient.Unreachable, failure.Kind)
	require.NotContains(t, failure.Error()+r.logged.String(), "s3cret")
	require.Empty(t, r.server.Requests())
}

// Whatever the redirect and the request, nothing goes to where it leads.
func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	for _, endpoint := range []string{apitest.TokenEndpoint, apitest.ListEndpoint, apitest.LogEndpoint} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			r := newRig(t, apitest.Options{})
			id := r.ticket()
			r.server.Fault(apitest.Fault{Endpoint: endpoint, Body: " ", Status: status, Header: http.Header{"Location": {elsewhere.URL}}})
			_, err := r.ReadLog(t.Context(), id, apiclient.LogQuery{})
			if endpoint == apitest.ListEndpoint {
				_, err = r.List(t.Context(), apiclient.ListQuery{})
			}
			var failure *apiclient.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, apiclient.BadAnswer, failure.Kind, "%s %d", endpoint, status)
		}
	}
	require.Zero(t, visits.Load())
}

// A header that does not end is not read for ever, nor kept.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for err == nil && sent.Load() < 64<<20 {
			var n int
			n, err = io.WriteString(conn, "X-More: "+strings.Repeat("x", 1<<15)+"\r\n")
			sent.Add(int64(n))
		}
	}))
	t.Cleanup(s.Close)
	r := newRig(t, apitest.Options{}, func(o *apiclient.Options) { o.BaseURL = s.URL })
	require.Equal(t, apiclient.Unreachable, r.fails(t).Kind)
	require.Less(t, sent.Load(), int64(32<<20), "what the sockets hold, and a little more")
}

func TestARotationIsNotPrinted(t *testing.T) {
	t.Parallel()
	rotation := apiclient.Rotation{Configured: "a", Token: "s3cret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, rotation), "s3cret")
		require.NotContains(t, fmt.Sprintf(verb, &rotation), "s3cret")
	}
}
