package ledger

import (
	"socialboards_exporter/internal/fact"
)

// cycle is one run of a clock, from its start to its stop or end.
type cycle struct {
	start fact.Instant // tells it from all others of its objective
	end   fact.Instant // Never: it is open
	how   ending
}

type ending uint8

const (
	open    ending = iota
	stopped        // with an outcome
	dropped        // without
)

// cycles collects the runs of a clock, one after the other.
type cycles []cycle

func (c cycles) running() bool { return len(c) > 0 && c[len(c)-1].how == open }

// start begins a run. One that begins at the same instant as the run before it, which then
// took no time at all, begins a tick later, so that each has its own start.
func (c *cycles) start(at fact.Instant) {
	if n := len(*c); n > 0 && at <= (*c)[n-1].start {
		at = (*c)[n-1].start + 1
	}
	*c = append(*c, cycle{start: at, end: fact.Never})
}

func (c cycles) end(at fact.Instant, how ending) {
	if c.running() {
		last := &c[len(c)-1]
		last.end, last.how = max(at, last.start), how
	}
}

// meter turns steps into the runs of one objective's clock.
type meter interface {
	// step takes the next step; live says whether the ticket is in no done status after it,
	// and wasLive whether it was before.
	step(s step, wasLive, live bool, status string)
	runs() cycles
}

func (c cycles) runs() cycles { return c }

// newMeter gives the meter of o. begin is by whom the ticket was created.
func newMeter(o *Objective, begin beginning) meter {
	first := firstAnswer{inside: begin.inside, begun: !begin.at.Known()}
	switch o.Measure {
	case FirstResponse:
		return &firstResponse{first: first}
	case NextResponse:
		return &nextResponse{first: first}
	case Update:
		return &update{}
	case Resolution:
		return &resolution{}
	default:
		return &timeInStatus{status: o.Status}
	}
}

// trace leads a meter through the steps.
func trace(m meter, steps []step, initial string, done func(string) bool) cycles {
	status, live := initial, !done(initial)
	for _, s := range steps {
		was := live
		if s.kind == turns {
			status, live = s.to, !done(s.to)
		}
		m.step(s, was, live, status)
	}
	return m.runs()
}

// stopBy is how a turn ends what it stops.
func stopBy(s step) ending {
	if s.quiet {
		return dropped
	}
	return stopped
}
