package exporter

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
	"socialboards_exporter/internal/web"
)

// inbox is a hundred thousand followed tickets, one in twenty of them live. Tickets of a
// page come from memory: what the store takes for a hundred of them is not measured.
type inbox struct {
	poll.Recorder
	clock *clock.Fake
	tally *tally.Tally
	poll  *poll.Poller
}

func newInbox() *inbox {
	i := &inbox{clock: clock.NewFake(monday()), tally: tally.New(tally.Settings{Statuses: []string{"open", "completed"}})}
	i.tally.Update(func(u *tally.Update) {
		i.each(func(id int64, done bool) {
			s := tally.TicketState{ID: id, Status: "completed", Done: done, Read: true}
			if !done {
				due := fact.At(monday().Add(time.Duration(id%7919) * time.Second))
				s.Status, s.Assignee, s.Clocks = "open", fmt.Sprint("user ", id%300), []tally.ClockState{{Objective: "answer", Due: due, Warning: fact.Never}}
			}
			u.Ticket(s)
		})
	})
	i.poll = poll.New(poll.Options{Recorder: i, Clock: i.clock, Settings: poll.Settings{Interval: 30 * time.Second, MaxInterval: 15 * time.Minute,
		ReadMaxInterval: 6 * time.Hour, DoneMaxInterval: 24 * time.Hour, DoneFor: 90 * 24 * time.Hour, RequestRate: 5, Concurrency: 4}})
	i.poll.NextDue()
	return i
}

func (i *inbox) each(take func(id int64, done bool)) {
	for id := range int64(100_000) {
		take(4_000_000+id, id%20 > 0)
	}
}

func (i *inbox) Tickets(_ context.Context, take func(poll.State)) error {
	i.each(func(id int64, done bool) {
		at := i.clock.Now().Add(-time.Duration(id%86_400) * time.Second)
		take(poll.State{ID: id, Done: done, DoneSince: at, LookedAt: at, ReadAt: at, FullReadAt: at, LastEntry: at.Add(-time.Hour)})
	})
	return nil
}

// source shows the inbox.
type source struct{ *inbox }

func (s source) List(polls bool) iter.Seq[web.Listed] {
	return list(s.tally, s.poll, s.clock.Now, polls)
}

func (s source) Tickets(_ context.Context, ids []int64) ([]web.Ticket, error) {
	all := make([]web.Ticket, 0, len(ids))
	for _, id := range ids {
		all = append(all, web.Ticket{ID: id, Status: "open", Since: monday()})
	}
	return all, nil
}

func (s source) Absent(context.Context, int64) (string, error) { return "", nil }

func (s source) Now() time.Time { return s.clock.Now() }

// BenchmarkTicketsPage serves pages of a hundred thousand tickets.
func BenchmarkTicketsPage(b *testing.B) {
	h, err := web.New(web.Options{Tickets: source{newInbox()}, Metrics: http.NotFoundHandler()})
	require.NoError(b, err)
	for _, query := range []string{"sort=due", "sort=-status", "sort=next", "sort=due&show=live", "sort=due&q=user+7", "sort=next&page=1000"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/tickets?format=json&"+query, nil))
				require.Equal(b, http.StatusOK, w.Code)
				_, err := io.Copy(io.Discard, w.Body)
				require.NoError(b, err)
			}
		})
	}
}
