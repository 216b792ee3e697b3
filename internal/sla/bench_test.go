package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func office(b *testing.B) Spec {
	b.Helper()
	return Spec{
		Location: location(b, "Europe/Oslo"), Country: "NO",
		Hours: weekdays(Interval{8 * h, 11*h + 30*time.Minute}, Interval{12 * h, 16 * h}),
	}
}

var spans = []struct {
	name string
	long time.Duration
}{{"week", 7 * hoursOfDay}, {"3years", 3 * 365 * hoursOfDay}}

func BenchmarkBetween(b *testing.B) {
	c, from := newCalendar(b, office(b)), time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	for _, s := range spans {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Between(from, from.Add(s.long))
			}
		})
	}
}

func BenchmarkReach(b *testing.B) {
	c, from := newCalendar(b, office(b)), time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	for _, s := range spans {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			d := c.Between(from, from.Add(s.long))
			for b.Loop() {
				c.Reach(from, d)
			}
		})
	}
}

func BenchmarkClockExceeds(b *testing.B) {
	from := time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	k := Clock{Calendar: newCalendar(b, office(b)), Start: from, Target: 40 * h}
	for n := range 4 {
		k.Pauses = append(k.Pauses, Span{from.Add(time.Duration(10*n+3) * h), from.Add(time.Duration(10*n+7) * h)})
	}
	b.ReportAllocs()
	for b.Loop() {
		k.Exceeds()
	}
}

func BenchmarkNew(b *testing.B) {
	s := office(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := New(s)
		require.NoError(b, err)
	}
}

// BenchmarkFirstQuestion includes working out one year.
func BenchmarkFirstQuestion(b *testing.B) {
	s, at := office(b), time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		newCalendar(b, s).Open(at)
	}
}
