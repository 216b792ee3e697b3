package apiclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// largestBody is how many bytes of an answer are read, after decompression.
const largestBody = 16 << 20

// usualBody is about as large as a page of fifty entries, in bytes.
const usualBody = 32 << 10

// wire sends single requests and reads their answers whole. It keeps nothing between
// requests but connections. It may be used by several goroutines at once.
type wire struct {
	client    http.Client
	clock     Clock
	observer  Observer
	timeout   atomic.Int64 // a time.Duration
	userAgent string
}

// answer is what came back, whatever its status.
type answer struct {
	begun  time.Time // when the request was about to be sent
	status int
	body   []byte
}

func newWire(transport http.RoundTripper, clock Clock, observer Observer, userAgent string) *wire {
	w := &wire{clock: clock, observer: observer, userAgent: userAgent}
	w.client.Transport = transport
	// A redirect could carry the token to another host, and the API documents none.
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return w
}

// send makes one exchange with endpoint and tells the observer of it. The error, if any,
// speaks of the exchange and the HTTP status alone; what the body says is for the caller
// to judge.
func (w *wire) send(ctx context.Context, endpoint Endpoint, req *http.Request) (answer, *Error) {
	timed, cancel := context.WithTimeout(ctx, time.Duration(w.timeout.Load()))
	defer cancel()
	req = req.WithContext(timed)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", w.userAgent)

	a := answer{begun: w.clock.Now()}
	failure := w.receive(&a, endpoint, req)
	if ctx.Err() != nil && failure != nil && failure.Status == 0 {
		failure = canceled(ctx, endpoint)
	}
	code := "none"
	if a.status != 0 {
		code = strconv.Itoa(a.status)
	}
	w.observer.RequestDone(endpoint, code, w.clock.Now().Sub(a.begun))
	return a, failure
}

func (w *wire) receive(a *answer, endpoint Endpoint, req *http.Request) *Error {
	resp, err := w.client.Do(req) //nolint:gosec // to the configured address
	if err != nil {
		return broken(endpoint, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	var body bytes.Buffer
	body.Grow(usualBody) // or reading would copy it again and again
	if _, err = body.ReadFrom(io.LimitReader(resp.Body, largestBody+1)); err != nil {
		return brokenBody(endpoint, err)
	}
	a.body = body.Bytes()
	a.status = resp.StatusCode
	if len(a.body) > largestBody {
		return &Error{Kind: TooLarge, Endpoint: endpoint, Status: a.status, Err: errLargeBody}
	}
	return refusal(endpoint, resp, w.clock.Now())
}

// refusal gives the error that the answer's status means; nil for a success.
func refusal(endpoint Endpoint, resp *http.Response, now time.Time) *Error {
	status := resp.StatusCode
	e := &Error{Kind: ServerError, Endpoint: endpoint, Status: status, RetryAfter: retryAfter(resp.Header, now)}
	switch {
	case status == http.StatusOK:
		return nil
	case status < 400: // a success without the documented content, or a redirect
		e.Kind = BadAnswer
	case status == http.StatusUnauthorized:
		e.Kind = Auth
	case endpoint == TokenEndpoint && (status == http.StatusBadRequest || status == http.StatusForbidden):
		e.Kind = Auth
	case endpoint == LogEndpoint && status == http.StatusNotFound:
		e.Kind = NotFound // of the other endpoints it says that the address is wrong
	case status == http.StatusTooManyRequests:
		e.Kind = Throttled
	case status == http.StatusServiceUnavailable && e.RetryAfter > 0:
		e.Kind = Throttled
	}
	if e.Kind != Throttled {
		e.RetryAfter = 0
	}
	return e
}

// judged tells the observer what the answer of endpoint was worth.
func (w *wire) judged(endpoint Endpoint, failure *Error) {
	if failure == nil || failure.Kind != NotFound && failure.Kind != Canceled {
		w.observer.Answered(endpoint, failure == nil)
	}
}

// canceled is the error of a call that its caller gave up.
func canceled(ctx context.Context, endpoint Endpoint) *Error {
	return &Error{Kind: Canceled, Endpoint: endpoint, Err: ctx.Err()}
}

// discard is an Observer that nobody looks at.
type discard struct{}

func (discard) RequestDone(Endpoint, string, time.Duration) {}
func (discard) Answered(Endpoint, bool)                     {}
func (discard) Throttled(time.Duration)                     {}
func (discard) TokenRefused(bool)                           {}

var errLargeBody = errors.New("the answer is larger than " + strconv.Itoa(largestBody>>20) + " MiB")
