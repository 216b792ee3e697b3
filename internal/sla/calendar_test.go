package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const h = time.Hour

// daily gives the same hours on every day of the week.
func daily(hours ...Interval) (week [7][]Interval) {
	for d := range week {
		week[d] = hours
	}
	return week
}

// weekdays gives the same hours from Monday to Friday.
func weekdays(hours ...Interval) [7][]Interval {
	week := daily(hours...)
	week[time.Saturday], week[time.Sunday] = nil, nil
	return week
}

func newCalendar(tb testing.TB, s Spec) *Calendar {
	tb.Helper()
	c, err := New(s)
	require.NoError(tb, err)
	return c
}

// local reads a wall time; one that comes twice is the first, one with an offset is exact.
func local(tb testing.TB, loc *time.Location, text string) time.Time {
	tb.Helper()
	if at, err := time.Parse("2006-01-02 15:04-07:00", text); err == nil {
		return at
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	require.NoError(tb, err)
	return at
}

func TestChangesOfTheClock(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		hours      Interval
		from, to   string
		want       time.Duration
	}{
		{"spring: 02:00 to 03:00 is left out", "Europe/Oslo", Interval{1 * h, 4 * h}, "2026-03-29 00:00", "2026-03-30 00:00", 2 * h},
		{"spring: begins in what is left out", "Europe/Oslo", Interval{2*h + 30*time.Minute, 4 * h}, "2026-03-29 00:00", "2026-03-30 00:00", h},
		{"spring: lies in what is left out", "Europe/Oslo", Interval{2 * h, 3 * h}, "2026-03-29 00:00", "2026-03-30 00:00", 0},
		{"autumn: 02:00 to 03:00 comes twice", "Europe/Oslo", Interval{1 * h, 4 * h}, "2026-10-25 00:00", "2026-10-26 00:00", 4 * h},
		{"autumn: ends in what comes twice", "Europe/Oslo", Interval{1 * h, 2*h + 30*time.Minute}, "2026-10-25 00:00", "2026-10-26 00:00", 2 * h},
		{"autumn: begins in what comes twice", "Europe/Oslo", Interval{2*h + 30*time.Minute, 4 * h}, "2026-10-25 00:00", "2026-10-26 00:00", 2 * h},
		{"around the clock in spring", "America/New_York", Interval{0, 24 * h}, "2026-03-08 00:00", "2026-03-09 00:00", 23 * h},
		{"around the clock in autumn", "America/New_York", Interval{0, 24 * h}, "2026-11-01 00:00", "2026-11-02 00:00", 25 * h},
		{"overnight in spring", "America/New_York", Interval{22 * h, 6 * h}, "2026-03-07 12:00", "2026-03-08 12:00", 7 * h},
		{"overnight in autumn", "America/New_York", Interval{22 * h, 6 * h}, "2026-10-31 12:00", "2026-11-01 12:00", 9 * h},
		{"half an hour forward", "Australia/Lord_Howe", Interval{1 * h, 4 * h}, "2026-10-04 00:00", "2026-10-05 00:00", 2*h + 30*time.Minute},
		{"half an hour back", "Australia/Lord_Howe", Interval{1 * h, 4 * h}, "2026-04-05 00:00", "2026-04-06 00:00", 3*h + 30*time.Minute},
		{"midnight left out", "America/Sao_Paulo", Interval{0, 2 * h}, "2018-11-03 12:00", "2018-11-04 12:00", h},
		{"midnight left out, overnight", "Asia/Beirut", Interval{23 * h, 2 * h}, "2026-03-28 12:00", "2026-03-29 12:00", 2 * h},
		{"an evening that comes twice", "America/Sao_Paulo", Interval{20 * h, 24 * h}, "2018-02-17 12:00", "2018-02-18 12:00", 5 * h},
		{"a day left out", "Pacific/Apia", Interval{9 * h, 17 * h}, "2011-12-29 00:00", "2012-01-01 00:00", 16 * h},
		{"the offset grows by a quarter of an hour", "Asia/Kathmandu", Interval{0, 1 * h}, "1985-12-31 12:00", "1986-01-01 12:00", 45 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loc := location(t, tt.zone)
			c := newCalendar(t, Spec{Location: loc, Hours: daily(tt.hours)})
			require.Equal(t, tt.want, c.Between(local(t, loc, tt.from), local(t, loc, tt.to)))
		})
	}
}

// What ends at 02:30 closes twice in the night in which 02:30 comes twice.
func TestOpensAgainWhenTheHourIsRepeated(t *testing.T) {
	loc := location(t, "Europe/Oslo")
	c := newCalendar(t, Spec{Location: loc, Hours: daily(Interval{1 * h, 2*h + 30*time.Minute})})
	at := local(t, loc, "2026-10-25 00:00")
	for _, want := range []string{
		"2026-10-25 01:00+02:00", "2026-10-25 02:30+02:00",
		"2026-10-25 02:00+01:00", "2026-10-25 02:30+01:00", "2026-10-26 01:00+01:00",
	} {
		next, ok := c.NextChange(at)
		require.True(t, ok)
		require.Equal(t, local(t, loc, want).UTC(), next)
		at = next
	}
	due, ok := c.Reach(local(t, loc, "2026-10-25 01:00"), 100*time.Minute)
	require.True(t, ok)
	require.Equal(t, local(t, loc, "2026-10-25 02:10+01:00").UTC(), due)
}

func TestSplitDaysAndOverlaps(t *testing.T) {
	monday := time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		hours []Interval
		want  time.Duration
	}{
		{"lunch", []Interval{{8 * h, 11*h + 30*time.Minute}, {12 * h, 16 * h}}, 7*h + 30*time.Minute},
		{"in any order", []Interval{{12 * h, 16 * h}, {8 * h, 11 * h}}, 7 * h},
		{"overlapping", []Interval{{8 * h, 12 * h}, {10 * h, 16 * h}}, 8 * h},
		{"one in another", []Interval{{8 * h, 16 * h}, {10 * h, 12 * h}}, 8 * h},
		{"touching", []Interval{{8 * h, 12 * h}, {12 * h, 16 * h}}, 8 * h},
		{"to the end of the day", []Interval{{16 * h, 24 * h}}, 8 * h},
		{"around the clock", []Interval{{0, 24 * h}}, 24 * h},
		{"to the same time of the next day", []Interval{{0, 0}}, 24 * h},
		{"overnight, the part of this Monday", []Interval{{22 * h, 6 * h}}, 2 * h},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCalendar(t, Spec{Location: time.UTC, Hours: [7][]Interval{time.Monday: tt.hours}})
			require.Equal(t, tt.want, c.Between(monday, monday.AddDate(0, 0, 1)))
			sum := c.Between(monday.AddDate(0, 0, -1), monday.AddDate(0, 0, 2))
			overnight := tt.hours[0].To == 6*h
			require.Equal(t, overnight, sum > tt.want, "only an overnight interval leaves Monday")
		})
	}
}

// What runs into a holiday stops at midnight; what a holiday's own evening would leave to
// the next morning counts there, for that morning is no holiday.
func TestHolidayTakesItsDateOnly(t *testing.T) {
	tuesday := Date{2026, time.November, 24}
	c := newCalendar(t, Spec{Location: time.UTC, Hours: daily(Interval{22 * h, 6 * h}), Dates: []Date{tuesday}})
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 0, 0, 0, time.UTC) }
	require.Equal(t, 2*h, c.Between(at(23, 12), at(24, 12)))
	require.Equal(t, 6*h, c.Between(at(24, 12), at(25, 12)))
	require.Zero(t, c.Between(at(24, 0), at(25, 0)))
}

func TestReachedAtClosingTime(t *testing.T) {
	c := newCalendar(t, Spec{Location: time.UTC, Hours: weekdays(Interval{8 * h, 16 * h})})
	friday := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	due, ok := c.Reach(friday, 4*h)
	require.True(t, ok)
	require.Equal(t, friday.Add(4*h), due)
	due, ok = c.Reach(friday, 4*h+1)
	require.True(t, ok)
	require.Equal(t, time.Date(2026, time.November, 23, 8, 0, 0, 1, time.UTC), due)
	start, ok := c.Reach(friday.Add(6*h), 0)
	require.True(t, ok)
	require.Equal(t, friday.Add(6*h), start, "nothing is reached at once, open or not")
	start, ok = c.Reach(friday, -h)
	require.True(t, ok)
	require.Equal(t, friday, start)
}

func TestAroundTheClock(t *testing.T) {
	a := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]*Calendar{"nil": nil, "zero": {}, "always": Always()} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 90*h, c.Between(a, a.Add(90*h)))
			require.Zero(t, c.Between(a, a.Add(-h)))
			due, ok := c.Reach(a, 90*h)
			require.True(t, ok)
			require.Equal(t, a.Add(90*h), due)
			open, ok := c.NextOpen(a)
			require.True(t, ok)
			require.Equal(t, a, open)
			require.True(t, c.Open(a))
			_, ok = c.NextChange(a)
			require.False(t, ok)
		})
	}
	require.Equal(t, forever, Always().Between(time.Time{}, a), "as long as can be told")
	now := time.Now()
	require.Equal(t, now.Round(0).UTC(), must(Always().Reach(now, 0)), "no monotonic reading")
}

func must(t time.Time, ok bool) time.Time {
	if !ok {
		return time.Time{}
	}
	return t
}

// New Year is where what was worked out of two years meets.
func TestOpenAcrossNewYear(t *testing.T) {
	c := newCalendar(t, Spec{Location: time.UTC, Hours: [7][]Interval{time.Thursday: {{20 * h, 4 * h}}}})
	thursday := time.Date(2026, time.December, 31, 20, 0, 0, 0, time.UTC)
	next, ok := c.NextChange(thursday)
	require.True(t, ok)
	require.Equal(t, thursday.Add(8*h), next)
	require.Equal(t, thursday.Add(6*h), must(c.Reach(thursday, 6*h)))
	require.Equal(t, thursday.Add(4*h), must(c.Reach(thursday, 4*h)))
}

func TestBeyondItsYears(t *testing.T) {
	c := newCalendar(t, Spec{Location: location(t, "Europe/Oslo"), Hours: daily(Interval{0, 24 * h})})
	first, end := yearStart(firstYear), yearStart(endYear)
	long := func(y int) time.Time { return time.Date(y, time.June, 1, 0, 0, 0, 0, time.UTC) }
	require.EqualValues(t, firstSecond, first.Unix())
	require.EqualValues(t, endSecond, end.Unix())
	require.Zero(t, c.Between(long(1), long(1900)))
	require.Zero(t, c.Between(long(2300), long(9999)))
	require.Equal(t, end.Sub(first), c.Between(long(1), long(9999)))
	require.False(t, c.Open(first.Add(-1)))
	require.True(t, c.Open(first))
	require.True(t, c.Open(end.Add(-1)))
	require.False(t, c.Open(end))
	require.Equal(t, first, must(c.NextOpen(long(1))))
	require.Equal(t, first, must(c.NextChange(long(1))))
	require.Equal(t, first.Add(h), must(c.Reach(long(1), h)))
	for _, at := range []time.Time{end, long(9999)} {
		_, ok := c.NextOpen(at)
		require.False(t, ok)
		_, ok = c.Reach(at, 1)
		require.False(t, ok)
	}
	_, ok := c.NextChange(long(2026))
	require.False(t, ok, "it never closes")
	_, ok = c.Reach(long(2026), forever)
	require.False(t, ok)
}

// On the last day of a leap year time.Time.ZoneBounds ends before it has begun, where the
// zone goes by its rule for all years to come.
func TestLastDayOfALeapYear(t *testing.T) {
	for _, zone := range []string{"Europe/Oslo", "America/New_York", "Australia/Lord_Howe"} {
		loc := location(t, zone)
		c := newCalendar(t, Spec{Location: loc, Hours: daily(Interval{9 * h, 17 * h})})
		for y := 2024; y < endYear; y += 4 {
			from, to := time.Date(y, time.December, 25, 0, 0, 0, 0, loc), time.Date(y+1, time.January, 8, 0, 0, 0, 0, loc)
			require.Equal(t, 14*8*h, c.Between(from, to), "%s, end of %d", zone, y)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := weekdays(Interval{8 * h, 16 * h})
	bad := func(i Interval) [7][]Interval { return [7][]Interval{time.Friday: {i}} }
	for _, tt := range []struct {
		name, want string
		spec       Spec
	}{
		{"no zone", `calendar "x": no time zone`, Spec{Hours: good}},
		{"no hours", `calendar "x": no hours in the whole week`, Spec{Location: time.UTC}},
		{"before midnight", "hours of Friday from -1h0m0s to 8h0m0s are not within a day", Spec{Location: time.UTC, Hours: bad(Interval{-h, 8 * h})}},
		{"begins at the end of the day", "hours of Friday from 24h0m0s", Spec{Location: time.UTC, Hours: bad(Interval{24 * h, 8 * h})}},
		{"beyond the day", "to 24h0m0.000000001s are not", Spec{Location: time.UTC, Hours: bad(Interval{8 * h, 24*h + 1})}},
		{"negative end", "to -1ns are not", Spec{Location: time.UTC, Hours: bad(Interval{8 * h, -1})}},
		{"country", `no public holidays are known of country "XX"`, Spec{Location: time.UTC, Hours: good, Country: "XX"}},
		{"date", "there is no day 2026-02-29", Spec{Location: time.UTC, Hours: good, Dates: []Date{{2026, time.February, 29}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec.Name = "x"
			_, err := New(tt.spec)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// The spec remains its owner's.
func TestNewTakesNothingAway(t *testing.T) {
	hours := []Interval{{12 * h, 16 * h}, {8 * h, 13 * h}}
	c := newCalendar(t, Spec{Location: time.UTC, Hours: daily(hours...)})
	require.Equal(t, []Interval{{12 * h, 16 * h}, {8 * h, 13 * h}}, hours)
	hours[0] = Interval{0, 24 * h}
	at := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, 8*h, c.Between(at, at.Add(24*h)))
}
