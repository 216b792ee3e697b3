package exporter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The recount says what the metrics have to show, in the simplest way there is: from whole
// logs, whole minutes and long lists. It shares no code with what it is held against.

// instant is a time in units of 100 ns since 1970.
type instant int64

func instantOf(t time.Time) instant { return instant(t.UnixNano() / 100) }

func (i instant) seconds() float64 { return float64(i) / 1e7 }

const endOfTime = instant(1) << 62

// stretch is the time from from up to, but not including, to.
type stretch struct{ from, to instant }

// office is a calendar.
type office struct {
	name     string
	zone     *time.Location
	hours    map[time.Weekday][][2]int // minutes after midnight; an end at or before its beginning lies on the next day
	country  string                    // of public holidays
	holidays []string                  // dates: those of the country, then those of extra
	extra    []string

	open []stretch // made by watch
}

// norway lists public holidays by hand.
func norway() []string {
	return []string{
		"2026-01-01", "2026-04-02", "2026-04-03", "2026-04-05", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-17",
		"2026-05-24", "2026-05-25", "2026-12-25", "2026-12-26", "2027-01-01", "2027-03-25", "2027-03-26", "2027-03-28", "2027-03-29",
		"2027-05-01", "2027-05-06", "2027-05-16", "2027-05-17", "2027-12-25", "2027-12-26",
	}
}

// counts says whether an instant counts: its local wall clock lies in an interval of its
// date, or in what a night of the date before leaves, and its date is no holiday.
func (o *office) counts(at time.Time) bool {
	local := at.In(o.zone)
	date := local.Format(time.DateOnly)
	if slices.Contains(o.holidays, date) || slices.Contains(o.extra, date) {
		return false
	}
	minute := local.Hour()*60 + local.Minute()
	for _, h := range o.hours[local.Weekday()] {
		if minute >= h[0] && (minute < h[1] || h[1] <= h[0]) {
			return true
		}
	}
	for _, h := range o.hours[(local.Weekday()+6)%7] {
		if h[1] <= h[0] && minute < h[1] {
			return true
		}
	}
	return false
}

// watch asks every minute of a time whether it counts.
func (o *office) watch(from, to time.Time) {
	o.open = nil
	for at := from.Truncate(time.Minute); at.Before(to); at = at.Add(time.Minute) {
		if !o.counts(at) {
			continue
		}
		minute := stretch{instantOf(at), instantOf(at.Add(time.Minute))}
		if n := len(o.open); n > 0 && o.open[n-1].to == minute.from {
			o.open[n-1].to = minute.to
			continue
		}
		o.open = append(o.open, minute)
	}
}

// yaml writes the calendar as a configuration does.
func (o *office) yaml() string {
	var days []string
	for _, d := range slices.Sorted(maps.Keys(o.hours)) {
		var times []string
		for _, h := range o.hours[d] {
			times = append(times, fmt.Sprintf("%q", clockTime(h[0])+"-"+clockTime(h[1])))
		}
		days = append(days, fmt.Sprintf("%s: [%s]", strings.ToLower(d.String()[:3]), strings.Join(times, ", ")))
	}
	holidays := fmt.Sprintf("dates: [%s]", strings.Join(o.extra, ", "))
	if o.country != "" {
		holidays += ", country: " + fmt.Sprintf("%q", o.country)
	}
	return fmt.Sprintf("    %s: {timezone: %s, hours: {%s}, holidays: {%s}}\n", o.name, o.zone, strings.Join(days, ", "), holidays)
}

func clockTime(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// within cuts the parts of a that lie in b.
func within(a, b []stretch) []stretch {
	var both []stretch
	for _, x := range a {
		for _, y := range b {
			if lo, hi := max(x.from, y.from), min(x.to, y.to); lo < hi {
				both = append(both, stretch{lo, hi})
			}
		}
	}
	return both
}

func length(a []stretch) (sum instant) {
	for _, s := range a {
		sum += s.to - s.from
	}
	return sum
}

// reach gives when so much of a has passed, and when more than it has; endOfTime: never.
func reach(a []stretch, much instant) (reached, exceeded instant) {
	reached, exceeded = endOfTime, endOfTime
	for _, s := range a {
		if reached != endOfTime {
			return reached, s.from
		}
		if n := s.to - s.from; n >= much {
			reached = s.from + much
			if n > much {
				return reached, reached
			}
		} else {
			much -= n
		}
	}
	return reached, exceeded
}

// The recount itself is held against days that were counted by hand.
func TestTheRecountCountsOfficeHours(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	o := &office{zone: oslo, holidays: norway(), hours: map[time.Weekday][][2]int{
		time.Monday: {{8 * 60, 11*60 + 30}, {12 * 60, 16 * 60}}, time.Friday: {{8 * 60, 15 * 60}}, time.Saturday: {{22 * 60, 6 * 60}},
	}}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, oslo)
		require.NoError(t, err)
		return v
	}
	hours := func(from, to string) float64 {
		o.watch(at(from), at(to))
		return length(o.open).seconds() / 3600
	}
	require.InDelta(t, 7, hours("2026-11-20 00:00", "2026-11-21 00:00"), 0)
	require.InDelta(t, 7.5, hours("2026-11-23 00:00", "2026-11-24 00:00"), 0)
	require.InDelta(t, 0, hours("2026-12-25 00:00", "2026-12-26 00:00"), 0)
	require.InDelta(t, 6, hours("2026-12-26 00:00", "2026-12-27 12:00"), 0, "Saturday is a holiday, Sunday morning is not")
	require.InDelta(t, 8, hours("2026-11-21 12:00", "2026-11-22 12:00"), 0)
	require.InDelta(t, 9, hours("2026-10-24 12:00", "2026-10-25 12:00"), 0, "clocks are put back")

	due, exceeded := reach([]stretch{{0, 10}, {20, 30}}, 10)
	require.Equal(t, []instant{10, 20}, []instant{due, exceeded})
	due, exceeded = reach([]stretch{{0, 10}, {20, 30}}, 12)
	require.Equal(t, []instant{22, 22}, []instant{due, exceeded})
	due, exceeded = reach([]stretch{{0, 10}}, 10)
	require.Equal(t, []instant{10, endOfTime}, []instant{due, exceeded})
}
