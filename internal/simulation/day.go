package simulation

import (
	"context"
	"math/rand/v2"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
)

// Setup is what is simulated: a day to come into step, and a day that counts.
type Setup struct {
	Shape    Shape
	Settings poll.Settings
	Webhooks bool // each happening that lists show is called about, and arrives at once
}

// Defaults are the settings that users begin with.
func Defaults() poll.Settings {
	return poll.Settings{
		Interval: 30 * time.Second, MaxInterval: 15 * time.Minute, ReadMaxInterval: 6 * time.Hour,
		DoneMaxInterval: day, DoneFor: doneFor, RequestRate: 5, Concurrency: 4,
		Selections: []poll.Selection{{Key: "open", Query: apiclient.ListQuery{Status: "open"}, Complete: start().Add(-5 * time.Minute)}},
	}
}

// Result is what came of the day that counts.
type Result struct {
	Live, Done int // tickets at its end
	Used       Requests
	Needed     Requests // what the intervals promise, and one read for each log that visibly changed
	Lags
	Late time.Duration // how overdue the most overdue look or read was at any full hour
}

// PerSecond gives the mean rate of requests.
func (r Result) PerSecond() float64 { return float64(r.Used.All()) / day.Seconds() }

// Waste gives requests used for each that was needed.
func (r Result) Waste() float64 { return float64(r.Used.All()) / float64(r.Needed.All()) }

// Run lets the schedule work. watch, if not nil, is called before and after it has taken up
// the tickets that there are, to measure what it takes.
func Run(ctx context.Context, s Setup, watch func(p *poll.Poller, loading bool)) (Result, error) {
	end := start().Add(2 * day)
	in := invent(s.Shape, end)
	in.settle(s)
	needed := promised(in, s, start().Add(day), end)
	a := newAPI(in, s.Settings.RequestRate)
	l := &lags{from: fact.At(start().Add(day)), shortest: fact.TicksOf(s.Settings.Interval), longest: fact.TicksOf(s.Settings.MaxInterval),
		waiting: map[int64][]waiting{}}
	p := poll.New(poll.Options{Source: a, Recorder: &books{a, l}, Observer: nobody{}, Clock: a.clock, Settings: s.Settings, Seed: 1})
	a.heard = func(h happening) {
		l.heard(&a.tickets[h.ticket], h)
		if s.Webhooks && h.kind != hidden && !p.Notify(int64(h.ticket)+1) {
			p.Seek()
		}
	}
	if watch == nil {
		watch = func(*poll.Poller, bool) {}
	}
	watch(p, true)
	p.NextDue()
	watch(p, false)
	if err := a.run(ctx, p, start().Add(day)); err != nil {
		return Result{}, err
	}
	before := a.spent
	r := Result{Needed: needed}
	for at := start().Add(day); at.Before(end); {
		at = at.Add(time.Hour)
		if err := a.run(ctx, p, at); err != nil {
			return Result{}, err
		}
		r.Late = max(r.Late, p.Lag())
	}
	r.Used, r.Lags = a.spent.minus(before), l.result()
	r.Live, r.Done = a.count()
	return r, nil
}

// run lets time pass.
func (a *api) run(ctx context.Context, p *poll.Poller, until time.Time) error {
	for a.clock.Now().Before(until) {
		did, err := p.Step(ctx)
		if err != nil {
			return err
		}
		if did {
			continue
		}
		at, ok := p.NextDue()
		if !ok || at.After(until) {
			at = until
		}
		if a.next < len(a.happenings) {
			if h := a.happenings[a.next].at.Time(); h.Before(at) {
				at = h
			}
		}
		a.clock.Set(at)
		a.happen()
	}
	return nil
}

// count gives how many tickets are followed.
func (in *inbox) count() (live, over int) {
	for i := range in.tickets {
		switch t := &in.tickets[i]; {
		case !t.followed:
		case t.knownDone:
			over++
		default:
			live++
		}
	}
	return live, over
}

// settle makes the tickets that there are known, and spreads their last looks and reads
// over the time that each waits between two.
func (in *inbox) settle(s Setup) {
	random := rand.New(rand.NewPCG(s.Shape.Seed, 2)) //nolint:gosec // spreads
	now, set := fact.At(start()), s.Settings
	for i := range in.tickets {
		t := &in.tickets[i]
		if !t.exists || t.done && now.Sub(t.doneSince) >= fact.TicksOf(set.DoneFor) {
			continue
		}
		ago := func(wait fact.Ticks) fact.Instant {
			return max(t.created, now.Add(-fact.Ticks(random.Float64()*float64(wait))))
		}
		t.followed, t.seen, t.read = true, t.version, t.version
		t.known, t.knownLast, t.knownDone = t.entries, t.last, t.done
		t.lookedAt = ago(waitOf(set, t.done, now, t.last, set.MaxInterval))
		t.readAt = ago(waitOf(set, t.done, now, t.last, set.ReadMaxInterval))
		t.fullAt = t.readAt
		if !t.done {
			t.fullAt = min(t.readAt, ago(fact.TicksOf(day)))
		}
	}
}

// waitOf is the promise: a tenth of the time for which nothing had happened, within bounds.
func waitOf(set poll.Settings, over bool, at, last fact.Instant, longest time.Duration) fact.Ticks {
	if over {
		longest = set.DoneMaxInterval
	}
	return max(fact.TicksOf(set.Interval), min(at.Sub(last)/10, fact.TicksOf(longest)))
}
