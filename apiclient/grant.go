package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	// documentedLifetime of an access token; taken when an answer does not tell its own.
	documentedLifetime = time.Hour
	// longestLifetime bounds what an answer may claim.
	longestLifetime = 24 * time.Hour
	// grace is how long a token request goes on after its caller gave up: its answer may
	// hold the only refresh token that the API will accept from then on.
	grace = 3 * time.Second
)

// grant is what the API gave for a refresh token.
type grant struct {
	access   string
	refresh  string // the one that was sent, or another in its place
	begun    time.Time
	lifetime time.Duration // from begun on
}

// granter asks the token endpoint.
type granter struct {
	wire   *wire
	gate   *gate
	config oauth2.Config
}

// ask makes one token request, in its turn.
func (g *granter) ask(ctx context.Context, refresh string) (grant, *Error) {
	if g.gate.wait(ctx) != nil {
		return grant{}, canceled(ctx, TokenEndpoint)
	}
	ctx, cancel := outlive(ctx, grace)
	defer cancel()
	x := &tokenExchange{wire: g.wire}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: x})
	token, err := g.config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	if x.failure == nil && err != nil {
		x.failure = &Error{Kind: BadAnswer, Endpoint: TokenEndpoint, Status: x.status, Err: errTokenAnswer}
		if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) { // an error told with HTTP 200
			x.failure.Kind, x.failure.Err = Auth, nil
		}
	}
	g.gate.report(x.begun, x.failure)
	g.wire.judged(TokenEndpoint, x.failure)
	if x.failure != nil {
		return grant{}, x.failure
	}
	return grant{token.AccessToken, token.RefreshToken, x.begun, lifetime(token.ExpiresIn)}, nil
}

// outlive gives a context that ends that long after ctx does.
func outlive(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(after, cancel) })
	return longer, func() { stop(); cancel() }
}

func lifetime(seconds int64) time.Duration {
	if seconds <= 0 {
		return documentedLifetime
	}
	return min(time.Duration(min(seconds, int64(longestLifetime/time.Second)))*time.Second, longestLifetime)
}

// tokenExchange lets oauth2 speak through the wire, once. It keeps what went wrong, since
// the errors of oauth2 quote answers, and with them tokens.
type tokenExchange struct {
	wire *wire
	answer
	failure *Error
}

// RoundTrip sends req and gives its answer in the form that oauth2 reads best.
func (x *tokenExchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.answer, x.failure = x.wire.send(req.Context(), TokenEndpoint, req.Clone(req.Context()))
	if x.failure == nil {
		x.body, x.failure = tidyToken(x.body)
	}
	if x.failure != nil {
		return nil, x.failure
	}
	return &http.Response{
		StatusCode: x.status,
		Header:     http.Header{"Content-Type": {"application/json"}}, // whatever it claimed to be
		Body:       io.NopCloser(bytes.NewReader(x.body)),
		Request:    req,
	}, nil
}

// wireToken is a token answer. The API documents expires_in as a number.
type wireToken struct {
	Access  string          `json:"access_token"`
	Type    string          `json:"token_type"`
	Refresh string          `json:"refresh_token"`
	Expires json.RawMessage `json:"expires_in,omitempty"`
	Error   any             `json:"error,omitempty"`
}

// tidyToken checks a token answer and leaves of it what oauth2 can read: the lifetime as a
// whole number, or none, and of an error only that there is one.
func tidyToken(body []byte) ([]byte, *Error) {
	bad := &Error{Kind: BadAnswer, Endpoint: TokenEndpoint, Status: http.StatusOK, Err: errTokenAnswer}
	var w wireToken
	if json.Unmarshal(trimBOM(body), &w) != nil || !isVisible(w.Access) {
		return nil, bad
	}
	seconds, err := strconv.ParseFloat(strings.Trim(string(w.Expires), `"`), 64)
	w.Expires = nil
	if err == nil && seconds >= 1 {
		w.Expires = strconv.AppendInt(nil, int64(min(seconds, longestLifetime.Seconds())), 10)
	}
	if w.Error != nil && w.Error != "" {
		w.Error = "refused"
	}
	tidy, err := json.Marshal(w) //nolint:gosec // goes to oauth2, in memory
	if err != nil {
		return nil, bad
	}
	return tidy, nil
}

// isVisible says whether s can stand in a header.
func isVisible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

var errTokenAnswer = errors.New("the answer is not a token as the API documents it")
