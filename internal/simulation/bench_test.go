package simulation

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The benchmarks give figures of the documentation. Time is simulated, so how long they take
// says nothing; a day gives the same figures on every machine.

func report(b *testing.B, r Result) {
	b.Helper()
	b.ReportMetric(r.PerSecond(), "requests/s")
	b.ReportMetric(r.Waste(), "used-of-needed")
	b.ReportMetric(Quantile(r.Replies, 0.99).Seconds(), "s-reply-known")
	b.ReportMetric(Quantile(r.Silent, 0.99).Seconds(), "s-silent-known")
	b.ReportMetric(Quantile(r.Beyond, 0.99).Seconds(), "s-beyond-promise")
}

// BenchmarkWorkingDay is a day of an inbox of which 5 % is live.
func BenchmarkWorkingDay(b *testing.B) {
	used := map[int]int{} // requests by size, of a day without webhooks
	for _, test := range []struct {
		tickets  int
		webhooks bool
	}{{1000, false}, {1000, true}, {5000, false}, {10_000, false}, {10_000, true}} {
		name := fmt.Sprint(test.tickets)
		if test.webhooks {
			name += "-webhooks"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := Run(b.Context(), Setup{Shape: WorkingDay(test.tickets), Settings: Defaults(), Webhooks: test.webhooks}, nil)
				require.NoError(b, err)
				report(b, r)
				b.ReportMetric(float64(Plain(r.Live+r.Done, 30*time.Second))/float64(r.Used.All()), "times-less-than-plain")
				if test.webhooks {
					continue
				}
				used[test.tickets] = r.Used.All()
				if half := used[test.tickets/2]; half > 0 {
					b.ReportMetric(float64(r.Used.All())/float64(half), "of-half-the-tickets")
				}
			}
		})
	}
}

// BenchmarkAllLive is a day in which nothing is done, at so many entries a ticket and week.
func BenchmarkAllLive(b *testing.B) {
	for _, tickets := range []int{1000, 10_000} {
		for _, entries := range []float64{0.5, 1, 2.4} {
			b.Run(fmt.Sprintf("%d-tickets-%g-a-week", tickets, entries), func(b *testing.B) {
				for b.Loop() {
					r, err := Run(b.Context(), Setup{Shape: AllLive(tickets, entries), Settings: Defaults()}, nil)
					require.NoError(b, err)
					report(b, r)
				}
			})
		}
	}
}

// BenchmarkOverload is a working day with half of the requests that it needs.
func BenchmarkOverload(b *testing.B) {
	for b.Loop() {
		set := Defaults()
		set.RequestRate = 0.4
		r, err := Run(b.Context(), Setup{Shape: WorkingDay(10_000), Settings: set}, nil)
		require.NoError(b, err)
		report(b, r)
		b.ReportMetric(r.Late.Hours(), "h-reads-late")
	}
}
