package ledger

import (
	"testing"
	"time"

	"socialboards_exporter/internal/fact"
)

// longLog is a ticket that goes to and fro n times.
func longLog(n int) Case {
	c := Case{Known: min0(float64(10 * n)), History: fact.History{Ticket: fact.Ticket{ID: 7,
		Found: fact.Never, Until: fact.Never, Departed: fact.Never, Created: fact.Never}}}
	c.Entries = append(c.Entries, entryOf(min0(0), "new/client"))
	turn := []string{"client", "team", "open>pending", "pending>open"}
	for i := range n {
		c.Entries = append(c.Entries, entryOf(min0(float64(5*i)), turn[i%len(turn)]))
	}
	for i := range c.Entries {
		c.Entries[i].Seq = int64(i + 1)
		c.Entries[i].Ticket = 7
	}
	c.Seq = int64(len(c.Entries))
	return c
}

func benchRules(b *testing.B) *Rules {
	hours := office(b).Calendar
	var objectives []Objective
	for _, m := range []Measure{FirstResponse, NextResponse, Update, Resolution, TimeInStatus} {
		o := objective(m, 240)
		o.Calendar = hours
		objectives = append(objectives, o)
	}
	objectives[3].PauseIn = map[string]bool{"pending": true}
	return testRules(objectives...)
}

// A log judged for the first time, as in the first pass.
func BenchmarkFold(b *testing.B) {
	c, r := longLog(2000), benchRules(b)
	Judge(c, r)
	b.ReportAllocs()
	for b.Loop() {
		Judge(c, r)
	}
	b.ReportMetric(float64(len(c.Entries))*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// Twenty thousand live clocks, each of a ticket of twenty entries whose outcomes are known:
// what a start or a reload costs.
func BenchmarkLiveClocks(b *testing.B) {
	c, r := longLog(20), benchRules(b)
	j := Judge(c, r)
	c.Changes, c.Outcomes = j.Changes, j.Outcomes
	tickets := 20_000 / len(j.Clocks)
	b.ReportAllocs()
	for b.Loop() {
		for range tickets {
			Judge(c, r)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*float64(time.Second/time.Millisecond), "ms/20000clocks")
	b.ReportMetric(float64(len(j.Clocks)), "clocks/ticket")
}
