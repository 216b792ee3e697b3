package sla

import (
	"sort"
	"time"
)

// The years that a calendar covers, from the first of January of firstYear to that of
// endYear. Their length in nanoseconds fits a time.Duration, and every one of them fits
// Unix time in nanoseconds.
const (
	firstYear = 1950
	endYear   = 2200
)

// year is what a calendar has worked out of one year of UTC. It does not change.
type year struct {
	open   []span  // disjoint, rising, within the year; none touches the next
	before []int64 // by index in open: nanoseconds open in the year before it
	total  int64   // nanoseconds open in the year
}

// span is a stretch of time from from up to, but not including, to, in nanoseconds of Unix
// time.
type span struct{ from, to int64 }

// yearStart gives the first instant of year y of UTC.
func yearStart(y int) time.Time { return time.Date(y, time.January, 1, 0, 0, 0, 0, time.UTC) }

// yearOf gives the year of UTC in which ns lies.
func yearOf(ns int64) int { return time.Unix(0, ns).UTC().Year() }

// The ends of those years in seconds of Unix time.
const (
	firstSecond = -631152000
	endSecond   = 7258118400
)

// nanos gives t in nanoseconds of Unix time, moved into the years that a calendar covers.
func nanos(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec < firstSecond:
		return firstSecond * int64(time.Second)
	case sec >= endSecond:
		return endSecond * int64(time.Second)
	}
	return t.UnixNano()
}

func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// year gives what is open in year y, which is not before firstYear. Two goroutines that
// ask first work out the same.
func (c *Calendar) year(y int) *year {
	if y >= endYear {
		return &year{}
	}
	at := &c.years[y-firstYear]
	if known := at.Load(); known != nil {
		return known
	}
	worked := c.workOut(y)
	at.Store(worked)
	return worked
}

// workOut goes through year y in stretches in which the zone's offset stays the same.
func (c *Calendar) workOut(y int) *year {
	holidays := c.holidaysAround(y)
	end := yearStart(y + 1)
	var open []span
	for at := yearStart(y); at.Before(end); {
		stop, offset := sameOffset(at.In(c.location), end)
		open = c.appendOpen(open, span{at.UnixNano(), stop.UnixNano()}, offset, holidays)
		at = stop
	}
	return reckoned(open)
}

// sameOffset tells for how long, at most until end, the offset that holds at t stays.
func sameOffset(t, end time.Time) (stop time.Time, offset time.Duration) {
	_, seconds := t.Zone()
	_, stop = t.ZoneBounds()
	// On the last day of a leap year, where the zone goes by a rule for all years to come,
	// ZoneBounds gives the beginning of that day for the end: it takes a year for 365 days.
	// It never tells of an offset beyond the year then, so its end is right.
	if !stop.After(t) || stop.After(end) {
		stop = end
	}
	return stop, time.Duration(seconds) * time.Second
}

// appendOpen appends what is open in s, throughout which local time is offset ahead of UTC.
func (c *Calendar) appendOpen(open []span, s span, offset time.Duration, holidays map[day]bool) []span {
	for d := dayOf(s.from + int64(offset)); ; d++ {
		midnight := d.nanos() - int64(offset)
		if midnight >= s.to {
			return open
		}
		if holidays[d] {
			continue
		}
		for _, i := range c.week[d.weekday()] {
			from, to := max(s.from, midnight+int64(i.From)), min(s.to, midnight+int64(i.To))
			if n := len(open); n > 0 && from < to && open[n-1].to == from {
				open[n-1].to = to
			} else if from < to {
				open = append(open, span{from, to})
			}
		}
	}
}

// reckoned adds up what lies before each of the spans in open.
func reckoned(open []span) *year {
	y := &year{open: open, before: make([]int64, len(open))}
	for i, s := range open {
		y.before[i] = y.total
		y.total += s.to - s.from
	}
	return y
}

// endingAfter gives the index of the first span that ends after ns.
func (y *year) endingAfter(ns int64) int {
	return sort.Search(len(y.open), func(i int) bool { return y.open[i].to > ns })
}

// until gives the nanoseconds that are open in the year before ns.
func (y *year) until(ns int64) int64 {
	i := y.endingAfter(ns)
	if i == len(y.open) {
		return y.total
	}
	return y.before[i] + max(0, ns-y.open[i].from)
}

// reach gives the first instant before which n nanoseconds of the year are open; n is
// positive and not more than the total.
func (y *year) reach(n int64) int64 {
	i := sort.Search(len(y.open), func(i int) bool { return y.before[i]+y.open[i].to-y.open[i].from >= n })
	return y.open[i].from + n - y.before[i]
}
