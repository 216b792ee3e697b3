package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	midnight = 24 * time.Hour // the one at the end of a day
	week     = 7 * midnight
)

// Interval is a span of opening hours, in time since midnight by the clocks of the
// calendar's place. One whose To is not after its From goes on into the next day, and
// belongs to the day on which it starts. To may be 24 hours.
type Interval struct{ From, To time.Duration }

// String gives the interval in the form 08:00-16:00.
func (i Interval) String() string { return timeOfDay(i.From) + "-" + timeOfDay(i.To) }

func timeOfDay(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// length of the interval on a day without a change of clocks.
func (i Interval) length() time.Duration {
	if i.To <= i.From {
		return i.To + midnight - i.From
	}
	return i.To - i.From
}

// opening is an interval with its place in the file.
type opening struct {
	Interval
	day   time.Weekday
	place node
}

// start gives the time since the beginning of the week, which is Sunday.
func (o opening) start() time.Duration { return time.Duration(o.day)*midnight + o.From }

// hours reads the opening hours of a week.
func (d *decoder) hours(n node) (open [7][]Interval) {
	o := d.object(n)
	var all []opening
	taken := map[time.Weekday]node{}
	before := len(d.problems)
	for _, k := range o.keys {
		days, ok := d.days(k)
		intervals := d.intervals(o.at(k.Value))
		if !ok {
			continue
		}
		for _, day := range days {
			if other, twice := taken[day]; twice {
				d.fail(k, "%s is given by %s already; give each day once", day, quote(other.Value))
				continue
			}
			taken[day] = k
			for _, i := range intervals {
				all = append(all, opening{i.Interval, day, i.place})
			}
		}
	}
	if len(all) == 0 && len(d.problems) == before {
		d.fail(n, "holds no opening hours, so no time would ever count; write it like {mon-fri: [\"08:00-16:00\"]}")
	}
	slices.SortFunc(all, func(a, b opening) int { return cmp.Compare(a.start(), b.start()) })
	d.overlaps(all)
	for _, i := range all {
		open[i.day] = append(open[i.day], i.Interval)
	}
	return open
}

// overlaps reports openings that begin before the one before them has ended; the first of
// the week follows the last.
func (d *decoder) overlaps(sorted []opening) {
	for i, o := range sorted {
		next := sorted[(i+1)%len(sorted)]
		start := next.start()
		if i == len(sorted)-1 {
			start += week
		}
		if o.start()+o.length() > start {
			d.fail(next.place, "%s on %s overlaps %s of %s; let each moment stand in one interval", next.Interval, next.day, o.Interval, o.day)
		}
	}
}

// weekdays gives the days as they are written, by time.Weekday.
func weekdays() [7]string { return [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// days reads a key such as mon, mon-thu or fri-mon.
func (d *decoder) days(key node) ([]time.Weekday, bool) {
	first, last, span := strings.Cut(key.Value, "-")
	if !span {
		last = first
	}
	names := weekdays()
	from, to := slices.Index(names[:], first), slices.Index(names[:], last)
	if from < 0 || to < 0 {
		d.fail(key, "%s is no day; write mon, tue, wed, thu, fri, sat or sun, or a span such as mon-fri", quote(key.Value))
		return nil, false
	}
	days := []time.Weekday{time.Weekday(from)}
	for from != to {
		from = (from + 1) % len(names)
		days = append(days, time.Weekday(from))
	}
	return days, true
}

func (d *decoder) intervals(n node) []opening {
	if n.null() {
		d.fail(n, "has no value; write [] for a closed day")
	}
	var all []opening
	for _, e := range d.list(n) {
		if i, ok := d.interval(e); ok {
			all = append(all, opening{Interval: i, place: e})
		}
	}
	return all
}

var intervalForm = regexp.MustCompile(`^(\d{1,2}):(\d{2}) *[-–] *(\d{1,2}):(\d{2})$`)

func (d *decoder) interval(n node) (Interval, bool) {
	text, ok := d.scalar(n, `a span of time ("08:00-16:00")`)
	if !ok {
		return Interval{}, false
	}
	m := intervalForm.FindStringSubmatch(text)
	if m == nil {
		d.fail(n, "%s is no span of time; write it like \"08:00-16:00\"", quote(text))
		return Interval{}, false
	}
	from, fromOK := sinceMidnight(m[1], m[2])
	to, toOK := sinceMidnight(m[3], m[4])
	switch {
	case !fromOK || !toOK || from == midnight:
		d.fail(n, "%s holds a time that no clock shows; times are 00:00 to 23:59, and 24:00 at the end", quote(text))
	case from == to:
		d.fail(n, "%s is empty; write \"00:00-24:00\" for a whole day", quote(text))
	case to == 0:
		return Interval{from, midnight}, true
	default:
		return Interval{from, to}, true
	}
	return Interval{}, false
}

func sinceMidnight(hour, minute string) (time.Duration, bool) {
	t, err := time.ParseDuration(hour + "h" + minute + "m")
	return t, err == nil && t <= midnight && minute < "60"
}
