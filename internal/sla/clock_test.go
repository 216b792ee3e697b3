package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The week of the story: an office in Oslo that is open from Monday to Friday, 08:00 to
// 16:00; 2026-11-20 is a Friday.
func TestClock(t *testing.T) {
	loc := location(t, "Europe/Oslo")
	office := newCalendar(t, Spec{Location: loc, Hours: weekdays(Interval{8 * h, 16 * h})})
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		return local(t, loc, text)
	}
	type pause struct{ from, to string }
	for _, tt := range []struct {
		name         string
		start        string
		pauses       []pause
		target       time.Duration
		due, exceeds string // empty: never
	}{
		{"in the day", "2026-11-20 09:00", nil, 4 * h, "2026-11-20 13:00", "2026-11-20 13:00"},
		{"over the weekend", "2026-11-20 14:00", nil, 4 * h, "2026-11-23 10:00", "2026-11-23 10:00"},
		{"due at closing time", "2026-11-20 12:00", nil, 4 * h, "2026-11-20 16:00", "2026-11-23 08:00"},
		{"started when closed", "2026-11-21 12:00", nil, 4 * h, "2026-11-23 12:00", "2026-11-23 12:00"},
		{"paused before it is due", "2026-11-20 09:00", []pause{{"2026-11-20 10:00", "2026-11-20 12:00"}}, 4 * h, "2026-11-20 15:00", "2026-11-20 15:00"},
		{"paused when it is due", "2026-11-20 09:00", []pause{{"2026-11-20 13:00", "2026-11-20 14:00"}}, 4 * h, "2026-11-20 13:00", "2026-11-20 14:00"},
		{"paused when it is due, resumed when closed", "2026-11-20 09:00", []pause{{"2026-11-20 13:00", "2026-11-20 18:00"}}, 4 * h, "2026-11-20 13:00", "2026-11-23 08:00"},
		{"due at closing time, paused on Monday", "2026-11-20 12:00", []pause{{"2026-11-23 07:00", "2026-11-23 11:00"}}, 4 * h, "2026-11-20 16:00", "2026-11-23 11:00"},
		{"due at closing time, paused from opening on", "2026-11-20 12:00", []pause{{"2026-11-23 08:00", "2026-11-23 11:00"}}, 4 * h, "2026-11-20 16:00", "2026-11-23 11:00"},
		{"a pause goes on", "2026-11-20 09:00", []pause{{"2026-11-20 10:00", ""}}, 4 * h, "", ""},
		{"a pause goes on from when it is due", "2026-11-20 09:00", []pause{{"2026-11-20 13:00", ""}}, 4 * h, "2026-11-20 13:00", ""},
		{"a pause goes on after it was exceeded", "2026-11-20 09:00", []pause{{"2026-11-20 13:01", ""}}, 4 * h, "2026-11-20 13:00", "2026-11-20 13:00"},
		{"paused at the start", "2026-11-20 09:00", []pause{{"2026-11-20 08:00", "2026-11-20 10:00"}}, 4 * h, "2026-11-20 14:00", "2026-11-20 14:00"},
		{"pauses that touch", "2026-11-20 09:00", []pause{{"2026-11-20 10:00", "2026-11-20 11:00"}, {"2026-11-20 11:00", "2026-11-20 12:00"}}, 4 * h, "2026-11-20 15:00", "2026-11-20 15:00"},
		{"pauses that are none", "2026-11-20 09:00", []pause{{"2026-11-20 10:00", "2026-11-20 10:00"}, {"2026-11-20 12:00", "2026-11-20 11:00"}}, 4 * h, "2026-11-20 13:00", "2026-11-20 13:00"},
		{"a pause before the start", "2026-11-20 09:00", []pause{{"2026-11-20 07:00", "2026-11-20 08:30"}}, 4 * h, "2026-11-20 13:00", "2026-11-20 13:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := Clock{Calendar: office, Start: at(tt.start), Target: tt.target}
			for _, p := range tt.pauses {
				k.Pauses = append(k.Pauses, Span{at(p.from), at(p.to)})
			}
			require.True(t, at(tt.due).Equal(must(k.Reach(k.Target))), "due %s", must(k.Reach(k.Target)))
			require.True(t, at(tt.exceeds).Equal(must(k.Exceeds())), "exceeds %s", must(k.Exceeds()))
			if tt.due != "" {
				require.Equal(t, tt.target, k.Counted(at(tt.due)))
				require.Equal(t, tt.target-1, k.Counted(at(tt.due).Add(-1)))
			}
			if tt.exceeds != "" {
				require.Equal(t, tt.target, k.Counted(at(tt.exceeds)))
				require.Equal(t, tt.target+1, k.Counted(at(tt.exceeds).Add(1)))
			}
		})
	}
}

func TestClockCountsNothingBeforeItsStart(t *testing.T) {
	start := time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)
	k := Clock{Start: start, Pauses: []Span{{start.Add(-2 * h), start.Add(-h)}}}
	require.Zero(t, k.Counted(start.Add(-3*h)))
	require.Zero(t, k.Counted(start))
	require.Equal(t, time.Duration(1), k.Counted(start.Add(1)))
	require.Equal(t, start, must(k.Reach(0)))
}

// What a wrong date from the past makes of a clock is long, but never negative.
func TestClockFromYearOne(t *testing.T) {
	now := time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)
	k := Clock{Start: time.Date(1, time.January, 1, 0, 0, 0, 1, time.UTC), Pauses: []Span{{now.AddDate(-800, 0, 0), now.AddDate(-400, 0, 0)}}}
	require.Equal(t, forever, k.Counted(now))
}
