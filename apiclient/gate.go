package apiclient

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// failuresInARow is how many failures without a success between them make the whole
// client pause: by then it is not one ticket that is ill.
const failuresInARow = 10

// gate holds back every request of a client, whichever endpoint it goes to: so many at
// once, so many a second, and none at all while the client pauses. What it learned of the
// API's state lives as long as the client and survives a change of limits. It may be used
// by several goroutines at once.
type gate struct {
	clock    Clock
	observer Observer

	mu          sync.Mutex
	slots       *semaphore.Weighted
	limiter     *rate.Limiter
	changed     chan struct{} // closed when the limits change
	pausedUntil time.Time
	throttled   time.Time // up to when throttling was announced to the observer
	failures    int       // in a row
	throttling  backoff   // for 429 without Retry-After
	failing     backoff   // for failures in a row
}

func newGate(clock Clock, observer Observer, l Limits, most time.Duration, chance func() float64) *gate {
	return &gate{
		clock:      clock,
		observer:   observer,
		slots:      semaphore.NewWeighted(int64(l.Concurrency)),
		limiter:    rate.NewLimiter(rate.Limit(l.RequestsPerSecond), l.Burst),
		changed:    make(chan struct{}),
		throttling: backoff{least: time.Second, most: most, chance: chance},
		failing:    backoff{least: time.Second, most: most, chance: chance},
	}
}

// enter waits for one of the places for concurrent requests; leave gives it back. After a
// change of limits those that are inside, or wait, keep to the places they came for, so
// for a moment there can be as many requests as the old and the new limit together.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	g.mu.Lock()
	slots := g.slots
	g.mu.Unlock()
	if err := slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { slots.Release(1) }, nil
}

// wait returns when one request may be sent.
func (g *gate) wait(ctx context.Context) error {
	for {
		if err := g.waitPause(ctx); err != nil {
			return err
		}
		if err := g.waitTurn(ctx); err != nil {
			return err
		}
		if g.pauseLeft() == 0 { // none may have begun while we waited for our turn
			return nil
		}
	}
}

func (g *gate) waitPause(ctx context.Context) error {
	for {
		left := g.pauseLeft()
		if left == 0 {
			return ctx.Err()
		}
		select {
		case <-g.clock.After(left):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gate) waitTurn(ctx context.Context) error {
	for {
		g.mu.Lock()
		now, changed := g.clock.Now(), g.changed
		turn := g.limiter.ReserveN(now, 1)
		g.mu.Unlock()
		delay := turn.DelayFrom(now)
		if delay == 0 {
			return nil
		}
		select {
		case <-g.clock.After(delay):
			return nil
		case <-changed: // the turn was reckoned by limits that no longer hold
			turn.CancelAt(g.clock.Now())
		case <-ctx.Done():
			turn.CancelAt(g.clock.Now())
			return ctx.Err()
		}
	}
}

func (g *gate) pauseLeft() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.pausedUntil.Sub(g.clock.Now()), 0)
}

// report takes in how a request that was sent at begun ended. What was sent before a
// pause began tells nothing new about the API: it neither lengthens that pause (unless
// the API names a time) nor counts as recovery.
func (g *gate) report(begun time.Time, failure *Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	stale := begun.Before(g.pausedUntil)
	switch {
	case failure == nil:
		if !stale {
			g.failures = 0
			g.throttling.reset()
			g.failing.reset()
		}
	case failure.Kind == Throttled && failure.RetryAfter > 0:
		g.throttle(failure.RetryAfter)
	case failure.Kind == Throttled:
		if !stale {
			g.throttle(g.throttling.grow())
		}
	case countsAsFailure(failure.Kind):
		g.failures++
		if g.failures >= failuresInARow && !stale {
			g.pause(g.failing.grow())
		}
	}
}

func (g *gate) throttle(wait time.Duration) {
	until := g.pause(wait)
	if more := until.Sub(later(g.throttled, g.clock.Now())); more > 0 {
		g.throttled = until
		g.observer.Throttled(more)
	}
}

// pause holds back all requests for at least wait from now on.
func (g *gate) pause(wait time.Duration) (until time.Time) {
	until = g.clock.Now().Add(wait)
	g.pausedUntil = later(g.pausedUntil, until)
	return until
}

func (g *gate) setLimits(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	g.slots = semaphore.NewWeighted(int64(l.Concurrency))
	g.limiter.SetLimitAt(now, rate.Limit(l.RequestsPerSecond))
	g.limiter.SetBurstAt(now, l.Burst)
	close(g.changed)
	g.changed = make(chan struct{})
}

// countsAsFailure says whether k speaks of the API as a whole being ill, rather than of
// one ticket or of the caller.
func countsAsFailure(k Kind) bool {
	return k == ServerError || k == Timeout || k == Unreachable || k == BadAnswer
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
