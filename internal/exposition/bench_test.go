package exposition

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"socialboards_exporter/internal/tally"
)

// big gives five series for each of n live tickets.
func big(n int64) *tally.Tally {
	ta := aDay()
	ta.Update(func(u *tally.Update) {
		for id := range n {
			u.Ticket(some(id, 0))
		}
	})
	return ta
}

// some is one of many tickets, the first of which become known by the minute. Each version
// of it has other series.
func some(id int64, version time.Duration) tally.TicketState {
	begin := time.Duration(id) * time.Minute
	return tally.TicketState{
		ID: 1e6 + id*7, Status: []string{"open", "pending"}[id%2], Read: true, Source: "web", Assignee: fmt.Sprint(id % 40),
		Begin: at(begin), Since: at(begin + version*time.Second),
		Clocks: []tally.ClockState{{Objective: "first_response", Due: at(begin + version*time.Second + 4*time.Hour), Warning: at(begin + version*time.Second + 3*time.Hour)}},
	}
}

// change has each thousandth of n tickets change, spread evenly.
func change(ta *tally.Tally, n int64, version int) {
	ta.Update(func(u *tally.Update) {
		for id := int64(version) % 1000; id < n; id += 1000 {
			u.Ticket(some(id, time.Duration(version)))
		}
	})
}

// cpu gives the time that this process has used. On a machine with other work to do it
// says more than the time that passed.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// measure reports the CPU time of f for each series.
func measure(b *testing.B, series int64, f func(i int)) time.Duration {
	b.Helper()
	b.ReportAllocs()
	begun, n := cpu(b), 0
	for b.Loop() {
		f(n)
		n++
	}
	took := (cpu(b) - begun) / time.Duration(n)
	b.ReportMetric(float64(took)/float64(series), "cpu-ns/series")
	return took
}

// BenchmarkScrape100000 is what a scrape of 100,000 series costs when nothing changed since
// the one before, and when one ticket in a thousand did.
func BenchmarkScrape100000(b *testing.B) {
	const n = 20_000
	o := options()
	o.MaxTickets = n * 2
	for _, format := range []struct{ name, accept string }{{"text", textAccepted}, {"openmetrics", openMetrics}, {"protobuf", protobuf}} {
		for _, encoding := range []string{"identity", "gzip", "zstd"} {
			ta := big(n)
			h := handler(b, ta, o)
			get := func() { scrapeInto(h, format.accept, encoding) }
			get()
			b.Run(format.name+"/"+encoding+"/unchanged", func(b *testing.B) {
				measure(b, 5*n, func(int) { get() })
			})
			b.Run(format.name+"/"+encoding+"/one in a thousand", func(b *testing.B) {
				measure(b, 5*n, func(i int) { change(ta, n, i+1); get() })
			})
			b.Run(format.name+"/"+encoding+"/first", func(b *testing.B) {
				measure(b, 5*n, func(int) {
					h := Handler(slog.New(slog.DiscardHandler), NewDomain(ta, o, now))
					scrapeInto(h, format.accept, encoding)
				})
			})
		}
	}
}

func scrapeInto(h http.Handler, accept, encoding string) {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	h.ServeHTTP(unread{}, r)
}
