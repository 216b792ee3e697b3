package sla

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/stretchr/testify/require"
)

// closedDays gives the days of a year on which a calendar with hours on all days is closed.
func closedDays(t *testing.T, country string, y int) (days []string) {
	t.Helper()
	c := newCalendar(t, Spec{Location: time.UTC, Hours: daily(Interval{0, 24 * h}), Country: country})
	for at := yearStart(y); at.Year() == y; at = at.AddDate(0, 0, 1) {
		if !c.Open(at) {
			days = append(days, at.Format("01-02"))
		}
	}
	return days
}

func TestPublicHolidays(t *testing.T) {
	for _, tt := range []struct {
		country string
		year    int
		want    []string
	}{
		{"NO", 2026, []string{"01-01", "04-02", "04-03", "04-05", "04-06", "05-01", "05-14", "05-17", "05-24", "05-25", "12-25", "12-26"}},
		{"NO", 2027, []string{"01-01", "03-25", "03-26", "03-28", "03-29", "05-01", "05-06", "05-16", "05-17", "12-25", "12-26"}},
		{"no", 2024, []string{"01-01", "03-28", "03-29", "03-31", "04-01", "05-01", "05-09", "05-17", "05-19", "05-20", "12-25", "12-26"}},
		// Great Prayer Day (store bededag) was a holiday for the last time in 2023.
		{"DK", 2023, []string{"01-01", "04-06", "04-07", "04-09", "04-10", "05-05", "05-18", "05-28", "05-29", "06-05", "12-25", "12-26"}},
		{"DK", 2024, []string{"01-01", "03-28", "03-29", "03-31", "04-01", "05-09", "05-19", "05-20", "06-05", "12-25", "12-26"}},
		// The eves of Midsummer, Christmas and New Year are days off in Sweden.
		{"SE", 2026, []string{"01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24", "06-06", "06-19", "06-20", "10-31", "12-24", "12-25", "12-26", "12-31"}},
		// Christmas 2021 fell on a weekend: both the days and their substitutes are closed.
		{"GB", 2021, []string{"01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-25", "12-26", "12-27", "12-28"}},
		// New Year 2022 was a Saturday: its substitute is the last day of 2021.
		{"US", 2021, []string{"01-01", "01-18", "02-15", "05-31", "06-18", "06-19", "07-04", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-25", "12-31"}},
	} {
		t.Run(tt.country, func(t *testing.T) {
			require.Equal(t, tt.want, closedDays(t, tt.country, tt.year))
		})
	}
}

func TestCountries(t *testing.T) {
	codes := Countries()
	require.IsIncreasing(t, codes)
	require.Contains(t, codes, "NO")
	for _, code := range codes {
		require.True(t, HolidayCountry(code))
		require.GreaterOrEqual(t, len(closedDays(t, code, 2026)), 8, code)
	}
	require.True(t, HolidayCountry("no"))
	for _, code := range []string{"", "XX", "Norway", "false"} {
		require.False(t, HolidayCountry(code), code)
	}
}

// A holiday belongs to the local date, however far the zone is from UTC, on either side of
// New Year too.
func TestHolidayByLocalDate(t *testing.T) {
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago"} {
		loc := location(t, zone)
		c := newCalendar(t, Spec{
			Location: loc, Hours: daily(Interval{0, 24 * h}), Country: "NO",
			Dates: []Date{{2026, time.December, 31}, {2027, time.January, 2}},
		})
		at := time.Date(2026, time.December, 30, 12, 0, 0, 0, loc)
		require.Equal(t, time.Date(2026, time.December, 31, 0, 0, 0, 0, loc).UTC(), must(c.NextChange(at)), zone)
		at = must(c.NextChange(at))
		require.Equal(t, time.Date(2027, time.January, 3, 0, 0, 0, 0, loc).UTC(), must(c.NextChange(at)), zone)
	}
}

// The library reckons in the zone of the machine. In Beirut Easter 2024 had no midnight:
// the clocks were put forward from 23:59 on Saturday to 01:00.
func TestHolidaysDoNotDependOnTheMachine(t *testing.T) {
	want := make(map[string][]day)
	inZone := func(zone *time.Location, check func(code string, days []day)) {
		cal.DefaultLoc = zone
		for _, code := range Countries() {
			var days []day
			for y := 1990; y < 2060; y++ {
				for _, h := range publicHolidays(code) {
					if fallsOn, observedOn, ok := holidayIn(h, y); ok {
						days = append(days, fallsOn, observedOn)
					}
				}
			}
			check(code, days)
		}
	}
	before := cal.DefaultLoc
	t.Cleanup(func() { cal.DefaultLoc = before })
	inZone(time.UTC, func(code string, days []day) { want[code] = days })
	for _, zone := range []string{"Asia/Beirut", "America/Havana", "America/Sao_Paulo", "Africa/Cairo"} {
		inZone(location(t, zone), func(code string, days []day) { require.True(t, slices.Equal(want[code], days), "%s in %s", code, zone) })
	}
}

func TestManyAskAtOnce(t *testing.T) {
	spec := Spec{Location: location(t, "Asia/Tokyo"), Hours: weekdays(Interval{9 * h, 17 * h}), Country: "JP"}
	a, b := newCalendar(t, spec), newCalendar(t, spec)
	from := yearStart(2020)
	want := newCalendar(t, spec).Between(from, from.AddDate(20, 0, 0))
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			c := []*Calendar{a, b}[n%2]
			if got := c.Between(from, from.AddDate(20, 0, 0)); got != want {
				t.Errorf("want %s, got %s", want, got)
			}
		})
	}
	wg.Wait()
}
