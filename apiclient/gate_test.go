package apiclient

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/clock"
)

// listening is an Observer that remembers.
type listening struct {
	mu        sync.Mutex
	throttled []time.Duration
}

func (l *listening) RequestDone(Endpoint, string, time.Duration) {}
func (l *listening) Answered(Endpoint, bool)                     {}
func (l *listening) TokenRefused(bool)                           {}
func (l *listening) Throttled(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.throttled = append(l.throttled, d)
}

// leastChance makes backoffs add nothing.
func leastChance() float64 { return 0 }

func testGate(l Limits) (*gate, *clock.Fake, *listening) {
	c, o := clock.NewFake(time.Unix(1e9, 0)), &listening{}
	return newGate(c, o, l.withDefaults(), 5*time.Minute, leastChance), c, o
}

func TestBackoffDoublesUpToItsEnd(t *testing.T) {
	t.Parallel()
	b := backoff{least: time.Second, most: 5 * time.Second, chance: leastChance}
	require.Equal(t, []time.Duration{1e9, 2e9, 4e9, 5e9, 5e9}, []time.Duration{b.grow(), b.grow(), b.grow(), b.grow(), b.grow()})
	b.reset()
	b.chance = func() float64 { return 0.9999 }
	require.InDelta(t, 1.25e9, b.grow(), 1e6)
	b.next = b.most
	require.Equal(t, b.most, b.grow(), "chance adds nothing above the end")
}

func TestPauses(t *testing.T) {
	t.Parallel()
	fail := func(k Kind) *Error { return &Error{Kind: k} }
	throttle := func(d time.Duration) *Error { return &Error{Kind: Throttled, RetryAfter: d} }
	type step struct {
		after  time.Duration // since the last step, or since the pause ended if negative
		result *Error
		pause  time.Duration // that is left then
	}
	repeat := func(n int, s step) []step {
		var steps []step
		for range n {
			steps = append(steps, s)
		}
		return steps
	}
	const pauseOver = -1
	tests := []struct {
		name      string
		steps     []step
		throttled time.Duration
	}{
		{"as long as the API says", []step{{0, throttle(7 * time.Second), 7 * time.Second}}, 7 * time.Second},
		{"the longer of two", []step{{0, throttle(7 * time.Second), 7 * time.Second}, {time.Second, throttle(2 * time.Second), 6 * time.Second}, {time.Second, throttle(10 * time.Second), 10 * time.Second}}, 12 * time.Second},
		{"429 that says nothing", []step{
			{0, fail(Throttled), time.Second}, {pauseOver, fail(Throttled), 2 * time.Second}, {pauseOver, fail(Throttled), 4 * time.Second},
			{pauseOver, nil, 0}, {0, fail(Throttled), time.Second},
		}, 8 * time.Second},
		{"429 of requests sent together", []step{{0, fail(Throttled), time.Second}, {0, fail(Throttled), time.Second}, {0, nil, time.Second}, {pauseOver, fail(Throttled), 2 * time.Second}}, 3 * time.Second},
		{"nine failures", append(repeat(9, step{0, fail(ServerError), 0}), step{0, nil, 0}, step{0, fail(Timeout), 0}), 0},
		{"ten failures", append(repeat(9, step{0, fail(Unreachable), 0}),
			step{0, fail(BadAnswer), time.Second}, step{pauseOver, fail(Timeout), 2 * time.Second}, step{pauseOver, nil, 0},
			step{0, fail(Timeout), 0}), 0},
		{"failures that say nothing of the API", repeat(30, step{0, fail(NotFound), 0}), 0},
		{"refusals are the keeper's", repeat(30, step{0, fail(Auth), 0}), 0},
		{"callers who gave up", repeat(30, step{0, fail(Canceled), 0}), 0},
		{"not for ever", append(repeat(9, step{0, fail(ServerError), 0}), append(repeat(20, step{pauseOver, fail(ServerError), -1}), step{pauseOver, fail(ServerError), 5 * time.Minute})...), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, c, o := testGate(Limits{})
			for i, s := range tt.steps {
				if s.after == pauseOver {
					s.after = g.pauseLeft()
				}
				c.Advance(s.after)
				g.report(c.Now(), s.result)
				if s.pause >= 0 {
					require.Equal(t, s.pause, g.pauseLeft(), "step %d", i)
				}
			}
			var sum time.Duration
			for _, d := range o.throttled {
				sum += d
			}
			require.Equal(t, tt.throttled, sum)
		})
	}
}

func TestEverybodyWaitsForThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(clock.System{}, discard{}, Limits{RequestsPerSecond: 100}.withDefaults(), time.Minute, leastChance)
		g.report(time.Now(), &Error{Kind: Throttled, RetryAfter: time.Minute})
		begun := time.Now()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				require.NoError(t, g.wait(t.Context()))
				require.Equal(t, 90*time.Second, time.Since(begun), "the pause was lengthened meanwhile")
			})
		}
		time.AfterFunc(30*time.Second, func() { g.report(time.Now(), &Error{Kind: Throttled, RetryAfter: time.Minute}) })
		wg.Wait()
	})
}

func TestRequestsArePaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(clock.System{}, discard{}, Limits{RequestsPerSecond: 2, Burst: 3}.withDefaults(), time.Minute, leastChance)
		begun := time.Now()
		for range 3 + 8 {
			require.NoError(t, g.wait(t.Context()))
		}
		require.Equal(t, 4*time.Second, time.Since(begun))
	})
}

func TestNewLimitsReachThoseThatWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(clock.System{}, discard{}, Limits{RequestsPerSecond: 0.001, Burst: 1}.withDefaults(), time.Minute, leastChance)
		require.NoError(t, g.wait(t.Context()))
		begun := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			require.NoError(t, g.wait(t.Context()))
		}()
		synctest.Wait()
		g.setLimits(Limits{RequestsPerSecond: 1, Burst: 1}.withDefaults())
		<-done
		require.LessOrEqual(t, time.Since(begun), 2*time.Second)
	})
}

func TestGivingUpGivesTheTurnBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(clock.System{}, discard{}, Limits{RequestsPerSecond: 1, Burst: 1}.withDefaults(), time.Minute, leastChance)
		require.NoError(t, g.wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		require.ErrorIs(t, g.wait(ctx), context.Canceled)
		begun := time.Now()
		require.NoError(t, g.wait(t.Context()))
		require.LessOrEqual(t, time.Since(begun), time.Second)

		g.report(time.Now(), &Error{Kind: Throttled, RetryAfter: time.Minute})
		require.ErrorIs(t, g.wait(ctx), context.Canceled)
	})
}

func TestOnlySoManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(clock.System{}, discard{}, Limits{Concurrency: 2}.withDefaults(), time.Minute, leastChance)
		var mu sync.Mutex
		inside, most := 0, 0
		visit := func() {
			leave, err := g.enter(t.Context())
			require.NoError(t, err)
			defer leave()
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			inside--
			mu.Unlock()
		}
		rush := func(limit int) {
			most = 0
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(visit)
			}
			wg.Wait()
			require.Equal(t, limit, most)
		}
		rush(2)
		g.setLimits(Limits{Concurrency: 3}.withDefaults())
		rush(3)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 4 { // a place may be given to one who has given up, but is not lost
			if leave, err := g.enter(ctx); err == nil {
				leave()
			}
		}
		rush(3)
	})
}
