package recorder_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
)

// BenchmarkIdle measures what it takes to follow the tickets of BenchmarkScale, whose store
// it shares, while nothing happens: the schedule, the recorder and the store, for a simulated
// day after one in which they come into step, without HTTP and decoding.
func BenchmarkIdle(b *testing.B) {
	dir := *scaleDir
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "store")
	}
	scaleStore(b, dir)
	s := openScale(b, dir)
	quiet := &quietInbox{Fake: clock.NewFake(scaleNow().Add(20 * 24 * time.Hour))}
	r, err := recorder.Open(b.Context(), s, scaleSettings(), quiet.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(b, err)
	set := scalePolling()
	set.Selections = []poll.Selection{{Key: "all", Complete: scaleNow()}}
	p := poll.New(poll.Options{Source: quiet, Recorder: r, Observer: unwatched{}, Clock: quiet, Settings: set})
	p.NextDue() // loads what is followed
	const day = 24 * time.Hour
	quiet.run(b, p, day)
	for b.Loop() {
		begun, requests := scaleCPU(b), quiet.requests
		quiet.run(b, p, day)
		b.ReportMetric(100*(scaleCPU(b)-begun).Seconds()/day.Seconds(), "%-of-a-core")
		b.ReportMetric(float64(quiet.requests-requests)/day.Seconds(), "requests/s")
	}
	require.NoError(b, r.KeepSums(b.Context()))
	require.NoError(b, s.Close())
}

// quietInbox is the inbox of BenchmarkScale, and its clock. Live tickets match the selection.
type quietInbox struct {
	*clock.Fake
	requests int
}

// run lets the schedule work.
func (q *quietInbox) run(b *testing.B, p *poll.Poller, long time.Duration) {
	b.Helper()
	for until := q.Now().Add(long); q.Now().Before(until); {
		did, err := p.Step(b.Context())
		require.NoError(b, err)
		if did {
			continue
		}
		next, ok := p.NextDue()
		if !ok || next.After(until) {
			next = until
		}
		q.Set(next)
	}
}

// send takes as long as it takes until another request is allowed.
func (q *quietInbox) send() time.Time {
	begun := q.Now()
	q.requests++
	q.Advance(200 * time.Millisecond)
	return begun
}

// List is poll.Source's.
func (q *quietInbox) List(_ context.Context, query apiclient.ListQuery) ([]apiclient.Ticket, error) {
	q.send()
	var page []apiclient.Ticket
	for _, id := range query.TicketIDs {
		t, _ := scaleTicket(id - firstScaleTicket)
		page = append(page, t)
	}
	if len(query.TicketIDs) > 0 {
		return page, nil
	}
	for id := int64(query.Skip) * 20; id < int64(*scaleTickets) && len(page) < query.Take; id += 20 {
		t, _ := scaleTicket(id)
		page = append(page, t)
	}
	return page, nil
}

// ReadLog is poll.Source's. The log fits on a page; that nothing stands below takes another.
func (q *quietInbox) ReadLog(_ context.Context, id int64, query apiclient.LogQuery) (apiclient.Reading, error) {
	begun := q.send()
	if query.ToEnd {
		q.send()
	}
	id -= firstScaleTicket
	_, done := scaleTicket(id)
	return apiclient.Reading{Begun: begun, ReachedEnd: query.ToEnd, Entries: scaleLog(id, *scaleEntries, done)}, nil
}

// unwatched is an Observer that is not interested.
type unwatched struct{}

func (unwatched) ReadDone(int64, poll.Trigger, time.Time) {}
func (unwatched) ReadFailed(int64, string, error)         {}
func (unwatched) LookDone([]int64, time.Time)             {}
func (unwatched) RecordFailed(error)                      {}
