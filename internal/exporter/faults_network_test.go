package exporter

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
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
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// detour sends what is meant for the API to another address, over real connections.
type detour struct {
	http.Transport
	to *url.URL
}

func (d *detour) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "socialboards.invalid" {
		req = req.Clone(req.Context())
		req.URL.Scheme, req.URL.Host = d.to.Scheme, d.to.Host
	}
	return d.Transport.RoundTrip(req)
}

// through is trouble on the way to the address.
func through(address func(t testing.TB, r *rig) string, change ...func(*http.Transport)) func(*rig) func() {
	return func(r *rig) func() {
		to, err := url.Parse(address(r.t, r))
		require.NoError(r.t, err)
		d := &detour{to: to}
		for _, c := range change {
			c(&d.Transport)
		}
		r.network = d
		return func() {
			r.network = nil
			r.sim.ClearFaults()
			d.CloseIdleConnections()
		}
	}
}

// answering gives the address of a server that does this to each connection once it has
// read a request's headers.
func answering(do func(net.Conn)) func(testing.TB, *rig) string {
	return func(t testing.TB, _ *rig) string {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		var all sync.WaitGroup
		all.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				all.Go(func() {
					defer conn.Close()
					if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
						do(conn)
					}
				})
			}
		})
		t.Cleanup(func() {
			_ = l.Close()
			all.Wait()
		})
		return "http://" + l.Addr().String()
	}
}

// hold keeps a connection until the client leaves.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// forever writes until the client leaves, with a rest after each piece.
func forever(head, piece string, rest time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		_, err := io.WriteString(conn, head)
		for tick := time.NewTicker(max(rest, time.Microsecond)); err == nil; <-tick.C {
			_, err = io.WriteString(conn, piece)
		}
	}
}

func nobody(testing.TB, *rig) string { return "http://socialboards.invalid" }

func refusing(t testing.TB, _ *rig) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return "http://" + l.Addr().String()
}

// simulated gives the simulated Socialboards, over the network and with a fault.
func simulated(f apitest.Fault) func(testing.TB, *rig) string {
	return func(t testing.TB, r *rig) string {
		t.Helper()
		s := httptest.NewServer(r.sim)
		t.Cleanup(s.Close)
		r.sim.Fault(f)
		return s.URL
	}
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// line is a long one of what JSON and headers do not mind.
func line() string { return strings.Repeat(" ", 1<<16) }

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// What happens between the exporter and the server, each time on real connections.
func TestTroubleOnTheWay(t *testing.T) {
	noName := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}
	for name, tr := range map[string]trouble{
		"DNS failure": {reason: "unreachable", begin: through(nobody, func(h *http.Transport) {
			h.DialContext = (&net.Dialer{Resolver: noName}).DialContext
		})},
		"connection refused": {reason: "unreachable", begin: through(refusing)},
		"TLS with a wrong certificate": {reason: "unreachable", begin: through(func(t testing.TB, r *rig) string {
			t.Helper()
			s := httptest.NewUnstartedServer(r.sim) // would answer, if it were let
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.Close)
			return s.URL
		}, func(h *http.Transport) { h.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12} })},
		"connection half-open": {reason: "timeout", begin: through(answering(hold))},
		"reset in the body":    {reason: "unreachable", begin: through(simulated(apitest.Fault{ResetBody: true}))},
		"wrong content length": {reason: "bad_answer", begin: through(simulated(apitest.Fault{WrongLength: true}))},
		"headers that never end": {reason: "unreachable", begin: through(answering(forever(ok, "X-More: x"+line()+"\r\n", 0)), func(h *http.Transport) {
			h.MaxResponseHeaderBytes = 256 << 10
		})},
		"headers that trickle": {reason: "timeout", begin: through(answering(forever(ok, "X-More: 1\r\n", time.Millisecond)))},
		"body that trickles":   {reason: "timeout", begin: through(answering(forever(ok+"\r\n", " ", time.Millisecond)))},
		"body that never ends": {reason: "too_large", begin: through(answering(forever(ok+"\r\n", line(), 0)))},
		"gzip bomb":            {reason: "too_large", begin: through(simulated(apitest.Fault{GzipBomb: true}))},
	} {
		t.Run(name, func(t *testing.T) {
			tr.last, tr.most = 150*time.Second, 30
			befall(t, tr)
		})
	}
}

// A redirect could carry the token, and what is asked, to somebody else.
func TestARedirectIsNotFollowed(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var visits atomic.Int32
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
			t.Cleanup(elsewhere.Close)
			befall(t, trouble{reason: "bad_answer", last: 4 * time.Minute, most: 40, begin: through(func(t testing.TB, _ *rig) string {
				t.Helper()
				s := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/token", status))
				t.Cleanup(s.Close)
				return s.URL
			})})
			require.Zero(t, visits.Load())
		})
	}
}
