package tally

import (
	"cmp"
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

// objective is a configured objective with its running totals.
type objective struct {
	name             string
	target           fact.Ticks
	clocks, breaches Count
	durations        timed
}

// shares are the bounds of an objective's histogram in eighths of its target.
//
//nolint:gochecknoglobals // an immutable table
var shares = [...]int64{1, 2, 4, 6, 8, 12, 16, 32, 64}

func (t *Tally) setObjectives(settings []ObjectiveSetting, native bool) {
	for _, s := range settings {
		l := labels{Label(s.Name)}
		o := &objective{
			name: l[0], target: fact.TicksOf(s.Target),
			clocks:   Count{Labels: l, Created: fact.Never},
			breaches: Count{Labels: l, Created: fact.Never},
		}
		o.durations = timed{histogram.New(o.bounds(), native), fact.Never}
		t.objectives = append(t.objectives, o)
		t.byName[o.name] = o
	}
	slices.SortFunc(t.objectives, func(a, b *objective) int { return cmp.Compare(a.name, b.name) })
}

func (t *Tally) setCalendars(settings []CalendarSetting) {
	for _, s := range settings {
		t.calendars = append(t.calendars, CalendarSetting{Label(s.Name), s.Calendar})
	}
	slices.SortFunc(t.calendars, func(a, b CalendarSetting) int { return cmp.Compare(a.Name, b.Name) })
}

// ObjectiveBounds gives the bucket bounds of an objective's histogram, in seconds. Eighths
// are exact in floats, so that the bound at the target itself is the target, and a clock
// stopped right then is within it.
func ObjectiveBounds(target time.Duration) []float64 {
	out := make([]float64, len(shares))
	for i, eighths := range shares {
		out[i] = fact.TicksOf(target).Seconds() * float64(eighths) / 8
	}
	return out
}

func (o *objective) bounds() []float64 { return ObjectiveBounds(o.target.Duration()) }

func (o *objective) publish(s fact.Series) {
	switch s.Kind {
	case fact.Clocks:
		o.clocks.Created = earliest(o.clocks.Created, s.Created)
	case fact.Breaches:
		o.breaches.Created = earliest(o.breaches.Created, s.Created)
	case fact.SLADurations:
		o.durations.created = earliest(o.durations.created, s.Created)
	default: // of no objective
	}
}

// shown gives the objective's totals and how many clocks are in each state.
func (o *objective) shown(active map[State]int) Objective {
	return Objective{
		Name:   o.name,
		Target: o.target.Seconds(),
		Clocks: o.clocks, Breaches: o.breaches,
		Durations: Histogram{labels{o.name}, o.durations.Data(), o.durations.created},
		Active:    active,
	}
}
