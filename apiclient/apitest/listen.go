package apitest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// TB is the part of testing.TB that Start needs. It keeps the package testing out of
// programs that use the simulated Socialboards outside of tests.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start gives a server that listens on a free port of 127.0.0.1 until the test ends.
func Start(tb TB, o Options) *Server {
	tb.Helper()
	s := New(o)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		tb.Fatalf("simulated Socialboards: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// listener is what Listen has started.
type listener struct {
	url     string
	server  *http.Server
	stopped chan struct{}
}

// Listen begins to serve on a TCP address. It may be called once; Close ends it.
func (s *Server) Listen(address string) error {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", address) // it is listening when it returns
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener.server != nil {
		_ = l.Close()
		return errors.New("already listening on " + s.listener.url)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan struct{})
	s.listener = listener{url: "http://" + l.Addr().String(), server: server, stopped: stopped}
	go func() {
		defer close(stopped)
		_ = server.Serve(l) // it ends by Close alone
	}()
	return nil
}

// Close ends what is slow and stops listening.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.done) })
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l.server != nil {
		_ = l.server.Close()
		<-l.stopped
	}
}

// URL is the base address of the API. A server that does not listen has one too, for use
// with Transport.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener.url == "" {
		return "http://socialboards.invalid" + s.opts.Prefix
	}
	return s.listener.url + s.opts.Prefix
}

// Run lets the invented team live on until ctx is done, a step each interval.
func (s *Server) Run(ctx context.Context, interval time.Duration) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			s.Live(s.opts.Now())
		}
	}
}
