package poll

import (
	"cmp"
	"slices"
	"time"
)

// Plan is what has been and will be asked of a ticket. Zero times mean never.
type Plan struct {
	Ticket           int64
	LookedAt, ReadAt time.Time // begin of the last look that was answered, and of the last complete read
	Next             time.Time // when the next look or read falls due
	Err              error     // of the last read, else of the last look; nil: both succeeded
}

// Plans gives the plans of all followed tickets by id, or only of those whose last look or
// read failed.
func (p *Poller) Plans(failing bool) []Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.schedule.turn(p.now())
	return p.schedule.plans(failing)
}

func (s *schedule) plans(failing bool) (all []Plan) {
	if failing {
		seen := map[*ticket]bool{}
		for it := range s.failing {
			if t := it.owner; !seen[t] {
				seen[t] = true
				all = append(all, s.plan(t))
			}
		}
	} else {
		all = make([]Plan, 0, len(s.tickets))
		for _, t := range s.tickets {
			all = append(all, s.plan(t))
		}
	}
	slices.SortFunc(all, func(a, b Plan) int { return cmp.Compare(a.Ticket, b.Ticket) })
	return all
}

func (s *schedule) plan(t *ticket) Plan {
	p := Plan{Ticket: t.id, LookedAt: t.lookedAt.Time(), ReadAt: t.readAt.Time(), Next: min(t.look.key, t.read.key).Time()}
	for _, it := range []*item{&t.look, &t.read} {
		if f := s.failing[it]; f != nil {
			p.Err = f.err
		}
	}
	return p
}
