package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"

	"golang.org/x/oauth2"
)

// Client speaks to the API of one account. It may be used by several goroutines at once:
// they share one access token, one rate and one set of pauses. Its errors are *Error.
type Client struct {
	base   string
	wire   *wire
	gate   *gate
	tokens *keeper
	log    *slog.Logger
}

// New gives a client that has not sent anything yet. Its errors are about o.
func New(o Options) (*Client, error) {
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Transport == nil {
		own := ownTransport(o.Roots, o.Proxy)
		if err := checkProxy(own, o.BaseURL, o.TokenURL); err != nil {
			return nil, err
		}
		o.Transport = own
	}
	limits := o.limits()
	w := newWire(o.Transport, o.Clock, o.Observer, o.UserAgent)
	w.timeout.Store(int64(limits.Timeout))
	g := newGate(o.Clock, o.Observer, limits, o.MaxBackoff, rand.Float64)
	asker := &granter{wire: w, gate: g, config: oauth2.Config{
		ClientID: o.ClientID,
		Endpoint: oauth2.Endpoint{TokenURL: o.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}}
	tokens := &keeper{
		ask:        asker.ask,
		configured: o.RefreshToken,
		clock:      o.Clock,
		observer:   o.Observer,
		log:        o.Logger,
		refusals:   backoff{least: firstHold, most: o.MaxBackoff, chance: rand.Float64},
		lineage:    lineage{store: o.Rotated, log: o.Logger},
	}
	return &Client{base: o.BaseURL, wire: w, gate: g, tokens: tokens, log: o.Logger}, nil
}

// SetLimits changes the limits of the client from the next request on. Its token, its
// pauses and what it knows of the API's state stay. On an error nothing has changed.
func (c *Client) SetLimits(l Limits) error {
	l = l.withDefaults()
	if err := l.check(); err != nil {
		return err
	}
	c.wire.timeout.Store(int64(l.Timeout))
	c.gate.setLimits(l)
	return nil
}

// Close lets go of connections that are not in use. The client can still be used.
func (c *Client) Close() { c.wire.client.CloseIdleConnections() }

// call posts body, as JSON, to path and hands the answer to read, whose error counts as
// the request's. A token that is refused is renewed, and the request sent once more.
func (c *Client) call(ctx context.Context, endpoint Endpoint, path string, body any, read func(answer) *Error) *Error {
	text, err := json.Marshal(body)
	if err != nil {
		return &Error{Kind: BadAnswer, Endpoint: endpoint, Err: err}
	}
	leave, err := c.gate.enter(ctx)
	if err != nil {
		return canceled(ctx, endpoint)
	}
	defer leave()
	for retry := false; ; retry = true {
		token, failure := c.admit(ctx, endpoint)
		if failure != nil {
			return failure
		}
		failure = c.post(ctx, endpoint, path, text, token, read)
		if failure == nil || failure.Kind != Auth {
			return failure
		}
		if retry || c.tokens.isDenied() {
			c.tokens.deny(token)
			return failure
		}
		c.tokens.drop(token)
	}
}

// admit waits for the request's turn and gives the token to send with it. A token may end
// while the request waits; then it is renewed, but not for ever: where tokens live shorter
// than a turn takes, the API has to judge.
func (c *Client) admit(ctx context.Context, endpoint Endpoint) (token string, failure *Error) {
	for range 3 {
		token, failure = c.tokens.get(ctx)
		if failure != nil {
			return "", failure // shared with others that waited for the same token
		}
		if c.gate.wait(ctx) != nil {
			return "", canceled(ctx, endpoint)
		}
		if c.tokens.isGood(token) {
			break
		}
	}
	return token, nil
}

func (c *Client) post(ctx context.Context, endpoint Endpoint, path string, body []byte, token string, read func(answer) *Error) *Error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return &Error{Kind: Unreachable, Endpoint: endpoint, Err: errors.New("the address cannot be used")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	a, failure := c.wire.send(ctx, endpoint, req)
	if failure == nil {
		failure = read(a).of(endpoint, 0)
	} else if failure.Status != 0 {
		failure.Code = errorCode(a.body)
	}
	if a.status != 0 && a.status != http.StatusUnauthorized {
		c.tokens.accept()
	}
	c.gate.report(a.begun, failure)
	c.wire.judged(endpoint, failure)
	return failure
}

var errNoRefreshToken = errors.New("the configured refresh token is empty")
