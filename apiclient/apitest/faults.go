package apitest

import (
	"context"
	"net/http"
	"time"
)

// Fault is something that goes wrong. The upper fields say with which requests: all that
// are given must hold. The lower ones say what.
type Fault struct {
	Endpoint    string // TokenEndpoint, ListEndpoint, LogEndpoint; empty: any
	Ticket      int64  // 0: any
	Match       func(Request) bool
	After       int     // lets that many matching requests pass first
	Times       int     // goes wrong that often; 0: without end
	Probability float64 // goes wrong in that share of cases; 0: in all

	// These come in place of an answer; what was asked for is not done.
	Status    int    // HTTP status; 0: 200 where ErrorCode, Body or HTML is given
	ErrorCode int    // in the envelope
	Body      string // in place of any other
	HTML      bool   // a page of some proxy
	Redirect  string // 307 to this address
	Reset     bool   // the connection is reset before there is an answer

	// These spoil an answer; what was asked for is done.
	Header      http.Header              // added to the answer's
	RetryAfter  string                   // the header
	Edit        func(body []byte) []byte // changes the body
	NonJSON     bool                     // text in place of the body
	EmptyBody   bool
	Truncate    bool          // the latter half of the body is missing, unnoticed by HTTP
	WrongLength bool          // the body ends before its announced length
	ResetBody   bool          // the connection is reset in the middle of the body
	GzipBomb    bool          // the body is followed by 64 MiB of spaces, compressed
	Padding     int64         // the body is followed by that many spaces
	SlowHeaders time.Duration // before the answer begins
	SlowBody    time.Duration // in the middle of the body
}

// armed is a fault with what has come of it.
type armed struct {
	Fault
	seen, done int
}

// Fault makes requests go wrong until remove is called. Of several faults that match a
// request, the one that was set first and is due goes off.
func (s *Server) Fault(f Fault) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &armed{Fault: f}
	s.faults = append(s.faults, a)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, have := range s.faults {
			if have == a {
				// Others may be reading the old slice: never change it in place.
				s.faults = append(append([]*armed{}, s.faults[:i]...), s.faults[i+1:]...)
				return
			}
		}
	}
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// pick gives the fault that goes off at a request; the zero Fault: none.
func (s *Server) pick(req Request) Fault {
	s.mu.Lock()
	faults := s.faults
	s.mu.Unlock()
	for _, f := range faults {
		if f.matches(req) && s.due(f) {
			return f.Fault
		}
	}
	return Fault{}
}

func (f Fault) matches(req Request) bool {
	return (f.Endpoint == "" || f.Endpoint == req.Endpoint) &&
		(f.Ticket == 0 || f.Ticket == req.Ticket) &&
		(f.Match == nil || f.Match(req)) // outside the lock: it may ask the server
}

func (s *Server) due(f *armed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.seen++
	if f.seen <= f.After || (f.Times > 0 && f.done >= f.Times) {
		return false
	}
	if f.Probability > 0 && !s.lucky(f.Probability) {
		return false
	}
	f.done++
	return true
}

// maintenance is what some proxy shows in place of the API.
const maintenance = "<!DOCTYPE html><html><head><title>Please wait</title></head><body>Maintenance</body></html>"

// instead gives the answer that comes in place of the API's own, if any does.
func (f Fault) instead() (answer, bool) {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case f.Redirect != "":
		return answer{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {f.Redirect}}}, true
	case f.Body != "":
		return answer{status: status, body: []byte(f.Body)}, true
	case f.HTML:
		return answer{status: status, kind: htmlType, body: []byte(maintenance)}, true
	case f.ErrorCode != 0:
		text := "Something went wrong."
		return jsonAnswer(status, envelope{ErrorCode: f.ErrorCode, ErrorText: &text}), true
	case f.Status != 0:
		return failure(status, http.StatusText(status)), true
	}
	return answer{}, false
}

// damage gives what is left of an answer.
func (f Fault) damage(a answer) answer {
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	for k, v := range f.Header {
		header[http.CanonicalHeaderKey(k)] = v
	}
	if f.RetryAfter != "" {
		header.Set("Retry-After", f.RetryAfter)
	}
	a.header = header
	if f.Edit != nil {
		a.body = f.Edit(a.body)
	}
	switch {
	case f.NonJSON:
		a.body = []byte("Service temporarily unavailable")
	case f.EmptyBody:
		a.body = nil
	case f.Truncate:
		a.body = a.body[:len(a.body)/2]
	}
	return a
}

// wait lets d pass. It gives false when the client has gone or the server is closed.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}
