package poll

import (
	"slices"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// Demand is how many requests the schedule asks for in a span of time.
type Demand struct {
	Pages int // of selections
	Looks int
	Reads int // of logs without a cause, as far as what is known: a request each
	Full  int // of logs without a cause, to their end: as many requests as they have pages
}

// Forecast runs the schedule ahead over tickets as they are, and counts what it asks for in
// span, were there no limit to the rate. Nothing happens in the tickets meanwhile, but none
// grows older either: others take the place of those that do. What of a State says when
// something was asked last is ignored; that is spread evenly, as it is after some days. Logs
// of done tickets are taken to fit on a page, and so need not be read to their end again.
// pages tells how many pages a complete reading of a selection takes.
func Forecast(set Settings, tickets []State, pages func(selection string) int, now time.Time, span time.Duration) Demand {
	set.RequestRate, set.Concurrency, set.Selections = 0, 1, slices.Clone(set.Selections)
	for i := range set.Selections {
		set.Selections[i].Complete = now
	}
	f := &forecast{schedule: newSchedule(set, 1), pages: pages, idle: map[int64]time.Duration{}}
	at := fact.At(now)
	for _, st := range tickets {
		f.idle[st.ID] = max(0, now.Sub(idleSince(st, at).Time()))
		f.schedule.track(f.spread(st, now), at)
	}
	f.schedule.beginScans(at)
	warm := at.Add(fact.TicksOf(span)) // by then looks go together as they will
	f.until(at, warm)
	f.counted = Demand{}
	f.until(warm, warm.Add(fact.TicksOf(span)))
	return f.counted
}

type forecast struct {
	schedule *schedule
	pages    func(selection string) int
	idle     map[int64]time.Duration
	counted  Demand
}

// until lets the schedule run from one instant to another.
func (f *forecast) until(at, end fact.Instant) {
	for at < end {
		j, next := f.schedule.next(at)
		switch {
		case j != nil:
			f.settle(j, at)
		case !next.Known():
			return
		default:
			at = max(next, at+1)
		}
	}
}

// settle answers a job as if nothing had happened, and counts it.
func (f *forecast) settle(j *job, at fact.Instant) {
	now := at.Time()
	switch {
	case j.read != nil:
		st := f.state(j.read, now)
		st.ReadAt = now
		if j.toEnd {
			st.FullReadAt = now
			f.counted.Full++
		} else {
			f.counted.Reads++
		}
		f.schedule.readRecorded(j, apiclient.Reading{Begun: now, ReachedEnd: j.toEnd, Requests: 1}, st, at)
	case j.scan != nil:
		f.counted.Pages++
		if j.scan.complete {
			f.counted.Pages += max(1, f.pages(j.survey.selection)) - 1
		}
		f.schedule.pageRecorded(j, ended, nil, at)
	default:
		f.counted.Looks++
		var states []State
		for _, t := range j.looked {
			states = append(states, f.state(t, now))
		}
		f.schedule.looksRecorded(j, states, at)
	}
}

// state is what a ticket is like at now: as long idle as it was at the beginning.
func (f *forecast) state(t *ticket, now time.Time) State {
	return State{ID: t.id, Done: t.done, DoneSince: t.doneSince.Time(), LookedAt: t.lookedAt.Time(), ReadAt: t.readAt.Time(),
		FullReadAt: t.fullReadAt.Time(), LastEntry: now.Add(-f.idle[t.id])}
}

// spread gives a ticket a last look and read somewhere within what it waits between two.
func (f *forecast) spread(st State, now time.Time) State {
	at := fact.At(now)
	t := &ticket{idleSince: idleSince(st, at), done: st.Done}
	ago := func(wait fact.Ticks, salt uint64) time.Time {
		share := float64((uint64(st.ID)+salt)*0x9e3779b97f4a7c15>>11) / (1 << 53) //nolint:gosec // spreads; any bits do
		return at.Add(-fact.Ticks(share * float64(wait))).Time()
	}
	st.LookedAt = now // tickets at the shortest wait keep step with each other, as their first look brings them in
	if wait := f.schedule.rules.wait(t, at, f.schedule.rules.live); wait > f.schedule.rules.interval {
		st.LookedAt = ago(wait, 0)
	}
	st.ReadAt = ago(f.schedule.rules.wait(t, at, f.schedule.rules.readLive), 1)
	st.FullReadAt = ago(day, 2)
	if st.Done {
		st.FullReadAt = st.ReadAt
	}
	st.Changed, st.LabelProbe, st.ClockDue = false, false, time.Time{}
	return st
}
