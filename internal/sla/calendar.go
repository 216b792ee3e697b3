// Package sla reckons with working time: calendars of opening hours and holidays, and how
// much of a span of time counts. Its functions are pure: the same question always has the
// same answer, whatever the zone of the machine and the time of day.
//
// One sentence defines what counts: an instant counts if its time of day on the local wall
// clock lies in an interval of its local date, or in what an overnight interval of the
// local date before leaves after midnight, and its local date is not a holiday. All else
// follows from it: where a clock is put forward, the wall times left out count for nothing;
// where it is put back, wall times that come twice count twice.
package sla

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rickar/cal/v2"
)

// Spec says what a calendar is made of.
type Spec struct {
	Name     string
	Location *time.Location
	// Hours by time.Weekday. Intervals that overlap count once.
	Hours [7][]Interval
	// Country whose public holidays are closed, as in Countries; empty: none.
	Country string
	// Dates are further days that are closed.
	Dates []Date
}

// Interval is part of a day by the local wall clock, from From up to, but not including,
// To. Both are reckoned from midnight as the clock shows it, so that 9h is 09:00 on every
// day. To at or before From lies on the next day; 24h is the end of the day.
type Interval struct{ From, To time.Duration }

// Date is a calendar date, of no zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Calendar knows when time counts. It covers the years 1950 to 2199 (UTC); outside them it
// is closed. What it has worked out of a year it keeps, so a question costs the same
// whatever time it spans. A nil Calendar, and the zero one, count around the clock, in all
// years. It may be used by several goroutines at once.
type Calendar struct {
	location *time.Location // nil: around the clock
	week     [7][]Interval  // disjoint, rising, none beyond its day
	closed   map[day]bool   // the Dates of the Spec
	country  []*cal.Holiday
	years    [endYear - firstYear]atomic.Pointer[year] // worked out at the first question
}

const hoursOfDay = 24 * time.Hour

// Always gives the calendar that counts around the clock.
func Always() *Calendar { return &Calendar{} }

// New gives the calendar that s describes, or an error that names what is wrong in s.
func New(s Spec) (*Calendar, error) {
	if s.Location == nil {
		return nil, fmt.Errorf("calendar %q: no time zone", s.Name)
	}
	week, err := weekOf(s.Hours)
	if err != nil {
		return nil, fmt.Errorf("calendar %q: %w", s.Name, err)
	}
	c := &Calendar{location: s.Location, week: week, closed: make(map[day]bool, len(s.Dates))}
	if s.Country != "" {
		if c.country = publicHolidays(s.Country); c.country == nil {
			return nil, fmt.Errorf("calendar %q: no public holidays are known of country %q", s.Name, s.Country)
		}
	}
	for _, d := range s.Dates {
		n, ok := d.day()
		if !ok {
			return nil, fmt.Errorf("calendar %q: there is no day %04d-%02d-%02d", s.Name, d.Year, d.Month, d.Day)
		}
		c.closed[n] = true
	}
	return c, nil
}

// weekOf gives to each weekday the intervals of its own 24 hours: what is overnight is cut
// at midnight, and what overlaps or touches is one.
func weekOf(hours [7][]Interval) (week [7][]Interval, err error) {
	empty := true
	for d, intervals := range hours {
		next := (d + 1) % 7
		for _, i := range intervals {
			if i.From < 0 || i.From >= hoursOfDay || i.To < 0 || i.To > hoursOfDay {
				return week, fmt.Errorf("hours of %s from %s to %s are not within a day", time.Weekday(d), i.From, i.To)
			}
			empty = false
			if i.To > i.From {
				week[d] = append(week[d], i)
				continue
			}
			week[d] = append(week[d], Interval{i.From, hoursOfDay})
			if i.To > 0 {
				week[next] = append(week[next], Interval{0, i.To})
			}
		}
	}
	if empty {
		return week, errors.New("no hours in the whole week")
	}
	for d := range week {
		week[d] = joined(week[d])
	}
	return week, nil
}

// joined sorts intervals and makes one of those that overlap or touch.
func joined(intervals []Interval) []Interval {
	slices.SortFunc(intervals, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	out := intervals[:0]
	for _, i := range intervals {
		if n := len(out); n > 0 && i.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, i.To)
			continue
		}
		out = append(out, i)
	}
	return out
}
