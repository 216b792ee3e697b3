package sla

import (
	"flag"
	"iter"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the zones of the machine

	"github.com/stretchr/testify/require"
)

var seed = flag.Uint64("sla.seed", 0, "seed of the property tests; 0: another one each time")

// newSeed gives the seed for a test, and makes a failure tell of it.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	s := *seed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("to repeat: go test ./internal/sla -run '^%s$' -sla.seed=%d", t.Name(), s)
	return s
}

// counts is the definition of what counts, taken literally: look at the wall clock, then
// at the hours of its date and of the one before.
func counts(s *Spec, t time.Time) bool {
	local := t.In(s.Location)
	y, m, d := local.Date()
	for _, closed := range s.Dates {
		if closed == (Date{y, m, d}) {
			return false
		}
	}
	hour, minute, sec := local.Clock()
	tod := time.Duration(hour*3600+minute*60+sec)*time.Second + time.Duration(local.Nanosecond())
	for _, i := range s.Hours[local.Weekday()] {
		overnight := i.To <= i.From
		if tod >= i.From && (overnight || tod < i.To) {
			return true
		}
	}
	for _, i := range s.Hours[(local.Weekday()+6)%7] {
		overnight := i.To <= i.From
		if overnight && tod < i.To {
			return true
		}
	}
	return false
}

// model knows of each step of a window of time whether it counts, by having looked. A step
// divides all that the spec is made of.
type model struct {
	begin time.Time
	step  time.Duration
	open  []bool
}

func walk(s *Spec, begin time.Time, window, step time.Duration) model {
	m := model{begin: begin, step: step, open: make([]bool, window/step)}
	for i := range m.open {
		m.open[i] = counts(s, begin.Add(time.Duration(i)*step))
	}
	return m
}

func (m model) window() time.Duration { return time.Duration(len(m.open)) * m.step }

// stretch is some time in the window, as time since its begin.
type stretch struct{ from, to time.Duration }

// running goes through what counts after start and outside the pauses, in pieces no longer
// than a step; a pause that goes on ends with the window.
func (m model) running(start time.Duration, pauses []stretch) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for i := int(start / m.step); i < len(m.open); i++ {
			if !m.open[i] {
				continue
			}
			rest := stretch{max(start, time.Duration(i)*m.step), time.Duration(i+1) * m.step}
			for _, p := range pauses {
				if rest.from < p.from && !yield(stretch{rest.from, min(rest.to, p.from)}) {
					return
				}
				if rest.from = max(rest.from, p.to); rest.from >= rest.to {
					break
				}
			}
			if rest.from < rest.to && !yield(rest) {
				return
			}
		}
	}
}

// counted adds up the pieces as far as t.
func counted(pieces iter.Seq[stretch], t time.Duration) (sum time.Duration) {
	for p := range pieces {
		if p.from >= t {
			break
		}
		sum += min(p.to, t) - p.from
	}
	return sum
}

// reach goes through the pieces until d is used up; false: not in the window.
func reach(pieces iter.Seq[stretch], d time.Duration) (time.Duration, bool) {
	for p := range pieces {
		if d <= p.to-p.from {
			return p.from + d, true
		}
		d -= p.to - p.from
	}
	return 0, false
}

// nextRunning gives the first instant at t or after it that is in a piece.
func nextRunning(pieces iter.Seq[stretch], t time.Duration) (time.Duration, bool) {
	for p := range pieces {
		if p.to > t {
			return max(p.from, t), true
		}
	}
	return 0, false
}

// nextChange gives the first step after t that differs from the one in which t lies.
func (m model) nextChange(t time.Duration) (time.Duration, bool) {
	now := int(t / m.step)
	for i := now + 1; i < len(m.open); i++ {
		if m.open[i] != m.open[now] {
			return time.Duration(i) * m.step, true
		}
	}
	return 0, false
}

// zones whose clocks do odd things, beside ordinary ones, with years in which they do.
var zones = []struct {
	name        string
	first, last int
}{
	{"UTC", 1990, 2100},
	{"Europe/Oslo", 1980, 2060},
	{"America/New_York", 1960, 2060},
	{"Australia/Lord_Howe", 1981, 2060}, // moves by 30 minutes
	{"Asia/Kathmandu", 1985, 1987},      // from +5:30 to +5:45
	{"America/Sao_Paulo", 1985, 2019},   // leaves out midnight
	{"Asia/Beirut", 1993, 2060},         // leaves out midnight
	{"Africa/Cairo", 2007, 2060},        // leaves out midnight, on Fridays
	{"America/Havana", 2000, 2060},      // leaves out midnight, has it twice
	{"Pacific/Apia", 2010, 2022},        // leaves out 2011-12-30
	{"Pacific/Kwajalein", 1993, 1994},   // leaves out 1993-08-21
	{"Africa/Casablanca", 2010, 2080},   // puts clocks back for Ramadan
	{"Europe/Dublin", 1965, 2060},       // has its standard time in summer
	{"America/St_Johns", 1986, 2012},    // half-hour offset, moves at 00:01, once by two hours
	{"Antarctica/Troll", 2006, 2060},    // moves by two hours
	{"America/Nuuk", 2020, 2060},        // moves on Saturday evening
	{"Pacific/Chatham", 1990, 2060},     // +12:45
	{"Asia/Gaza", 2010, 2060},
	{"America/Caracas", 2006, 2018}, // to -4:30 and back
	{"Asia/Pyongyang", 2014, 2019},
}

// randomBegin gives the begin of a window of some days, more often than not with a change
// of the zone's offset in it, or the end of a year.
func randomBegin(r *rand.Rand, loc *time.Location, first, last int) time.Time {
	day := time.Date(first+r.IntN(last-first+1), 1, 1+r.IntN(366), 0, 0, 0, 0, time.UTC)
	switch r.IntN(6) {
	case 0: // anywhere
	case 1:
		day = time.Date(day.Year(), time.December, 29, 0, 0, 0, 0, time.UTC)
	default:
		if _, change := day.In(loc).ZoneBounds(); !change.IsZero() && change.Year() < last+2 {
			day = change.UTC().Truncate(hoursOfDay).AddDate(0, 0, -1-r.IntN(3))
		}
	}
	return day
}

func location(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(tb, err)
	return loc
}

// randomSpec gives hours in whole steps, at least some, and some closed dates in the week
// after begin.
func randomSpec(r *rand.Rand, loc *time.Location, begin time.Time, step time.Duration) Spec {
	s := Spec{Name: "random", Location: loc}
	within := func(most time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most/step))) * step }
	for d := range s.Hours {
		for range r.IntN(4) {
			i := Interval{within(hoursOfDay), within(hoursOfDay + step)}
			switch r.IntN(6) {
			case 0:
				i = Interval{0, hoursOfDay}
			case 1: // where most clocks are changed
				i = Interval{within(2 * time.Hour), time.Hour + within(3*time.Hour)}
			case 2:
				i.To = i.From % hoursOfDay
			}
			s.Hours[d] = append(s.Hours[d], i)
		}
	}
	s.Hours[r.IntN(7)] = []Interval{{9 * time.Hour, 17 * time.Hour}}
	for range r.IntN(4) {
		y, m, d := begin.AddDate(0, 0, r.IntN(8)-1).Date()
		s.Dates = append(s.Dates, Date{y, m, d})
	}
	return s
}

// judge compares answers with the model's, and tells in full of what differs.
type judge struct {
	t    *testing.T
	spec *Spec
	m    model
}

func (j judge) at(d time.Duration) time.Time { return j.m.begin.Add(d) }

func (j judge) fail(what string, at time.Duration, want, got any) {
	j.t.Helper()
	require.Failf(j.t, what, "at %s: want %v, got %v\nzone %s\nhours %v\nclosed %v",
		j.at(at), want, got, j.spec.Location, j.spec.Hours, j.spec.Dates)
}

func (j judge) duration(what string, at, want, got time.Duration) {
	j.t.Helper()
	if want != got {
		j.fail(what, at, want, got)
	}
}

// instant compares instants. What the model did not find in its window must lie beyond.
func (j judge) instant(what string, at, want time.Duration, in bool, got time.Time, ok bool) {
	j.t.Helper()
	switch {
	case in && (!ok || !got.Equal(j.at(want))):
		j.fail(what, at, j.at(want), got)
	case !in && ok && got.Before(j.at(j.m.window())):
		j.fail(what, at, "none in the window", got)
	}
}
