package recorder_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/tally"
)

// Scales of BenchmarkScale. The figures in the documentation are those of
// go test -run '^$' -bench Scale -benchtime 1x ./internal/recorder -args -scale.tickets 100000 -scale.dir /var/tmp/scale
// run twice: the first run makes the store, which takes minutes.
var (
	scaleTickets = flag.Int("scale.tickets", 2000, "tickets in the store of BenchmarkScale, one in twenty of them live")
	scaleEntries = flag.Int("scale.entries", 50, "entries of each ticket")
	scaleDir     = flag.String("scale.dir", "", "where the store is, or is made and kept; empty: a temporary directory")
)

const firstScaleTicket = 4_000_000

func scaleNow() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func scaleSettings() recorder.Settings {
	s := recorder.Settings{
		Selections: []string{"all"}, Done: []string{"completed"}, UserLimit: 1000,
		Shard: recorder.Shard{Total: 1, Since: fact.Never}, Definitions: map[string]string{},
		Tally: tally.Settings{Bounds: []float64{60, 300, 900, 3600, 14400, 86400, 604800}, Native: true},
	}
	for name, measure := range map[string]ledger.Measure{"first": ledger.FirstResponse, "solved": ledger.Resolution} {
		s.Objectives = append(s.Objectives, ledger.Objective{Name: name, Measure: measure, Target: 48 * time.Hour, WarnAt: 0.8, Since: fact.Never})
		s.Definitions[name] = name
		s.Tally.Objectives = append(s.Tally.Objectives, tally.ObjectiveSetting{Name: name, Target: 48 * time.Hour})
	}
	return s
}

func scalePolling() poll.Settings {
	return poll.Settings{Interval: 30 * time.Second, MaxInterval: 15 * time.Minute,
		ReadMaxInterval: 6 * time.Hour, DoneMaxInterval: 24 * time.Hour, DoneFor: 90 * 24 * time.Hour, RequestRate: 5, Concurrency: 4}
}

// scaleLog is the log of a ticket, newest first: a fifth are changes of status, the rest
// replies and notes.
func scaleLog(id int64, entries int, done bool) []apiclient.Entry {
	begin := scaleNow().Add(-time.Duration(entries)*time.Hour - time.Duration(id%1_000_000)*time.Second)
	client := &apiclient.User{ID: "c", Status: "client"}
	user := &apiclient.User{ID: fmt.Sprintf("5f0c0000-0000-4000-8000-%012d", id%300), Name: fmt.Sprint("User ", id%300), Status: "team"}
	status := []string{"Open", "Pending"}
	log := make([]apiclient.Entry, entries)
	for i := range log {
		e := apiclient.Entry{Time: begin.Add(time.Duration(i) * time.Hour), ActionType: "reply_created", User: user}
		switch {
		case i == 0:
			e.ActionType, e.User = "ticket_created", client
		case i == entries-1 && done:
			e.ActionType, e.Action = "ticket_status_changed", fmt.Sprintf("changed from %q to %q", status[i/5%2], "Completed")
		case i%5 == 0:
			e.ActionType, e.Action = "ticket_status_changed", fmt.Sprintf("changed from %q to %q", status[(i/5+1)%2], status[i/5%2])
		case i%3 == 0:
			e.ActionType = "note_created"
		}
		log[entries-1-i] = e
	}
	return log
}

func scaleTicket(id int64) (t apiclient.Ticket, done bool) {
	done = id%20 != 0
	t = apiclient.Ticket{ID: firstScaleTicket + id, Status: []string{"open", "pending"}[(*scaleEntries-1)/5%2], Source: "web", CategoryID: 33527,
		AssigneeID: fmt.Sprintf("5f0c0000-0000-4000-8000-%012d", id%300), Created: scaleNow().Add(-1000 * time.Hour), Tags: []string{"vip"}}
	if done {
		t.Status = "completed"
	}
	return t, done
}

// scaleStore makes the store as the exporter itself would.
func scaleStore(b *testing.B, dir string) {
	b.Helper()
	if _, err := os.Stat(filepath.Join(dir, "events.db")); err == nil {
		return
	}
	s := openScale(b, dir)
	r, err := recorder.Open(b.Context(), s, scaleSettings(), scaleNow, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(b, err)
	var page []apiclient.Ticket
	for id := range int64(*scaleTickets) {
		t, _ := scaleTicket(id)
		page = append(page, t)
		if len(page) == 50 || int(id) == *scaleTickets-1 {
			_, _, err := r.Discovered(b.Context(), "all", scaleNow(), page)
			require.NoError(b, err)
			page = nil
		}
	}
	begun := scaleCPU(b)
	for id := range int64(*scaleTickets) {
		t, done := scaleTicket(id)
		_, _, err := r.Read(b.Context(), t.ID, apiclient.Reading{Begun: scaleNow().Add(time.Second), ReachedEnd: true, Entries: scaleLog(id, *scaleEntries, done)})
		require.NoError(b, err)
	}
	read := scaleCPU(b)
	require.NoError(b, r.SelectionRead(b.Context(), "all", scaleNow()))
	b.ReportMetric((read-begun).Seconds()*1e6/float64(*scaleTickets), "cpu-us/first-read")
	b.ReportMetric((scaleCPU(b)-read).Seconds()*1e6/float64(*scaleTickets), "cpu-us/first-pass-end")
	require.True(b, r.Ready())
	require.NoError(b, s.Close())
}

func openScale(b *testing.B, dir string) *eventstore.Store {
	b.Helper()
	s, err := eventstore.Open(b.Context(), eventstore.Options{Dir: dir, Account: eventstore.Account{BaseURL: "https://api.example.org", ClientID: "client"}})
	require.NoError(b, err)
	return s
}

// BenchmarkScale measures a start on a store of many tickets, and what the process takes
// up afterwards.
func BenchmarkScale(b *testing.B) {
	dir := *scaleDir
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "store")
	}
	scaleStore(b, dir)
	for range b.N {
		before := scaleHeap()
		begun := scaleCPU(b)
		s := openScale(b, dir)
		opened := scaleCPU(b)
		r, err := recorder.Open(b.Context(), s, scaleSettings(), scaleNow, slog.New(slog.NewTextHandler(io.Discard, nil)))
		require.NoError(b, err)
		require.True(b, r.Ready())
		loaded := scaleCPU(b)
		peak := scaleRSS(b)
		kept := scaleHeap()
		p := poll.New(poll.Options{Recorder: r, Clock: stopped{}, Settings: scalePolling()})
		polling := scaleCPU(b)
		p.NextDue()
		b.ReportMetric((scaleCPU(b) - polling).Seconds(), "cpu-s-schedule")
		b.ReportMetric((opened - begun).Seconds(), "cpu-s-open")
		b.ReportMetric((loaded - opened).Seconds(), "cpu-s-load")
		n := float64(*scaleTickets)
		all := scaleHeap()
		b.ReportMetric(float64(kept-before)/n, "B/ticket-recorder")
		b.ReportMetric(float64(all-kept)/n, "B/ticket-poll")
		b.ReportMetric(peak, "MB-rss-loaded")
		b.ReportMetric(scaleRSS(b), "MB-rss")
		scaleWork(b, r)
		require.NoError(b, r.KeepSums(b.Context()))
		runtime.KeepAlive(p)
		require.NoError(b, s.Close())
	}
}

// scaleWork measures what it takes to record that nothing has happened to done tickets:
// with 100,000 of them that is about all there is to do, once a day for each.
func scaleWork(b *testing.B, r *recorder.Recorder) {
	b.Helper()
	const n = 100
	var ids []int64
	var found []apiclient.Ticket
	var readings []apiclient.Reading
	for id := int64(1); len(ids) < n; id++ {
		if t, done := scaleTicket(id); done {
			ids, found = append(ids, t.ID), append(found, t)
			readings = append(readings, apiclient.Reading{Begun: scaleNow().Add(time.Hour), Entries: scaleLog(id, *scaleEntries, true)})
		}
	}
	begun := scaleCPU(b)
	for i := 0; i < n; i += 50 {
		_, err := r.Looked(b.Context(), scaleNow().Add(time.Minute), ids[i:i+50], found[i:i+50])
		require.NoError(b, err)
	}
	b.ReportMetric((scaleCPU(b)-begun).Seconds()*1e6/n, "cpu-us/look")
	begun = scaleCPU(b)
	for i, id := range ids {
		_, err := r.Known(b.Context(), id)
		require.NoError(b, err)
		_, _, err = r.Read(b.Context(), id, readings[i])
		require.NoError(b, err)
	}
	b.ReportMetric((scaleCPU(b)-begun).Seconds()*1e6/n, "cpu-us/read")
}

func scaleHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// scaleCPU gives the processor time that this process has taken, which neighbours on the
// machine disturb less than the time that passes.
func scaleCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// scaleRSS gives the resident memory of this process in MB; 0 where Linux does not tell.
func scaleRSS(b *testing.B) float64 {
	b.Helper()
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kB); n == 1 {
			return kB / 1000
		}
	}
	return 0
}

// stopped is a clock that stands still.
type stopped struct{}

func (stopped) Now() time.Time                       { return scaleNow().Add(2 * time.Second) }
func (stopped) After(time.Duration) <-chan time.Time { return nil }
