package poll

// probes hands out the few places for tickets whose further look and read would settle
// an unknown label of a status. One ticket can settle a label that thousands show, and a
// label that nothing settles must not cost requests for ever.
type probes struct {
	taken   int
	waiting []*ticket
}

const (
	probePlaces = 4
	probeReads  = 3 // after so many reads a ticket gives its place to another one
)

// want takes note of whether a ticket would settle a label.
func (p *probes) want(t *ticket, want bool) {
	if !want {
		p.leave(t)
		t.wantProbe, t.probes = false, 0
		return
	}
	if !t.wantProbe {
		t.wantProbe = true
		p.waiting = append(p.waiting, t)
	}
}

// read takes note of a read of the ticket.
func (p *probes) read(t *ticket) {
	if !t.probing {
		return
	}
	if t.probes++; t.probes == probeReads {
		p.leave(t)
	}
}

func (p *probes) leave(t *ticket) {
	if t.probing {
		t.probing = false
		p.taken--
	}
}

// grant gives a free place to the ticket that has waited longest; nil: there is none.
func (p *probes) grant() *ticket {
	for p.taken < probePlaces && len(p.waiting) > 0 {
		t := p.waiting[0]
		p.waiting = p.waiting[1:]
		if t.wantProbe && !t.dropped && !t.probing {
			t.probing = true
			p.taken++
			return t
		}
	}
	return nil
}
