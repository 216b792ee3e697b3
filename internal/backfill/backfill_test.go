package backfill_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ready is when the stores of these tests have their starting values.
var ready = time.Date(2026, 11, 2, 12, 0, 30, 0, time.UTC)

func at(d time.Duration) fact.Instant { return fact.At(ready.Add(d)) }

func open(t testing.TB) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(t.Context(), eventstore.Options{Dir: t.TempDir(), Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func now() time.Time { return ready.Add(10 * 24 * time.Hour) }

// start is what the store notes when its first pass ends, after the entry of that number.
func start(seq int64, objectives ...string) map[string]string {
	text := fmt.Sprintf("%d %d", at(0), seq)
	meta := map[string]string{"ready": fmt.Sprint(int64(at(0))), "start": text}
	for _, o := range objectives {
		meta["start "+o] = text
	}
	return meta
}

func settings() backfill.Settings {
	return backfill.Settings{Step: time.Minute, Backlog: true, Bounds: []float64{60, 3600}, UserNames: true, Now: now,
		Objectives: []tally.ObjectiveSetting{{Name: "first_response", Target: 80 * time.Minute}},
		Calendars:  []tally.CalendarSetting{{Name: "office", Calendar: office{}}},
		Logger:     slog.New(slog.DiscardHandler)}
}

// office is open in the first half of each hour.
type office struct{}

func (office) Open(at time.Time) bool                    { return at.Minute() < 30 }
func (office) NextChange(at time.Time) (time.Time, bool) { return at, false }

// small is a history with one of each.
func small() fact.Batch {
	entry := func(seq int64, when fact.Instant, action string, series int64) fact.Entry {
		return fact.Entry{Seq: seq, Ticket: 7, Time: when, Action: action, UserType: fact.Team, UserID: "ada", Result: fact.New, Series: series}
	}
	backlog := entry(4, at(-2*time.Minute), `say "hi"\`, 0)
	backlog.Ticket, backlog.Result, backlog.UserID = 8, fact.Backlog, "nobody's place"
	return fact.Batch{
		Series: []fact.Series{
			{ID: 1, Kind: fact.Events, Labels: [3]string{"reply_created", "ada", "team"}},
			{ID: 2, Kind: fact.Events, Labels: [3]string{"ticket_created", "", "client"}},
		},
		Entries: []fact.Entry{
			entry(1, at(-3*time.Minute), "ticket_created", 2),
			entry(2, at(-90*time.Second), "reply_created", 1),
			entry(3, at(-30*time.Second), "reply_created", 1), // on the grid
			backlog,
			entry(5, at(-2*time.Minute), "note_created", 1), // came to light later
		},
		Changes: []fact.Change{
			{Seq: 2, Ticket: 7, Time: at(-90 * time.Second), From: "open", To: "pending", Duration: 9e8, Counted: true, Decides: true},
			{Seq: 3, Ticket: 7, Time: at(-30 * time.Second), From: "open", To: "pending", Duration: fact.Unknown, Counted: true},
			{Seq: 1, Ticket: 7, Time: at(-30 * time.Second), From: "open", To: "open", Duration: fact.Unknown},
		},
		Outcomes: []fact.Outcome{
			{Ticket: 7, Objective: "first_response", Start: at(-3 * time.Minute), Breached: at(-2 * time.Minute), BreachSeq: 3,
				Stopped: at(time.Hour), StopSeq: 9, Duration: 1e11, Counted: true, Observed: true},
			{Ticket: 8, Objective: "first_response", Start: at(-3 * time.Minute), Breached: fact.Never,
				Stopped: at(-time.Minute), StopSeq: 3, Duration: 6e9, Counted: true, Observed: true},
			{Ticket: 9, Objective: "gone", Start: at(-3 * time.Minute), Breached: at(-2 * time.Minute), Counted: true, Stopped: fact.Never},
		},
		Users:      []fact.User{{ID: "ada", Type: fact.Team, Name: "Ada\nL", Placed: true}, {ID: "bob", Type: fact.Team, Name: "Bob", Placed: true}},
		Objectives: []fact.Objective{{Name: "first_response", Definition: "d", Since: fact.Never}},
		Meta:       start(3, "first_response"),
	}
}

func TestGolden(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Commit(t.Context(), small()))
	var b bytes.Buffer
	summary, err := backfill.Write(t.Context(), s, settings(), &b)
	require.NoError(t, err)
	require.EqualValues(t, strings.Count("\n"+b.String(), "\nsocialboards_"), summary.Samples)
	file := filepath.Join("testdata", "small.om")
	if *update {
		require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func TestWhatIsLeftOut(t *testing.T) {
	s := open(t)
	b := small()
	b.Objectives[0].Since = at(time.Hour) // its target was another one
	require.NoError(t, s.Commit(t.Context(), b))
	for name, tc := range map[string]struct {
		change func(*backfill.Settings)
		absent []string
		stays  string
	}{
		"unless backlog is asked for":  {func(s *backfill.Settings) { s.Backlog = false }, []string{"backlog", "say"}, "reply_created"},
		"names, unless they are shown": {func(s *backfill.Settings) { s.UserNames = false }, []string{"user_name", "Ada"}, "socialboards_user_info{"},
		"action types that are hidden": {func(s *backfill.Settings) { s.ActionTypes = []string{"ticket_created"} }, []string{"reply_created", "user_info{"}, "ticket_created"},
		"targets that have changed":    {func(*backfill.Settings) {}, []string{"target_seconds{"}, "sla_clocks_total{"},
		"objectives not judged by yet": {func(s *backfill.Settings) { s.Objectives[0].Name = "new" }, []string{"sla_clocks", `"new"`}, "reply_created"},
		"what is older than from": {func(s *backfill.Settings) { s.From = ready.Add(-time.Minute) },
			[]string{fmt.Sprint(ready.Add(-90 * time.Second).Unix())}, fmt.Sprint(ready.Add(-30 * time.Second).Unix())},
		"what is not older than to": {func(s *backfill.Settings) { s.To = ready.Add(-time.Minute) },
			[]string{fmt.Sprint(ready.Add(-30 * time.Second).Unix())}, fmt.Sprint(ready.Add(-90 * time.Second).Unix())},
	} {
		t.Run(name, func(t *testing.T) {
			set := settings()
			tc.change(&set)
			var b bytes.Buffer
			_, err := backfill.Write(t.Context(), s, set, &b)
			require.NoError(t, err)
			for _, text := range tc.absent {
				require.NotContains(t, b.String(), text)
			}
			require.Contains(t, b.String(), tc.stays)
		})
	}
}

func TestErrors(t *testing.T) {
	empty, full := open(t), open(t)
	require.NoError(t, full.Commit(t.Context(), small()))
	nothing := open(t)
	require.NoError(t, nothing.Commit(t.Context(), fact.Batch{Meta: start(0)}))
	for name, tc := range map[string]struct {
		store  *eventstore.Store
		change func(*backfill.Settings)
		is     error
		says   string
	}{
		"first pass":    {empty, func(*backfill.Settings) {}, backfill.ErrNotReady, "first pass"},
		"nothing":       {nothing, func(*backfill.Settings) {}, backfill.ErrEmpty, "nothing that was counted happened"},
		"from after to": {full, func(s *backfill.Settings) { s.From, s.To = ready.Add(-time.Hour), ready.Add(-2*time.Hour) }, backfill.ErrEmpty, "--from 2026-11-02T11:00:30Z is not before --to 2026-11-02T10:00:30Z"},
		"from too late": {full, func(s *backfill.Settings) { s.From = ready }, backfill.ErrEmpty, "from when on Prometheus has the live series"},
		"to too early":  {full, func(s *backfill.Settings) { s.To = ready.Add(-time.Hour) }, backfill.ErrEmpty, "nothing that was counted happened before --to"},
		"no step":       {full, func(s *backfill.Settings) { s.Step = 0 }, nil, "step 0s: not between 1s and 1d"},
		"broken second": {full, func(s *backfill.Settings) { s.Step = 1500 * time.Millisecond }, nil, "whole seconds"},
		"long step":     {full, func(s *backfill.Settings) { s.Step = 25 * time.Hour }, nil, "not between 1s and 1d"},
	} {
		t.Run(name, func(t *testing.T) {
			set := settings()
			tc.change(&set)
			for _, write := range []func() error{
				func() error { _, err := backfill.Write(t.Context(), tc.store, set, io.Discard); return err },
				func() error { _, err := backfill.WriteFiles(t.Context(), tc.store, set, t.TempDir()); return err },
			} {
				err := write()
				require.ErrorContains(t, err, tc.says)
				if tc.is != nil {
					require.ErrorIs(t, err, tc.is)
				}
			}
		})
	}
}

// full is a disk that has no space after some bytes.
type full struct{ left int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAFullDiskEndsIt(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Commit(t.Context(), small()))
	set := settings()
	set.From, set.Step = ready.AddDate(0, -1, 0), time.Second
	_, err := backfill.Write(t.Context(), s, set, &full{1000})
	require.ErrorIs(t, err, errFull)
}

func TestWhoStopsItIsHeard(t *testing.T) {
	s := open(t)
	require.NoError(t, s.Commit(t.Context(), small()))
	ctx, cancel := context.WithCancel(t.Context())
	set := settings()
	told := 0
	set.Progress = func(backfill.Progress) { told++; cancel() }
	dir := t.TempDir()
	_, err := backfill.WriteFiles(ctx, s, set, dir)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, told)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "half a file")
}

// long commits a history of n entries, spread over thirty days before the start.
func long(t testing.TB, n int) *eventstore.Store {
	t.Helper()
	s := open(t)
	var b fact.Batch
	for id := range int64(20) {
		b.Series = append(b.Series, fact.Series{ID: id + 1, Kind: fact.Events, Labels: [3]string{fmt.Sprint("action", id), "", "client"}})
	}
	for i := range n {
		b.Entries = append(b.Entries, fact.Entry{Seq: int64(i + 1), Ticket: int64(i/20 + 1), Action: "a", Ordinal: i % 20,
			Time: at(-time.Duration(i*7919%n)*(30*24*time.Hour/time.Duration(n)) - time.Second), UserType: "client", Result: fact.New, Series: int64(i%20 + 1)})
	}
	b.Meta = start(int64(n))
	require.NoError(t, s.Commit(t.Context(), b))
	return s
}

// What is kept in memory does not depend on how much has happened: ten times the history
// takes no more.
func TestMemoryDoesNotGrowWithHistory(t *testing.T) {
	if *heavy {
		t.Logf("1,000,000 entries: %d kB", kept(t, 1_000_000)/1024)
	}
	few, many := kept(t, 2_000), kept(t, 20_000)
	require.Less(t, many, few+512*1024, "%d B with 2,000 entries, %d B with 20,000", few, many)
}

var heavy = flag.Bool("heavy", false, "measure the memory of a large history, too")

// kept gives how much the heap has grown in the middle of the writing at most.
func kept(t *testing.T, n int) uint64 {
	s := long(t, n)
	set := settings()
	set.Step = time.Hour
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	set.Progress = func(backfill.Progress) {
		runtime.GC()
		runtime.ReadMemStats(&during)
		most = max(most, during.HeapAlloc-min(before.HeapAlloc, during.HeapAlloc))
	}
	_, err := backfill.Write(t.Context(), s, set, io.Discard)
	require.NoError(t, err)
	runtime.KeepAlive(s)
	return most
}

func BenchmarkWriteAMonthOf100000Entries(b *testing.B) {
	s := long(b, 100_000)
	for b.Loop() {
		summary, err := backfill.Write(b.Context(), s, settings(), io.Discard)
		require.NoError(b, err)
		b.ReportMetric(float64(summary.Samples), "samples/op")
	}
}
