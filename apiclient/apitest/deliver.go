package apitest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strconv"
)

// deliver sends an answer, as badly as the fault wants.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, a answer, f Fault, req *Request) {
	s.mu.Lock()
	req.Status = a.status
	s.mu.Unlock()
	s.writeHeader(w, a, f)
	half := len(a.body) / 2
	if f.GzipBomb {
		half = 0 // the whole body goes through the compressor
	}
	_, _ = w.Write(a.body[:half]) // a client that has gone is its own affair, here and below
	if f.SlowBody > 0 || f.ResetBody {
		_ = http.NewResponseController(w).Flush()
	}
	if f.ResetBody || !s.wait(r.Context(), f.SlowBody) {
		reset(w)
		return
	}
	if f.GzipBomb {
		writeBomb(w, a.body)
		return
	}
	_, _ = w.Write(a.body[half:])
	_, _ = io.CopyN(w, spaces{}, f.Padding)
}

func (s *Server) writeHeader(w http.ResponseWriter, a answer, f Fault) {
	h := w.Header()
	// By the server's own time: dates in Retry-After are reckoned from it.
	h.Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	h.Set("Content-Type", jsonType)
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	for k, v := range a.header {
		h[k] = v
	}
	switch {
	case f.GzipBomb:
		h.Set("Content-Encoding", "gzip")
	case f.WrongLength:
		h.Set("Content-Length", strconv.Itoa(len(a.body)+100))
	default:
		h.Set("Content-Length", strconv.FormatInt(int64(len(a.body))+f.Padding, 10))
	}
	w.WriteHeader(a.status)
}

// A bomb is a body followed by many members that are all alike: gzip readers join
// members, and only one has to be compressed.
const (
	bombMembers = 64
	bombMember  = 1 << 20
)

func writeBomb(w io.Writer, body []byte) {
	_, _ = w.Write(gzipped(bytes.NewReader(body)))
	spaces := gzipped(io.LimitReader(spaces{}, bombMember))
	for range bombMembers {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}

func gzipped(from io.Reader) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.Copy(z, from) // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}

// spaces is an endless source of what JSON does not mind.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// resetter is a response writer without a connection of its own to break.
type resetter interface{ reset() }

// reset breaks the connection so that the client is told, not merely left.
func reset(w http.ResponseWriter) {
	if r, ok := w.(resetter); ok {
		r.reset()
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusBadGateway) // a recorder, which cannot lose its connection
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // RST in place of FIN
	}
	_ = conn.Close()
}
