package poll

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// slow is a world whose requests and recordings take real time, which in a test bubble
// passes at once.
type slow struct {
	*world
	request, record     time.Duration
	readsTake           time.Duration // beyond that
	now, most, parallel atomic.Int32
	begun               atomic.Int32
}

func (s *slow) List(ctx context.Context, q apiclient.ListQuery) ([]apiclient.Ticket, error) {
	if err := s.wait(ctx, s.request); err != nil {
		return nil, err
	}
	return s.world.List(ctx, q)
}

func (s *slow) ReadLog(ctx context.Context, id int64, q apiclient.LogQuery) (apiclient.Reading, error) {
	begun := time.Now()
	if err := s.wait(ctx, s.request+s.readsTake); err != nil {
		return apiclient.Reading{}, err
	}
	r, err := s.world.ReadLog(ctx, id, q)
	r.Begun = begun
	return r, err
}

// wait takes the time of a request, and keeps count of how many there are at once.
func (s *slow) wait(ctx context.Context, d time.Duration) error {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	select {
	case <-ctx.Done():
		return &apiclient.Error{Kind: apiclient.Canceled, Err: ctx.Err()}
	case <-time.After(d):
		return nil
	}
}

func (s *slow) Read(ctx context.Context, id int64, r apiclient.Reading) (State, bool, error) {
	s.begun.Add(1)
	if s.parallel.Add(1) > 1 {
		panic("two recordings at once")
	}
	defer s.parallel.Add(-1)
	<-time.After(s.record)
	return s.world.Read(ctx, id, r)
}

func asItIs(*slow) {}

// inBubble runs a poller over a slow world until the test ends it.
func inBubble(t *testing.T, tickets int, prepare func(s *slow), f func(t *testing.T, s *slow, p *Poller, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for id := range int64(tickets) {
			w.add(id+1, time.Now().Add(-1000*hour))
		}
		s := &slow{world: w, request: 100 * time.Millisecond, record: 10 * time.Millisecond}
		prepare(s)
		p := New(Options{Source: s, Recorder: s, Observer: watcher{w}, Clock: clock.System{}, Settings: defaults(), Seed: 1})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		f(t, s, p, func() {
			cancel()
			require.NoError(t, <-ended)
		})
	})
}

// pass lets time pass in a bubble.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	<-time.After(d)
	synctest.Wait()
}

func TestRunReadsWithAsManyRequestsAtOnceAsConfigured(t *testing.T) {
	inBubble(t, 40, asItIs, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, 3*time.Second)
		require.Zero(t, s.unread())
		require.Equal(t, int32(4), s.most.Load())
		stop()
	})
}

// Requests may wait for very long; what was recorded before does not wait with them.
func TestWhatWasRecordedIsFlushedWhileRequestsWait(t *testing.T) {
	inBubble(t, 40, func(s *slow) { s.readsTake = hour }, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, longestNap+time.Second)
		require.Equal(t, int32(4), s.now.Load(), "requests under way")
		s.mu.Lock()
		flushes := s.flushes
		s.mu.Unlock()
		require.Positive(t, flushes)
		require.LessOrEqual(t, flushes, 3)
		stop()
	})
}

func TestRunFollowsAWebhookAtOnce(t *testing.T) {
	inBubble(t, 1, asItIs, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, 5*time.Second)
		before := len(s.recorded())
		require.True(t, p.Notify(1))
		require.False(t, p.Notify(2))
		pass(t, 200*time.Millisecond)
		require.Len(t, s.recorded(), before+1)
		require.Equal(t, Webhook, s.recorded()[before].trigger)
		stop()
	})
}

func TestAWebhookDuringAReadIsFollowedByAnotherRead(t *testing.T) {
	inBubble(t, 1, asItIs, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, 5*time.Second)
		before := len(s.recorded())
		p.Notify(1)
		pass(t, 50*time.Millisecond) // the read is under way
		p.Notify(1)
		pass(t, 2*time.Second)
		require.Len(t, s.recorded(), before+2)
		stop()
	})
}

func TestRunEndsAfterTheRecordingInHand(t *testing.T) {
	inBubble(t, 1, func(s *slow) { s.record = 3 * time.Second }, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, time.Second) // the log was answered and is being recorded
		require.Equal(t, int32(1), s.begun.Load())
		require.Empty(t, s.recorded())
		stop()
		require.Len(t, s.recorded(), 1, "the recording in hand was cut short")
		require.Empty(t, s.failures)
		require.Zero(t, s.recordFailures)
	})
}

func TestRunEndsAtOnceWhileItWaitsForAnAnswer(t *testing.T) {
	inBubble(t, 20, func(s *slow) { s.request = time.Hour }, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, time.Second)
		began := time.Now()
		stop()
		require.Zero(t, time.Since(began))
		require.Empty(t, s.failures, "to be stopped is no failure of a ticket")
		require.Equal(t, 20, s.unread())
		did, err := p.Step(contextEnded())
		require.False(t, did)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func contextEnded() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// A ticket may depart by a list while its log is being read.
func TestAReadingOfADepartedTicketIsNotRecorded(t *testing.T) {
	inBubble(t, 1, func(s *slow) {
		s.onLook = func(th *thing) { th.followed = false }
		s.readsTake = 10 * time.Second
	}, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, time.Minute)
		require.Empty(t, s.recorded())
		_, followed := p.Ticket(1)
		require.False(t, followed)
		stop()
	})
}

func TestRunNoticesThatTheClockWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.settled(1, time.Now().Add(-1000*hour))
		shifted := &shiftedClock{}
		p := New(Options{Source: w, Recorder: w, Observer: watcher{w}, Clock: shifted, Settings: defaults(), Seed: 1})
		w.things[1].lookedAt, w.things[1].readAt, w.things[1].fullReadAt = time.Now(), time.Now(), time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		pass(t, time.Minute)
		require.Zero(t, w.lookRequests())
		shifted.by.Store(int64(time.Hour))
		pass(t, longestNap)
		require.Equal(t, 1, w.lookRequests())
		cancel()
		require.NoError(t, <-ended)
	})
}

// shiftedClock is a machine's clock that is set while timers go on.
type shiftedClock struct{ by atomic.Int64 }

func (c *shiftedClock) Now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

func (c *shiftedClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func TestRunBeginsOnceTheTicketsCanBeRead(t *testing.T) {
	inBubble(t, 2, func(s *slow) { s.unreadable = 2 }, func(t *testing.T, s *slow, p *Poller, stop func()) {
		pass(t, 2*time.Second)
		require.Equal(t, 2, s.recordFailures)
		require.Zero(t, s.most.Load(), "something was asked for that nobody follows")
		require.True(t, p.Notify(1), "it may be followed")
		pass(t, 3*time.Second)
		require.Len(t, s.recorded(), 2)
		stop()
	})
	inBubble(t, 2, func(s *slow) { s.unreadable = 1000 }, func(t *testing.T, _ *slow, _ *Poller, stop func()) {
		pass(t, time.Minute)
		stop()
	})
}
