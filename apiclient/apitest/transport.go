package apitest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
)

// Transport carries requests to the server without a network, for simulations in which a
// week must pass in a second, and for testing/synctest, where a network cannot be waited
// for. Faults show as they do over a network, but a slow body arrives as a whole.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

// RoundTrip lets the server answer in the caller's goroutine.
func (t transport) RoundTrip(out *http.Request) (*http.Response, error) {
	in := out.Clone(out.Context())
	in.RequestURI = out.URL.RequestURI()
	in.Body = http.NoBody
	if out.Body != nil {
		defer func() { _ = out.Body.Close() }()
		in.Body = out.Body
	}
	w := &memory{header: http.Header{}}
	t.s.ServeHTTP(w, in)
	if err := context.Cause(out.Context()); err != nil {
		return nil, err
	}
	if w.broken && w.status == 0 {
		return nil, fmt.Errorf("read: %w", syscall.ECONNRESET)
	}
	if w.status == 0 {
		return nil, errors.New("the server was closed")
	}
	return w.response(out)
}

// memory is a response writer that keeps what was written.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
	broken bool
}

func (m *memory) Header() http.Header { return m.header }
func (m *memory) reset()              { m.broken = true }

// Flush is there for slow bodies; what was written is kept anyway.
func (m *memory) Flush() {}

func (m *memory) WriteHeader(status int) {
	if m.status == 0 {
		m.status = status
	}
}

func (m *memory) Write(p []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(p)
}

// response is what a client behind a network would see.
func (m *memory) response(req *http.Request) (*http.Response, error) {
	resp := &http.Response{
		Status:     strconv.Itoa(m.status) + " " + http.StatusText(m.status),
		StatusCode: m.status, Header: m.header, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
	}
	length, err := strconv.ParseInt(m.header.Get("Content-Length"), 10, 64)
	var body io.Reader = &m.body
	if err == nil {
		resp.ContentLength = length
		body = &short{r: &m.body, missing: length - int64(m.body.Len()), broken: m.broken}
	}
	if m.header.Get("Content-Encoding") == "gzip" && req.Header.Get("Accept-Encoding") == "" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		m.header.Del("Content-Encoding") // as http.Transport does
		resp.Uncompressed, resp.ContentLength, body = true, -1, z
	}
	resp.Body = io.NopCloser(body)
	return resp, nil
}

// short is a body that may end too early.
type short struct {
	r       io.Reader
	missing int64
	broken  bool
}

func (s *short) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err == io.EOF && s.broken {
		return n, syscall.ECONNRESET
	}
	if err == io.EOF && s.missing > 0 {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
