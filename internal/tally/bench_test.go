package tally

import (
	"runtime"
	"testing"
	"time"
)

func BenchmarkSnapshotOf20000LiveTickets(b *testing.B) {
	ta := readyTally()
	ta.Update(func(u *Update) {
		for id := range int64(20000) {
			u.Ticket(live(id, ClockState{Objective: "resolution", Due: at(2 * time.Hour), Warning: at(time.Hour)}))
		}
	})
	for b.Loop() {
		ta.Update(func(u *Update) { u.Count(Known, 1) })
		ta.Snapshot(noon)
	}
}

// BenchmarkDoneTicketMemory reports the bytes that a done ticket takes.
func BenchmarkDoneTicketMemory(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		ta := readyTally()
		ta.Update(func(u *Update) {
			for id := range int64(n) {
				u.Ticket(TicketState{ID: id, Status: "completed", Done: true, Read: true})
			}
		})
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/ticket")
		runtime.KeepAlive(ta)
	}
}
