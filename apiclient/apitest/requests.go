package apitest

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The endpoints, as Request, Fault and Count name them.
const (
	TokenEndpoint = "token"
	ListEndpoint  = "list"
	LogEndpoint   = "log"
)

// Request is a request that was received.
type Request struct {
	At            time.Time // by Options.Now
	Endpoint      string    // empty: none of the API's
	Method, Path  string
	Query         string // as sent
	Body          string
	ContentType   string
	Authorization string
	UserAgent     string
	Ticket        int64 // of LogEndpoint
	Take          *int  // of LogEndpoint; nil: not sent, or not understandable
	Skip          int   // of LogEndpoint
	Status        int   // of the answer; 0: none yet, or the connection was reset

	badQuery bool
}

// maxRequestBody is more than any request of the API needs.
const maxRequestBody = 1 << 20

// receive understands r and writes it into the journal. What it gives belongs to the
// journal: only deliver changes it.
func (s *Server) receive(r *http.Request) *Request {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxRequestBody)) // half a body is answered like nonsense
	req := &Request{
		At:            s.opts.Now(),
		Method:        r.Method,
		Path:          r.URL.Path,
		Query:         r.URL.RawQuery,
		Body:          string(body),
		ContentType:   r.Header.Get("Content-Type"),
		Authorization: r.Header.Get("Authorization"),
		UserAgent:     r.UserAgent(),
	}
	req.Endpoint, req.Ticket = route(r.URL.Path, s.opts.Prefix)
	if req.Endpoint == LogEndpoint {
		req.readQuery()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.add(req)
	return req
}

// route says which endpoint a path names, and which ticket.
func route(path, prefix string) (endpoint string, ticket int64) {
	path, ok := strings.CutPrefix(path, prefix)
	if !ok {
		return "", 0
	}
	switch path {
	case "/token":
		return TokenEndpoint, 0
	case "/tickets/list":
		return ListEndpoint, 0
	}
	id, ok := strings.CutPrefix(path, "/tickets/")
	if !ok {
		return "", 0
	}
	id, ok = strings.CutSuffix(id, "/log")
	if !ok {
		return "", 0
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", 0
	}
	return LogEndpoint, n
}

func (r *Request) readQuery() {
	q, err := url.ParseQuery(r.Query)
	take, takeOK := number(q.Get("take"))
	skip, skipOK := number(q.Get("skip"))
	r.badQuery = err != nil || !takeOK || !skipOK
	if r.badQuery {
		return
	}
	r.Take = take
	if skip != nil {
		r.Skip = *skip
	}
}

// number reads a count; nil: none was sent.
func number(s string) (n *int, ok bool) {
	if s == "" {
		return nil, true
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 {
		return nil, false
	}
	return &v, true
}

// journal holds the latest requests, and counts all.
type journal struct {
	keep   int
	latest []*Request // up to twice keep, so that dropping is rare
	counts map[string]int
}

func newJournal(keep int) journal { return journal{keep: max(keep, 0), counts: map[string]int{}} }

func (j *journal) add(r *Request) {
	j.counts[r.Endpoint]++
	if j.keep == 0 {
		return
	}
	j.latest = append(j.latest, r)
	if len(j.latest) >= 2*j.keep {
		j.latest = slices.Clone(j.latest[len(j.latest)-j.keep:])
	}
}

// Requests gives the latest requests, oldest first; Options.KeepRequests says how many.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest := s.journal.latest[max(0, len(s.journal.latest)-s.journal.keep):]
	all := make([]Request, len(latest))
	for i, r := range latest {
		all[i] = *r
	}
	return all
}

// Count tells how many requests an endpoint has received.
func (s *Server) Count(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.counts[endpoint]
}

// ForgetRequests empties the journal and sets all counts to 0.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = newJournal(s.journal.keep)
}
