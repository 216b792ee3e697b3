package poll

import "time"

// Plan is what has been and will be asked of a ticket. Zero times mean never.
type Plan struct {
	LookedAt, ReadAt time.Time // begin of the last look that was answered, and of the last complete read
	Next             time.Time // when the next look or read falls due
}

// Plan gives the plan of a ticket; false: it is not followed.
func (p *Poller) Plan(ticket int64) (Plan, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.schedule.turn(p.now())
	t, ok := p.schedule.tickets[ticket]
	if !ok {
		return Plan{}, false
	}
	return Plan{LookedAt: t.lookedAt.Time(), ReadAt: t.readAt.Time(), Next: min(t.look.key, t.read.key).Time()}, true
}

// Failing gives the error of each ticket whose last look or read failed: that of the read,
// else of the look.
func (p *Poller) Failing() map[int64]error {
	p.mu.Lock()
	defer p.mu.Unlock()
	failing := make(map[int64]error, len(p.schedule.failing))
	for it, f := range p.schedule.failing {
		if t := it.owner; it == &t.read || p.schedule.failing[&t.read] == nil {
			failing[t.id] = f.err
		}
	}
	return failing
}
