package apiclient

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	firstHold = 5 * time.Second // wait after a refusal, doubled from one to the next
	// holdLook is how often a wait looks whether another token was configured.
	holdLook = 5 * time.Second
	// longestMargin before its end at which an access token is renewed; a tenth of its
	// lifetime, if that is less.
	longestMargin = time.Minute
)

// keeper keeps the one access token that all requests share. It has it renewed before it
// ends, by one goroutine for all that wait. After a refusal nobody gets a token, nor is
// one asked for, until a growing wait is over or another refresh token is configured. It
// may be used by several goroutines at once.
type keeper struct {
	ask        func(ctx context.Context, refresh string) (grant, *Error)
	configured func() (string, error)
	clock      Clock
	observer   Observer
	log        *slog.Logger

	mu        sync.Mutex
	current   access
	flight    *flight // nil: nobody is asking for a token
	holdUntil time.Time
	heldFor   string // fingerprint of the token configured when the hold began
	denied    bool   // the API refuses what its token endpoint grants
	refusals  backoff

	// Used only by the leader of the flight.
	lineage lineage
	waiting *grant // granted, but its refresh token is not durable yet
}

// access is an access token. The zero access is good for nothing.
type access struct {
	text    string
	renewAt time.Time
	ends    time.Time
}

// flight is one renewal, which others may wait for. Its result is set when done closes.
type flight struct {
	done    chan struct{}
	text    string
	failure *Error
}

// get gives an access token to send now.
func (k *keeper) get(ctx context.Context) (string, *Error) {
	for {
		text, f, lead := k.join()
		if text != "" {
			return text, nil
		}
		if lead {
			k.lead(ctx, f)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", canceled(ctx, TokenEndpoint)
		}
		if f.failure == nil || f.failure.Kind != Canceled {
			return f.text, f.failure
		}
		if ctx.Err() != nil { // else it was the leader who gave up: take over
			return "", canceled(ctx, TokenEndpoint)
		}
	}
}

// join gives the token, if it is good, or else the renewal under way, which the caller
// has to lead if it is new.
func (k *keeper) join() (text string, f *flight, lead bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.clock.Now().Before(k.current.renewAt) {
		return k.current.text, nil, false
	}
	if k.flight == nil {
		k.flight, lead = &flight{done: make(chan struct{})}, true
	}
	return "", k.flight, lead
}

// isGood says whether text is the token that get would give.
func (k *keeper) isGood(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return text == k.current.text && k.clock.Now().Before(k.current.renewAt)
}

// drop has the token renewed, since the API refused it.
func (k *keeper) drop(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.text == text {
		k.current = access{}
	}
}

// deny takes in that the API refused a token that had just been granted.
func (k *keeper) deny(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.text != text { // somebody else was told before
		return
	}
	k.current, k.denied = access{}, true
	k.hold()
}

// accept takes in that the API let a token in.
func (k *keeper) accept() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.denied {
		k.denied = false
		k.letIn()
	}
}

func (k *keeper) isDenied() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.denied
}

func (k *keeper) lead(ctx context.Context, f *flight) {
	g, failure := k.renew(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	f.text, f.failure = k.settle(g, failure)
	k.flight = nil
	close(f.done)
}

// settle draws the conclusions from a renewal. It is called with mu held.
func (k *keeper) settle(g grant, failure *Error) (string, *Error) {
	now := k.clock.Now()
	switch {
	case failure == nil:
		ends := g.begun.Add(g.lifetime)
		k.current = access{g.access, ends.Add(-min(g.lifetime/10, longestMargin)), ends}
		if !k.denied {
			k.letIn()
		}
		return g.access, nil
	case failure.Kind == Auth:
		k.hold()
	case now.Before(k.current.ends): // it was renewed early: there is time to try again
		k.current.renewAt = now.Add(k.current.ends.Sub(now) / 2)
		return k.current.text, nil
	}
	return "", failure
}

func (k *keeper) letIn() {
	k.refusals.reset()
	k.holdUntil = time.Time{}
	k.observer.TokenRefused(false)
}

func (k *keeper) hold() {
	k.heldFor = ""
	if configured, err := k.readConfigured(); err == nil {
		k.heldFor = fingerprint(configured)
	}
	wait := k.refusals.grow()
	k.holdUntil = k.clock.Now().Add(wait)
	k.observer.TokenRefused(true)
	k.log.Warn("No token is accepted, waiting before the next try", "wait", wait)
}

// renew waits for the hold to end and gets a grant that may be used.
func (k *keeper) renew(ctx context.Context) (grant, *Error) {
	if err := k.waitHold(ctx); err != nil {
		return grant{}, canceled(ctx, TokenEndpoint)
	}
	if g := k.waiting; g != nil {
		return k.release(*g, k.lineage.save())
	}
	configured, err := k.readConfigured()
	if err != nil {
		return grant{}, &Error{Kind: Auth, Endpoint: TokenEndpoint, Err: err}
	}
	var failure *Error
	for _, refresh := range k.lineage.candidates(configured) {
		var g grant
		g, failure = k.ask(ctx, refresh)
		if failure == nil {
			return k.release(g, k.lineage.accepted(configured, refresh, g.refresh))
		}
		if failure.Kind != Auth {
			break
		}
	}
	return grant{}, failure
}

// release lets g be used, unless its refresh token could not be made durable: then g has
// to wait until it can.
func (k *keeper) release(g grant, unsaved error) (grant, *Error) {
	if unsaved != nil {
		k.waiting = &g
		return grant{}, &Error{Kind: Auth, Endpoint: TokenEndpoint, Err: unsaved}
	}
	k.waiting = nil
	return g, nil
}

// waitHold returns when the hold is over, or at once when another token was configured.
func (k *keeper) waitHold(ctx context.Context) error {
	for {
		k.mu.Lock()
		left, heldFor := k.holdUntil.Sub(k.clock.Now()), k.heldFor
		k.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if configured, err := k.readConfigured(); err == nil && fingerprint(configured) != heldFor {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.refusals.reset()
			k.holdUntil = time.Time{}
			return nil
		}
		select {
		case <-k.clock.After(min(left, holdLook)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (k *keeper) readConfigured() (string, error) {
	configured, err := k.configured()
	if err != nil {
		return "", fmt.Errorf("read the configured refresh token: %w", err)
	}
	if configured = strings.TrimSpace(configured); configured == "" {
		return "", errNoRefreshToken
	}
	return configured, nil
}
