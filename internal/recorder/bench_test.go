package recorder

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// shelf is a store that only holds contents.
type shelf struct {
	contents eventstore.Contents
	history  func(int64) fact.History
}

func (s shelf) Commit(context.Context, fact.Batch) error                { return nil }
func (s shelf) Outline(context.Context) (eventstore.Contents, error)    { return s.contents, nil }
func (s shelf) Tickets(context.Context, []int64) ([]fact.Ticket, error) { return nil, nil }
func (s shelf) Stage(context.Context, fact.Batch) error                 { return nil }
func (s shelf) TicketIDs(context.Context, bool) ([]int64, error)        { return nil, nil }
func (s shelf) Sums(context.Context) (eventstore.Sums, error)           { return eventstore.Sums{}, nil }
func (s shelf) KeepSums(context.Context, string) error                  { return nil }
func (s shelf) Renew(_ context.Context, cause error) error              { return cause }
func (s shelf) EachTicket(_ context.Context, f func(fact.Ticket) error) error {
	for _, t := range s.contents.Tickets {
		if err := f(t); err != nil {
			return err
		}
	}
	return nil
}
func (s shelf) EachChange(context.Context, func(fact.Change) error) error { return nil }
func (s shelf) EachOutcome(context.Context, func(fact.Outcome) error) error {
	return nil
}
func (s shelf) History(_ context.Context, id int64) (fact.History, error) { return s.history(id), nil }

// BenchmarkMemory measures what a followed ticket costs in memory, in the recorder and
// the tally together.
func BenchmarkMemory(b *testing.B) {
	const tickets = 20_000
	for _, done := range []bool{true, false} {
		b.Run(fmt.Sprintf("done=%t", done), func(b *testing.B) {
			now := fact.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
			rows := make([]fact.Ticket, tickets)
			for i := range rows {
				t := (&Recorder{}).newTicket(int64(i+1), byID, fact.Never, fact.Ticket{})
				t.ReadAt, t.SeenAt, t.LookedAt, t.LastEntry, t.Created, t.Since = now, now, now, now, now, now
				t.Status, t.ListStatus, t.Source, t.Done = map[bool]string{true: "completed", false: "open"}[done], "open", "web", done
				if done {
					t.ListStatus = t.Status
				}
				rows[i] = t
			}
			ids := make([]int64, tickets)
			for i := range ids {
				ids[i] = int64(i + 1)
			}
			s := shelf{eventstore.Contents{Tickets: rows, Meta: map[string]string{metaReady: text(now)}},
				func(id int64) fact.History { return fact.History{Ticket: rows[id-1]} }}
			set := Settings{TicketIDs: ids, Shard: Shard{Total: 1, Since: fact.Never}, Done: []string{"completed"}}
			for range b.N {
				before := heap()
				r, err := Open(b.Context(), s, set, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(heap()-before)/tickets, "B/ticket")
				runtime.KeepAlive(r)
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
