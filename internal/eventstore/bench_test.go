package eventstore_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// Scales of the benchmarks; a large store is measured with
// go test -bench Load -benchtime 3x ./internal/eventstore -args -entries 5000000 -tickets 100000
var (
	benchEntries = flag.Int("entries", 100_000, "entries in the store of BenchmarkLoad")
	benchTickets = flag.Int("tickets", 5_000, "tickets in it")
)

// reading is a typical small reading: one ticket, one entry that changes its status.
func reading(seq int64, tickets int) fact.Batch {
	const hour = 36_000_000_000
	ticket := 4_000_000 + seq%int64(tickets)
	at := fact.Instant(17_000_000_000_000_000 + seq*hour/100 + seq%9_999_991)
	b := fact.Batch{
		Entries: []fact.Entry{{Seq: seq, Ticket: ticket, Time: at, Action: fmt.Sprintf("action_%d", seq%12),
			UserType: fact.Team, UserID: fmt.Sprintf("5f0c0000-0000-4000-8000-%012d", seq%300), Result: fact.New, Series: 1 + seq%300}},
		Tickets: []fact.Ticket{ticketRow(ticket, at)},
		Counts:  map[string]uint64{"new": 1},
	}
	if seq%5 == 0 {
		b.Entries[0].From, b.Entries[0].To = "Open", "Pending"
		b.Changes = []fact.Change{{Seq: seq, Ticket: ticket, Time: at, From: "open", To: "pending", Duration: hour, Decides: true, Counted: true}}
	}
	return b
}

func ticketRow(id int64, at fact.Instant) fact.Ticket {
	return fact.Ticket{ID: id, Found: fact.Never, Until: fact.Never, Departed: fact.Never, Origins: []string{"status=open"},
		Created: at, ListStatus: "open", Assignee: "5f0c0000-0000-4000-8000-000000000001", Source: "web", Category: 33527, Tags: []string{"vip"},
		LookedAt: at, SeenAt: at, ReadAt: at, FullReadAt: at, LastEntry: at, SeenPrint: 1 << 63, ReadPrint: 1 << 63, Status: "open", Since: at}
}

func seriesRows(n int64) []fact.Series {
	rows := make([]fact.Series, 0, n)
	for id := int64(1); id <= n; id++ {
		rows = append(rows, fact.Series{ID: id, Kind: fact.Events, Labels: [3]string{"action", fmt.Sprint(id), "team"}})
	}
	return rows
}

func BenchmarkCommit(b *testing.B) {
	s := openBench(b, b.TempDir())
	require.NoError(b, s.Commit(b.Context(), fact.Batch{Series: seriesRows(300)}))
	seq := int64(0)
	for b.Loop() {
		seq++
		require.NoError(b, s.Commit(b.Context(), reading(seq, *benchTickets)))
	}
}

func openBench(b *testing.B, dir string) *eventstore.Store {
	b.Helper()
	s, err := eventstore.Open(context.Background(), eventstore.Options{Dir: dir, Account: account()})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s
}

// fill makes a store of n entries, fifty to a batch.
func fill(b *testing.B, dir string, n, tickets int) {
	b.Helper()
	s, err := eventstore.Open(b.Context(), eventstore.Options{Dir: dir, Account: account()})
	require.NoError(b, err)
	require.NoError(b, s.Commit(b.Context(), fact.Batch{Series: seriesRows(300)}))
	var batch fact.Batch
	for seq := 1; seq <= n; seq++ {
		one := reading(int64(seq), tickets)
		batch.Entries = append(batch.Entries, one.Entries...)
		batch.Changes = append(batch.Changes, one.Changes...)
		if seq <= tickets {
			batch.Tickets = append(batch.Tickets, one.Tickets...)
		}
		if seq%1000 == 0 || seq == n {
			require.NoError(b, s.Commit(b.Context(), batch))
			batch = fact.Batch{}
		}
	}
	require.NoError(b, s.Close())
}

func BenchmarkLoad(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "store")
	fill(b, dir, *benchEntries, *benchTickets)
	var s *eventstore.Store
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			var err error
			s, err = eventstore.Open(b.Context(), eventstore.Options{Dir: dir, Account: account()})
			require.NoError(b, err)
			require.NoError(b, s.Close())
		}
	})
	s = openBench(b, dir)
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Load(b.Context())
			require.NoError(b, err)
		}
		bytes, err := s.Size()
		require.NoError(b, err)
		b.ReportMetric(float64(bytes)/float64(*benchEntries), "bytes/entry")
	})
	b.Run("history", func(b *testing.B) {
		for b.Loop() {
			_, err := s.History(b.Context(), 4_000_001)
			require.NoError(b, err)
		}
	})
	b.Run("changes", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, s.EachChange(b.Context(), func(fact.Change) error { return nil }))
		}
	})
	b.Run("entries", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, s.EachEntry(b.Context(), func(fact.Entry) error { return nil }))
		}
	})
}
