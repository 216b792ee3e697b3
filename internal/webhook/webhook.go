// Package webhook receives what Socialboards calls when something happens to a ticket. It
// believes nothing of a call but that it may be worth to read the tickets it names.
package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"
)

// What came of a call; these are label values.
const (
	accepted   = "accepted"    // the address was verified, or a ticket is to be read, or looked for
	ignored    = "ignored"     // no ticket that is followed or could be taken up
	refused    = "refused"     // the token is wrong
	badRequest = "bad_request" // not what Socialboards sends
	limited    = "limited"     // too many calls
)

// Bounds of what is taken in. Polling makes good what they keep out.
const (
	largestBody      = 1 << 20 // bytes
	longestChallenge = 1 << 10 // bytes
	callsASecond     = 50
	burst            = 200
)

// Notifier is told which ticket a webhook names. It says whether anything follows from
// that. It must be quick: the caller waits.
type Notifier interface {
	Notify(ticket int64) bool
}

// Observer is told what came of each call, for metrics.
type Observer interface {
	WebhookDone(result string)
}

// Options are what a Handler works with.
type Options struct {
	Path string
	// VerifyToken gives the token that is configured now.
	VerifyToken func() (string, error)
	Notifier    Notifier
	Observer    Observer
	Logger      *slog.Logger // nil: none
}

// Handler answers the calls of Socialboards. It may be used by several goroutines at once.
type Handler struct {
	options  Options
	limiter  *rate.Limiter
	tokenLog rate.Sometimes
}

// New gives the handler of a listener on which there is nothing but the webhook.
func New(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{options: o, limiter: rate.NewLimiter(callsASecond, burst), tokenLog: rate.Sometimes{Interval: time.Minute}}
}

// answer is what is said to a caller.
type answer struct {
	result string
	status int
	text   string
}

// ServeHTTP answers one call, at once: nothing is read meanwhile.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != h.options.Path {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	// The challenge comes from the caller; no browser shall take it for a page.
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'")
	header.Set("Cache-Control", "no-store")
	a := h.judge(w, r)
	h.options.Observer.WebhookDone(a.result)
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.text) // fails only when the caller has left
}

func (h *Handler) judge(w http.ResponseWriter, r *http.Request) answer {
	if !h.limiter.Allow() {
		w.Header().Set("Retry-After", "1")
		return answer{limited, http.StatusTooManyRequests, "Too many calls.\n"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return answer{badRequest, http.StatusBadRequest, "The address cannot be read.\n"}
	}
	switch r.Method {
	case http.MethodGet:
		return h.challenge(query)
	case http.MethodPost:
		return h.event(w, r, query)
	}
	w.Header().Set("Allow", "GET, POST")
	return answer{badRequest, http.StatusMethodNotAllowed, "Use GET or POST.\n"}
}

// challenge answers the call by which Socialboards verifies that the address is ours.
func (h *Handler) challenge(query url.Values) answer {
	if a, ok := h.admit(query["verifyToken"]); !ok {
		return a
	}
	challenge := query["challenge"]
	if len(challenge) != 1 || challenge[0] == "" || len(challenge[0]) > longestChallenge {
		return answer{badRequest, http.StatusBadRequest, "One challenge is needed.\n"}
	}
	return answer{accepted, http.StatusOK, challenge[0]}
}

// event takes in that something happened. The documentation tells of no signature; but
// where the address was given to Socialboards with the token in it, it has to be right.
func (h *Handler) event(w http.ResponseWriter, r *http.Request, query url.Values) answer {
	if tokens, given := query["verifyToken"]; given {
		if a, ok := h.admit(tokens); !ok {
			return a
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return answer{badRequest, http.StatusRequestEntityTooLarge, "The body is too large.\n"}
	}
	if err != nil {
		return answer{badRequest, http.StatusBadRequest, "The body broke off.\n"}
	}
	tickets, err := ticketsOf(body)
	if err != nil {
		h.options.Logger.Debug("a webhook call cannot be understood", "err", err)
		return answer{badRequest, http.StatusBadRequest, "The body is no event: " + err.Error() + ".\n"}
	}
	a := answer{ignored, http.StatusOK, ""}
	for _, id := range tickets {
		if h.options.Notifier.Notify(id) {
			a.result = accepted
		}
	}
	return a
}

// admit says whether the one token that was sent is right; if not, what to answer.
func (h *Handler) admit(sent []string) (answer, bool) {
	token, err := h.options.VerifyToken()
	if err != nil {
		h.tokenLog.Do(func() { h.options.Logger.Error("the verify token of the webhook cannot be read", "err", err) })
		return answer{refused, http.StatusServiceUnavailable, "The call cannot be verified now.\n"}, false
	}
	if len(sent) != 1 || !same(sent[0], token) {
		return answer{refused, http.StatusForbidden, "The token is wrong.\n"}, false
	}
	return answer{}, true
}

// same compares in a time that tells nothing, not even of the length.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
