package poll

import (
	"runtime"
	"testing"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

func large(tickets int) *schedule {
	s := newSchedule(defaults(), 1)
	for id := range int64(tickets) {
		spread := time.Duration(id) * time.Second
		s.track(State{ID: id + 1, LookedAt: ago(spread % (15 * minute)), ReadAt: ago(spread % (6 * hour)),
			FullReadAt: ago(spread % (6 * hour)), LastEntry: ago(1000 * hour)}, fact.At(start))
	}
	return s
}

// One read given out and settled, among a hundred thousand tickets.
func BenchmarkReadOf100kTickets(b *testing.B) {
	s := large(100_000)
	now := fact.At(start)
	id := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		id = id%100_000 + 1
		now = now.Add(10_000_000)
		s.notify(id, now)
		j := s.takeRead(urgent, now)
		s.hand = append(s.hand, j)
		at := now.Time()
		s.readRecorded(j, apiclient.Reading{Begun: at, Requests: 1},
			State{ID: j.read.id, LookedAt: at, ReadAt: at, FullReadAt: at, LastEntry: ago(1000 * hour)}, now)
	}
}

// One request of fifty looks given out and settled, among a hundred thousand tickets.
func BenchmarkLookOf100kTickets(b *testing.B) {
	s := large(100_000)
	s.settings.RequestRate = 0
	now := fact.At(start)
	states := make([]State, 0, apiclient.PageSize)
	b.ReportAllocs()
	for b.Loop() {
		now = max(now, s.first(looks))
		j := s.takeLook(looks, now)
		j.due, j.begun = now, now.Time()
		s.hand = append(s.hand, j)
		states = states[:0]
		for _, t := range j.looked {
			states = append(states, State{ID: t.id, ReadAt: start, FullReadAt: start, LastEntry: ago(1000 * hour)})
		}
		s.looksRecorded(j, states, now)
	}
}

func BenchmarkLagOf100kTickets(b *testing.B) {
	s := large(100_000)
	now := fact.At(start)
	for b.Loop() {
		s.lag(now)
	}
}

func BenchmarkMemoryOf100kTickets(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := large(100_000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/100_000, "B/ticket")
		runtime.KeepAlive(s)
	}
}
