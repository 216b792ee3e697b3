package backfill

import (
	"slices"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/tally"
)

// catalogue says which metrics are written, and from what.
type catalogue struct {
	*job
	contents eventstore.Contents
	metrics  map[string]exposition.Metric
	byID     map[int64]values // labels of the series of events
	places   places
}

func newCatalogue(j *job, c eventstore.Contents) *catalogue {
	k := &catalogue{job: j, contents: c, metrics: map[string]exposition.Metric{}, byID: map[int64]values{}, places: newPlaces(c)}
	for _, m := range exposition.Catalogue() {
		k.metrics[m.Name] = m
	}
	for _, s := range c.Series {
		if s.Kind == fact.Events {
			k.byID[s.ID] = values{tally.Label(s.Labels[0]), tally.Label(s.Labels[1]), tally.Label(s.Labels[2])}
		}
	}
	return k
}

// families gives the metrics in the order in which they are written. What is left out is
// what the store cannot tell of the past: how many tickets there were, and their clocks,
// since tickets that were done before the first pass may never have been read.
func (k *catalogue) families(start recorder.Start) []*family {
	events := k.family("socialboards_ticket_events_total", fact.Events, start)
	all := []*family{
		events,
		k.family("socialboards_ticket_status_changes_total", fact.Changes, start),
		k.family("socialboards_ticket_status_duration_seconds", fact.Durations, start),
		k.users(events.sources[0]),
		k.objectives("socialboards_sla_clocks_total", fact.Clocks),
		k.objectives("socialboards_sla_breaches_total", fact.Breaches),
		k.objectives("socialboards_sla_duration_seconds", fact.SLADurations),
		k.targets(),
		k.calendars(start),
	}
	return slices.DeleteFunc(all, func(f *family) bool { return len(f.sources)+len(f.gauges) == 0 })
}

// family is a metric that knows nothing of objectives: what the first pass counted, and
// what is backlog.
func (k *catalogue) family(name string, kind fact.Kind, start recorder.Start) *family {
	f := &family{metric: k.metrics[name]}
	k.add(f, k.Bounds, eventstore.Which{Kind: kind, UpTo: start.Seq}, start.At)
	if k.Backlog {
		k.add(f, k.Bounds, eventstore.Which{Kind: kind, Backlog: true, UpTo: k.contents.LastSeq}, fact.At(k.Now()))
	}
	return f
}

// objectives is a metric of objectives. One that was configured later has starting values
// of its own, and its own end.
func (k *catalogue) objectives(name string, kind fact.Kind) *family {
	f := &family{metric: k.metrics[name]}
	for _, o := range k.Objectives {
		start, ok := recorder.StartOf(k.contents.Meta, o.Name)
		if !ok {
			k.Logger.Warn("an objective is left out: the exporter has not judged by it yet", "objective", o.Name, "metric", name)
			continue
		}
		k.add(f, tally.ObjectiveBounds(o.Target), eventstore.Which{Kind: kind, Objective: o.Name, UpTo: start.Seq}, start.At)
	}
	return f
}

// add adds a source to a family.
func (k *catalogue) add(f *family, bounds []float64, w eventstore.Which, until fact.Instant) {
	w.Sorted = true
	src := &source{which: w, until: k.until(until), series: map[values]*series{}, label: k.label(w)}
	src.make = func(v values) total {
		pairs := pairsOf(f.metric, v)
		if w.Backlog {
			pairs = append(pairs, pair{"result", string(fact.Backlog)})
		}
		if f.metric.Type == exposition.Histogram {
			return newHistogram(f.metric.Name, pairs, bounds)
		}
		return newCounter(f.metric.Name, pairs)
	}
	f.sources = append(f.sources, src)
}

// label says how the labels of happenings are found.
func (k *catalogue) label(w eventstore.Which) func(eventstore.Happening) (values, bool) {
	if w.Kind != fact.Events {
		return labelsOf
	}
	return func(h eventstore.Happening) (values, bool) {
		v, ok := k.byID[h.Series]
		if !ok {
			v = k.places.of(h.Labels)
		}
		return v, len(k.ActionTypes) == 0 || slices.Contains(k.ActionTypes, v[0])
	}
}

// users tells who the users behind events are, each from its first event on.
func (k *catalogue) users(events *source) *family {
	f := &family{metric: k.metrics["socialboards_user_info"]}
	for _, u := range k.contents.Users {
		if !u.Placed {
			continue
		}
		if !k.UserNames {
			u.Name = ""
		}
		id := tally.Label(u.ID)
		line := sample(f.metric.Name, pairsOf(f.metric, values{id, tally.Label(u.Name), tally.Label(u.Type)}), "1")
		f.gauges = append(f.gauges, gauge{
			span: func() (from, to int64) { return events.span(func(v values) bool { return v[1] == id }) },
			line: func(fact.Instant) []byte { return line },
		})
	}
	return f
}

// targets tells the targets of objectives. What one was before its definition changed is
// not known.
func (k *catalogue) targets() *family {
	f := &family{metric: k.metrics["socialboards_sla_target_seconds"]}
	unchanged := map[string]bool{}
	for _, o := range k.contents.Objectives {
		unchanged[o.Name] = !o.Since.Known()
	}
	for _, o := range k.Objectives {
		start, ok := recorder.StartOf(k.contents.Meta, o.Name)
		if !ok || !unchanged[o.Name] {
			continue
		}
		line := sample(f.metric.Name, pairsOf(f.metric, values{tally.Label(o.Name)}), float(o.Target.Seconds()))
		f.gauges = append(f.gauges, gauge{span: k.always(start.At), line: func(fact.Instant) []byte { return line }})
	}
	return f
}

// calendars tells when calendars were open, which follows from the configuration.
func (k *catalogue) calendars(start recorder.Start) *family {
	f := &family{metric: k.metrics["socialboards_sla_calendar_open"]}
	for _, c := range k.Calendars {
		pairs := pairsOf(f.metric, values{tally.Label(c.Name)})
		open, closed := sample(f.metric.Name, pairs, "1"), sample(f.metric.Name, pairs, "0")
		f.gauges = append(f.gauges, gauge{span: k.always(start.At), line: func(at fact.Instant) []byte {
			if c.Calendar.Open(at.Time()) {
				return open
			}
			return closed
		}})
	}
	return f
}

// always is the span of a gauge that needs no event to begin.
func (k *catalogue) always(until fact.Instant) func() (from, to int64) {
	end := k.first(k.until(until))
	return func() (int64, int64) { return before, end }
}

// places gives what is not counted the labels that it would have been counted under.
type places struct {
	actions, types map[string]bool
	users          map[string]bool // placed ones
}

// The exporter's own limits.
const (
	maxNames = 100
	other    = "other"
)

func newPlaces(c eventstore.Contents) places {
	p := places{actions: map[string]bool{}, types: map[string]bool{}, users: map[string]bool{}}
	for _, s := range c.Series {
		if s.Kind == fact.Events {
			p.actions[s.Labels[0]], p.types[s.Labels[2]] = true, true
		}
	}
	for _, u := range c.Users {
		p.users[u.ID] = u.Placed
	}
	return p
}

func (p places) of(v values) values {
	if v[1] != "" && !p.users[v[1]] {
		v[1] = other
	}
	return values{tally.Label(place(p.actions, v[0])), tally.Label(v[1]), tally.Label(place(p.types, v[2]))}
}

func place(names map[string]bool, name string) string {
	if !names[name] && len(names) >= maxNames {
		return other
	}
	names[name] = true
	return name
}
