package sla

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCalendarIsItsDefinition compares 250 random calendars in 100,000 cases with a model that
// looks at the wall clock in every single minute.
func TestCalendarIsItsDefinition(t *testing.T) {
	s := newSeed(t)
	for n := range uint64(250) {
		r := rand.New(rand.NewPCG(s, n))
		zone := zones[r.IntN(len(zones))]
		loc := location(t, zone.name)
		begin := randomBegin(r, loc, zone.first, zone.last)
		spec := randomSpec(r, loc, begin, time.Minute)
		checkCalendar(t, r, spec, walk(&spec, begin, 6*hoursOfDay, time.Minute), 400)
	}
}

// TestOffsetsInSeconds does the same second by second where Monrovia's clocks were put
// forward by 44 minutes and 30 seconds.
func TestOffsetsInSeconds(t *testing.T) {
	s := newSeed(t)
	loc := location(t, "Africa/Monrovia")
	begin := time.Date(1972, time.January, 6, 12, 0, 0, 0, time.UTC)
	for n := range uint64(10) {
		r := rand.New(rand.NewPCG(s, n))
		spec := randomSpec(r, loc, begin, time.Second)
		checkCalendar(t, r, spec, walk(&spec, begin, hoursOfDay, time.Second), 100)
	}
}

// TestYears does the same over three years, in minutes.
func TestYears(t *testing.T) {
	s := newSeed(t)
	for n, name := range []string{"Europe/Oslo", "America/New_York"} {
		r := rand.New(rand.NewPCG(s, uint64(n)))
		begin := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
		spec := randomSpec(r, location(t, name), begin, time.Minute)
		checkCalendar(t, r, spec, walk(&spec, begin, 3*365*hoursOfDay, time.Minute), 20)
	}
}

func checkCalendar(t *testing.T, r *rand.Rand, spec Spec, m model, cases int) {
	t.Helper()
	c, err := New(spec)
	require.NoError(t, err)
	j := judge{t, &spec, m}
	within := func() time.Duration { return time.Duration(r.Int64N(int64(m.window()))) }
	for n := range cases {
		a, b, d := within(), within(), within()/3
		if n%4 == 0 { // on the very edges, too
			a, b = a.Truncate(m.step), b.Truncate(m.step)
			d = counted(m.running(a, nil), b)
		}
		at, pieces := j.at(a), m.running(a, nil)
		j.duration("Between, to "+j.at(b).String(), a, counted(pieces, b), c.Between(at, j.at(b)))
		want, in := reach(pieces, d)
		if d == 0 {
			want, in = a, true
		}
		got, ok := c.Reach(at, d)
		j.instant("Reach "+d.String(), a, want, in, got, ok)
		want, in = nextRunning(pieces, a)
		got, ok = c.NextOpen(at)
		j.instant("NextOpen", a, want, in, got, ok)
		want, in = m.nextChange(a)
		got, ok = c.NextChange(at)
		j.instant("NextChange", a, want, in, got, ok)
		if open := m.open[a/m.step]; c.Open(at) != open {
			j.fail("Open", a, open, !open)
		}
	}
}

// TestClockIsItsDefinition compares clocks that have pauses with a model that takes the
// pauses out of every open minute.
func TestClockIsItsDefinition(t *testing.T) {
	s := newSeed(t)
	for n := range uint64(1000) {
		r := rand.New(rand.NewPCG(s, n))
		zone := zones[r.IntN(len(zones))]
		loc := location(t, zone.name)
		begin := randomBegin(r, loc, zone.first, zone.last)
		spec := randomSpec(r, loc, begin, time.Minute)
		if r.IntN(10) == 0 { // around the clock
			spec = Spec{Location: time.UTC, Hours: [7][]Interval(slices.Repeat([][]Interval{{{0, hoursOfDay}}}, 7))}
		}
		checkClock(t, r, spec, walk(&spec, begin, 2*hoursOfDay, time.Minute))
	}
}

func checkClock(t *testing.T, r *rand.Rand, spec Spec, m model) {
	t.Helper()
	c, err := New(spec)
	require.NoError(t, err)
	j := judge{t, &spec, m}
	if spec.Name == "" {
		c = Always()
	}
	start := time.Duration(r.Int64N(int64(m.window() / 2)))
	pauses, goesOn := randomPauses(r, m)
	k := Clock{Calendar: c, Start: j.at(start)}
	for _, p := range pauses {
		k.Pauses = append(k.Pauses, Span{j.at(p.from), j.at(p.to)})
	}
	if goesOn {
		k.Pauses[len(k.Pauses)-1].To = time.Time{}
		pauses[len(pauses)-1].to = m.window()
	}
	pieces := m.running(start, pauses)
	for n := range 10 {
		at := time.Duration(r.Int64N(int64(m.window())))
		j.duration("Counted", at, counted(pieces, at), k.Counted(j.at(at)))
		k.Target = counted(pieces, at) // what is reached where counting stops, now and then
		if n%2 == 0 {
			k.Target = time.Duration(r.Int64N(int64(m.window() / 2)))
		}
		due, in := reach(pieces, k.Target)
		if k.Target == 0 {
			due, in = start, true
		}
		got, ok := k.Reach(k.Target)
		require.False(t, goesOn && !in && ok, "reached in a pause that goes on")
		j.instant("Reach "+k.Target.String(), start, due, in, got, ok)
		exceeds, more := nextRunning(pieces, due)
		got, ok = k.Exceeds()
		in = in && more
		require.False(t, goesOn && !in && ok, "exceeded in a pause that goes on")
		j.instant("Exceeds "+k.Target.String(), start, exceeds, in, got, ok)
	}
}

// randomPauses gives pauses in order of time; the last may go on.
func randomPauses(r *rand.Rand, m model) (pauses []stretch, goesOn bool) {
	var edges []time.Duration
	for range 2 * r.IntN(5) {
		edge := time.Duration(r.Int64N(int64(m.window())))
		if r.IntN(2) == 0 {
			edge = edge.Truncate(time.Hour)
		}
		edges = append(edges, edge)
	}
	slices.Sort(edges)
	for i := 0; i < len(edges); i += 2 {
		pauses = append(pauses, stretch{edges[i], edges[i+1]})
	}
	return pauses, len(pauses) > 0 && r.IntN(3) == 0
}
