package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fuzzCalendar makes a spec of bytes: a zone, then an interval and its weekday from each
// four, in steps of 6 minutes, which leave room for hours that are not within a day.
func fuzzCalendar(t *testing.T, data []byte) (*Calendar, bool) {
	t.Helper()
	if len(data) == 0 {
		return nil, false
	}
	s := Spec{Location: location(t, zones[int(data[0])%len(zones)].name)}
	for data = data[1:]; len(data) >= 4; data = data[4:] {
		day, kind := data[0]%7, data[0]/7
		from, to := time.Duration(data[1])*6*time.Minute, time.Duration(data[2])*6*time.Minute
		switch kind % 4 {
		case 0:
			s.Dates = append(s.Dates, Date{1950 + int(data[1]), time.Month(data[2]%14 + 1), int(data[3])})
		case 1:
			s.Country = Countries()[int(data[1])%len(Countries())]
		default:
			s.Hours[day] = append(s.Hours[day], Interval{from, to + time.Duration(data[3])})
		}
	}
	c, err := New(s)
	return c, err == nil
}

// anyTime spreads n over the years 1 to 9999.
func anyTime(n int64) time.Time {
	const seconds = 9998 * 365 * 24 * 3600
	sec := n % seconds
	if sec < 0 {
		sec += seconds
	}
	return time.Date(1, time.January, 1, 0, 0, int(sec), int(n&0x3fffffff)%1e9, time.UTC)
}

// in2026 spreads n over some years in which most questions are asked.
func in2026(n int64) time.Time {
	return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) % (3 * 365 * hoursOfDay))
}

func FuzzCalendar(f *testing.F) {
	f.Add([]byte{1, 15, 80, 160, 0}, int64(0), int64(1e17), int64(3e16), int64(4*h))
	f.Add([]byte{3, 14, 220, 60, 1, 0, 76, 3, 29}, int64(7e15), int64(-1e15), int64(8e16), int64(0))
	f.Add([]byte{9, 20, 0, 240, 0, 7, 3, 0, 0}, int64(1), int64(2), int64(3), int64(1e18))
	f.Add([]byte{6, 16, 0, 0, 0, 17, 10, 11, 12}, int64(-1), int64(1<<62), int64(5e16), int64(-4))
	f.Fuzz(func(t *testing.T, data []byte, a, b, c, d int64) {
		calendar, ok := fuzzCalendar(t, data)
		if !ok {
			return
		}
		for _, at := range []func(int64) time.Time{anyTime, in2026} {
			checkSums(t, calendar, at(a), at(b), at(c))
			checkReach(t, calendar, at(a), time.Duration(d))
			checkReach(t, calendar, at(b), time.Duration(d%int64(100*h)))
			checkChanges(t, calendar, at(c))
		}
	})
}

// checkSums: time that counts adds up, and grows by no more than time itself.
func checkSums(t *testing.T, k *Calendar, a, b, c time.Time) {
	t.Helper()
	if b.Before(a) {
		a, b = b, a
	}
	if c.Before(a) {
		a, c = c, a
	}
	if c.Before(b) {
		b, c = c, b
	}
	require.Equal(t, k.Between(a, c), k.Between(a, b)+k.Between(b, c))
	require.GreaterOrEqual(t, k.Between(a, b), time.Duration(0))
	require.LessOrEqual(t, k.Between(a, b), b.Sub(a))
	require.Zero(t, k.Between(b, a))
}

// checkReach: as much counts until d is reached, and not before.
func checkReach(t *testing.T, k *Calendar, start time.Time, d time.Duration) {
	t.Helper()
	at, ok := k.Reach(start, d)
	if !ok {
		require.Less(t, k.Between(start, anyTime(-1)), d)
		return
	}
	require.Equal(t, max(0, d), k.Between(start, at))
	if d > 0 {
		require.Equal(t, d-1, k.Between(start, at.Add(-1)))
	}
	again, ok := k.Reach(start.In(time.FixedZone("", 3600)), d)
	require.True(t, ok)
	require.Equal(t, at, again)
}

// checkChanges: between two changes either all time counts, or none.
func checkChanges(t *testing.T, k *Calendar, at time.Time) {
	t.Helper()
	for range 10 {
		next, ok := k.NextChange(at)
		if !ok {
			return
		}
		open := k.Open(at)
		require.True(t, next.After(at))
		require.NotEqual(t, open, k.Open(next))
		require.Equal(t, open, k.Open(next.Add(-1)))
		counted := k.Between(at, next)
		if open {
			require.Equal(t, next.Sub(at), counted)
		} else {
			require.Zero(t, counted)
			require.Equal(t, next, must(k.NextOpen(at)))
		}
		at = next
	}
}

func FuzzClock(f *testing.F) {
	f.Add([]byte{1, 15, 80, 160, 0}, int64(0), int64(4*h), []byte{1, 2, 3, 4})
	f.Add([]byte{3, 14, 220, 60, 1, 21, 0, 240, 0}, int64(7e15), int64(90*h), []byte{0, 9, 200, 0, 17})
	f.Add([]byte{}, int64(7e15), int64(0), []byte{255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte, start, target int64, pauses []byte) {
		calendar, _ := fuzzCalendar(t, data)
		k := Clock{Calendar: calendar, Start: in2026(start), Target: time.Duration(target % int64(2000*h))}
		if len(pauses) > 50 {
			pauses = pauses[:50]
		}
		at := k.Start.Add(-10 * h)
		for n := 0; n+1 < len(pauses); n += 2 {
			from := at.Add(time.Duration(pauses[n]) * 10 * time.Minute)
			at = from.Add(time.Duration(pauses[n+1]) * 10 * time.Minute)
			k.Pauses = append(k.Pauses, Span{from, at})
		}
		if len(pauses)%2 == 1 {
			k.Pauses = append(k.Pauses, Span{From: at})
		}
		due, ok := k.Reach(k.Target)
		exceeds, more := k.Exceeds()
		if !ok {
			require.False(t, more)
			require.Less(t, k.Counted(yearStart(endYear)), k.Target)
			return
		}
		require.Equal(t, max(0, k.Target), k.Counted(due))
		if k.Target > 0 {
			require.Equal(t, k.Target-1, k.Counted(due.Add(-1)))
		}
		if !more {
			require.Equal(t, max(0, k.Target), k.Counted(yearStart(endYear)))
			return
		}
		require.False(t, exceeds.Before(due))
		require.Equal(t, max(0, k.Target), k.Counted(exceeds))
		require.Equal(t, max(0, k.Target)+1, k.Counted(exceeds.Add(1)))
	})
}
