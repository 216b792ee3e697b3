package sla

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// national is the public holidays of whole countries by ISO 3166 code. The tables are the
// library's; countries of which it knows only the parts (as Australia) are not in it.
//
//nolint:gochecknoglobals // an immutable table
var national = map[string][]*cal.Holiday{
	"AR": ar.Holidays, "AT": at.Holidays, "BE": be.Holidays, "BG": bg.Holidays,
	"BR": br.Holidays, "CA": ca.Holidays, "CH": ch.Holidays, "CZ": cz.Holidays,
	"DE": de.Holidays, "DK": dk.Holidays, "ES": es.Holidays, "FR": fr.Holidays,
	"GB": gb.Holidays, "GR": gr.Holidays, "HR": hr.Holidays, "IE": ie.Holidays,
	"IT": it.Holidays, "JP": jp.Holidays, "LT": lt.Holidays, "LV": lv.Holidays,
	"MW": mw.Holidays, "NC": nc.Holidays, "NL": nl.Holidays, "NO": no.Holidays,
	"NZ": nz.Holidays, "PL": pl.Holidays, "RO": ro.Holidays, "RU": ru.Holidays,
	"SE": se.Holidays, "SI": si.Holidays, "SK": sk.Holidays, "UA": ua.Holidays,
	"US": us.Holidays, "ZA": za.Holidays,
}

// sundays is what the tables leave out because it never falls on a working day; it matters
// to those who answer on Sundays.
//
//nolint:gochecknoglobals // an immutable table
var sundays = map[string][]*cal.Holiday{
	"DK": {aa.Easter, aa.Pentecost},
	"NO": {aa.Easter, aa.Pentecost},
	"SE": {aa.Easter, aa.Pentecost},
}

// Countries lists the codes of the countries whose public holidays are known, sorted.
func Countries() []string { return slices.Sorted(maps.Keys(national)) }

// HolidayCountry says whether the public holidays of the country are known; the case of
// its code does not matter.
func HolidayCountry(code string) bool { return publicHolidays(code) != nil }

func publicHolidays(code string) []*cal.Holiday {
	code = strings.ToUpper(code)
	return slices.Concat(national[code], sundays[code])
}

// holidaysAround gives the days that are closed in year y, and, since the zone may be
// ahead of UTC or behind it, in those on either side.
func (c *Calendar) holidaysAround(y int) map[day]bool {
	closed := maps.Clone(c.closed)
	for of := y - 1; of <= y+1; of++ {
		for _, h := range c.country {
			fallsOn, observedOn, ok := holidayIn(h, of)
			if ok {
				closed[fallsOn], closed[observedOn] = true, true
			}
		}
	}
	return closed
}

// holidayIn tells on which day h falls in a year, and on which a substitute is given for
// it: the same, or, in countries that have such a rule and on certain weekdays, another,
// which may lie in a neighbouring year.
func holidayIn(h *cal.Holiday, of int) (fallsOn, observedOn day, ok bool) {
	own := *h // some tables write to the holiday while they reckon
	own.Observed = nil
	begin, _ := own.Calc(of)
	if begin.IsZero() {
		return 0, 0, false
	}
	// The library gives the midnight of the machine's zone. Where that is left out by a
	// clock put forward it gives 23:00 or 01:00; noon is on the right day in any case.
	noon := begin.Add(hoursOfDay / 2)
	fallsOn, _ = Date{noon.Year(), noon.Month(), noon.Day()}.day()
	for _, o := range h.Observed {
		if o.Day == fallsOn.weekday() {
			return fallsOn, fallsOn + day(o.Offset), true
		}
	}
	return fallsOn, fallsOn, true
}

// day is a calendar date as the number of days since 1970-01-01.
type day int64

// day is false for a date that no month has.
func (d Date) day() (day, bool) {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	y, m, n := t.Date()
	return day(t.Unix() / int64(hoursOfDay/time.Second)), Date{y, m, n} == d
}

// dayOf gives the date of local time that is given in nanoseconds since 1970-01-01 00:00.
func dayOf(local int64) day {
	d := day(local / int64(hoursOfDay))
	if local%int64(hoursOfDay) < 0 {
		d--
	}
	return d
}

func (d day) nanos() int64 { return int64(d) * int64(hoursOfDay) }

// weekday counts from 1970-01-01, a Thursday.
func (d day) weekday() time.Weekday {
	return time.Weekday(((int64(d)+int64(time.Thursday))%7 + 7) % 7)
}
