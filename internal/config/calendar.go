package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	// Time zones must be there in images that hold nothing but the program.
	_ "time/tzdata"
)

// Calendar is the hours in which time counts.
type Calendar struct {
	Name     string
	Timezone string // as written
	Location *time.Location
	Hours    [7][]Interval // by time.Weekday; sorted
	Country  string        // whose public holidays are closed; empty: none
	Dates    []Date        // further closed days, sorted
}

func (c Calendar) clone() Calendar {
	for i := range c.Hours {
		c.Hours[i] = slices.Clone(c.Hours[i])
	}
	c.Dates = slices.Clone(c.Dates)
	return c
}

// definition gives what matters to judging: two calendars that define the same hours are
// equal in it, whatever their names are.
func (c Calendar) definition() any {
	var week [7][]string
	for day, intervals := range c.Hours {
		for _, i := range intervals {
			week[day] = append(week[day], i.String())
		}
	}
	var dates []string
	for _, d := range c.Dates {
		dates = append(dates, d.String())
	}
	return struct {
		Timezone string      `json:"timezone"`
		Week     [7][]string `json:"week"` // from Sunday on
		Country  string      `json:"country,omitempty"`
		Dates    []string    `json:"dates,omitempty"`
	}{c.Timezone, week, c.Country, dates}
}

// Date is a day by the calendar of a place.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String gives the date in the form 2026-12-24.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// calendars reads the calendars, sorted by name.
func (d *decoder) calendars(n node) []Calendar {
	o := d.object(n)
	var all []Calendar
	for _, k := range o.keys {
		d.isName(k, k.Value)
		all = append(all, d.calendar(o.at(k.Value), k.Value))
	}
	slices.SortFunc(all, func(a, b Calendar) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (d *decoder) calendar(n node, name string) Calendar {
	c := Calendar{Name: name}
	o := d.object(n)
	if z, ok := o.get("timezone"); ok {
		c.Timezone, c.Location = d.timezone(z)
	} else {
		o.missing("timezone", "name the place by whose clocks the hours are meant, such as Europe/Oslo")
	}
	if h, ok := o.get("hours"); ok {
		c.Hours = d.hours(h)
	} else {
		o.missing("hours", `write it like {mon-fri: ["08:00-16:00"]}`)
	}
	h := d.object(o.at("holidays"))
	read(h, "country", &c.Country, d.country)
	c.Dates = once(d, h.list("dates"), d.date)
	slices.SortFunc(c.Dates, func(a, b Date) int { return strings.Compare(a.String(), b.String()) })
	h.done()
	o.done()
	return c
}

func (d *decoder) timezone(n node) (string, *time.Location) {
	text, ok := d.nonEmpty(n)
	if !ok {
		return "", nil
	}
	zone, err := time.LoadLocation(text)
	if err != nil || text == "Local" { // Local would mean something else on each machine
		d.fail(n, "%s is no time zone; use a name of the IANA database, such as Europe/Oslo or UTC", quote(text))
		return "", nil
	}
	return text, zone
}

func (d *decoder) country(n node) (string, bool) {
	text, ok := d.text(n)
	if !ok || text == "" {
		return "", ok
	}
	if known := d.known.HolidayCountry; known != nil && !known(text) {
		d.fail(n, "there is no table of public holidays for %s; use an ISO 3166 code in capitals, such as NO, or list the days in dates", quote(text))
		return "", false
	}
	return text, true
}

func (d *decoder) date(n node) (Date, bool) {
	text, ok := d.scalar(n, "a date")
	if !ok {
		return Date{}, false
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		d.fail(n, "%s is no date; write it like 2026-12-24", quote(text))
		return Date{}, false
	}
	return Date{t.Year(), t.Month(), t.Day()}, true
}

// byName finds a calendar.
func byName(all []Calendar, name string) (Calendar, bool) {
	i := slices.IndexFunc(all, func(c Calendar) bool { return c.Name == name })
	if i < 0 {
		return Calendar{}, false
	}
	return all[i], true
}

func names(all []Calendar) []string {
	list := make([]string, len(all))
	for i, c := range all {
		list[i] = c.Name
	}
	return list
}
