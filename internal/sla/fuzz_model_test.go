package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzMinutes compares a calendar made of bytes with a look at the wall clock in each minute
// of a day and a half.
func FuzzMinutes(f *testing.F) {
	f.Add([]byte{1, 15, 80, 160, 16, 90, 120}, int64(7e15))
	f.Add([]byte{3, 14, 220, 60, 20, 0, 100}, int64(2.6e16))
	f.Add([]byte{9, 20, 0, 240, 21, 3, 4}, int64(-1e15))
	f.Fuzz(func(t *testing.T, data []byte, n int64) {
		if len(data) == 0 {
			return
		}
		s := Spec{Location: location(t, zones[int(data[0])%len(zones)].name)}
		begin := in2026(n).Truncate(time.Minute)
		for data = data[1:]; len(data) >= 3; data = data[3:] {
			if day, kind := data[0]%7, data[0]/7; kind%4 == 0 {
				y, m, d := begin.AddDate(0, 0, int(data[1]%5)-2).Date()
				s.Dates = append(s.Dates, Date{y, m, d})
			} else {
				s.Hours[day] = append(s.Hours[day], Interval{time.Duration(data[1]) * 6 * time.Minute, time.Duration(data[2]) * 6 * time.Minute})
			}
		}
		k, err := New(s)
		if err != nil {
			return
		}
		m := walk(&s, begin, 36*time.Hour, time.Minute)
		var counted time.Duration
		for i, open := range m.open {
			at := begin.Add(time.Duration(i) * time.Minute)
			require.Equal(t, open, k.Open(at), "%s", at)
			if open {
				counted += time.Minute
			}
		}
		require.Equal(t, counted, k.Between(begin, begin.Add(m.window())))
	})
}
