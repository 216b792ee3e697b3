package apitest

import (
	"math/rand/v2"
	"time"
)

// story is what happens to one invented ticket. It holds one deed in the queue at a time,
// besides small ones a moment later, so that its parts cannot contradict one another.
type story struct {
	s        *Server
	id       int64
	r        *rand.Rand
	customer *User
	agent    *User // who answers; nil: nobody yet
}

// newStory lets a ticket come in, and plans what follows.
func (s *Server) newStory(at time.Time) {
	s.life.born++
	r := newRand(s.opts.Seed^mix(s.life.born), streamTicket)
	t := &story{s: s, r: r, customer: newCustomer(r)}
	ticket := newTicket(r, s.opts.Languages)
	ticket.Author = t.customer
	switch chance := r.IntN(100); {
	case chance < 6:
		t.agent = s.team.anyone(r)
		t.id = s.create(ticket, t.agent, at)
		t.office(2*time.Minute, t.answer)
		return
	case chance < 10:
		t.id = s.create(ticket, s.team.greeter, at)
	default:
		t.id = s.create(ticket, t.customer, at)
	}
	if t.maybe(30) {
		t.soon(3*time.Second, func(at time.Time) { s.reply(t.id, s.team.greeter, at) })
	}
	if t.maybe(3) {
		t.office(time.Hour, func(at time.Time) { s.markSpam(t.id, s.team.anyone(r), at) })
		return
	}
	t.office(time.Hour, t.takeUp)
}

// takeUp is an agent who looks at the ticket and means to answer.
func (t *story) takeUp(at time.Time) {
	if t.agent == nil || t.maybe(15) {
		t.agent = t.s.team.anyone(t.r)
	}
	t.s.read(t.id, t.agent, at)
	if assignee := t.s.records[t.id].Assignee; assignee != t.agent && t.maybe(70) {
		t.soon(8*time.Second, func(at time.Time) { t.s.assign(t.id, t.agent, t.agent, at) })
	}
	t.fiddle()
	t.office(20*time.Minute, t.answer)
}

// fiddle is what else people do with a ticket, most of it of no consequence.
func (t *story) fiddle() {
	s, colleague := t.s, t.s.team.anyone(t.r)
	switch chance := t.r.IntN(100); {
	case chance < 20:
		t.soon(15*time.Second, func(at time.Time) { s.read(t.id, colleague, at) })
	case chance < 30:
		t.soon(20*time.Second, func(at time.Time) { s.note(t.id, t.agent, at) })
	case chance < 40:
		t.soon(18*time.Second, func(at time.Time) { s.tag(t.id, t.agent, pickFrom(t.r, tags), at) })
	case chance < 43: // two entries that cannot be told apart but by counting
		t.soon(18*time.Second, func(at time.Time) {
			s.tag(t.id, t.agent, tags[0], at)
			s.tag(t.id, t.agent, tags[0], at)
		})
	case chance < 51:
		t.soon(12*time.Second, func(at time.Time) { s.categorize(t.id, t.agent, pickFrom(t.r, categories), at) })
	case chance < 55: // a rule of the inbox
		t.soon(time.Second, func(at time.Time) { s.categorize(t.id, nil, pickFrom(t.r, categories), at) })
	case chance < 58:
		t.soon(16*time.Second, func(at time.Time) { s.assign(t.id, t.agent, nil, at) })
	}
}

// answer is a reply of the team; most change the status a moment later.
func (t *story) answer(at time.Time) {
	t.s.reply(t.id, t.agent, at)
	switch chance := t.r.IntN(100); {
	case chance < 55:
		t.turn(t.agent, Pending)
		if t.maybe(60) {
			t.awake(6*time.Hour, t.write)
		} else {
			t.wait(40*time.Hour, t.complete)
		}
	case chance < 85:
		t.turn(t.agent, Completed)
		t.afterwards()
	case chance < 93:
		t.awake(3*time.Hour, t.write)
	default:
		t.office(4*time.Hour, t.complete)
	}
}

// write is a reply of the customer, which opens a ticket that waits or was completed.
func (t *story) write(at time.Time) {
	t.s.reply(t.id, t.customer, at)
	if t.s.records[t.id].Status != Open {
		t.turn(t.either(t.customer, nil), Open)
	}
	t.office(90*time.Minute, t.takeUp)
}

// complete ends a ticket without a further reply.
func (t *story) complete(at time.Time) {
	by := t.either(t.either(t.agent, t.s.team.closer), nil)
	t.s.changeStatus(t.id, by, Completed, at)
	t.afterwards()
}

// afterwards is what may still happen to a completed ticket.
func (t *story) afterwards() {
	switch chance := t.r.IntN(100); {
	case chance < 14:
		t.awake(20*time.Hour, t.write)
	case chance < 30:
		t.office(6*time.Hour, func(at time.Time) { t.s.read(t.id, t.s.team.anyone(t.r), at) })
	}
}

// turn changes the status about 120 ms from now, sooner than anything else can happen.
func (t *story) turn(by *User, to string) {
	t.soon(120*time.Millisecond, func(at time.Time) { t.s.changeStatus(t.id, by, to, at) })
}

func (t *story) maybe(percent int) bool { return t.r.IntN(100) < percent }

func (t *story) either(a, b *User) *User {
	if t.maybe(50) {
		return a
	}
	return b
}

// soon has something done after about d, with no regard to haste or hours.
func (t *story) soon(d time.Duration, do func(at time.Time)) {
	t.s.life.plan(t.s.life.now.Add(scale(d, 0.7+0.6*t.r.Float64())), do)
}

// wait has something done after d in the mean.
func (t *story) wait(d time.Duration, do func(at time.Time)) { t.s.life.plan(t.later(d), do) }

// awake is wait, but lets people sleep.
func (t *story) awake(d time.Duration, do func(at time.Time)) {
	l := &t.s.life
	at := t.later(d)
	if local := at.In(l.zone); l.hurry == 1 && local.Hour() < 7 {
		morning := time.Date(local.Year(), local.Month(), local.Day(), 7, 0, 0, 0, l.zone)
		at = morning.Add(time.Duration(t.r.Int64N(int64(2 * time.Hour)))).UTC()
	}
	l.plan(at, do)
}

// office is wait, but in the hours in which the team works.
func (t *story) office(d time.Duration, do func(at time.Time)) {
	l := &t.s.life
	l.plan(l.office(t.later(d), t.r), do)
}

// later gives a time after d in the mean. However great the hurry, half a second passes,
// so that a change of status that belongs to a reply stays next to it.
func (t *story) later(d time.Duration) time.Time {
	l := &t.s.life
	return l.now.Add(max(scale(scale(d, t.r.ExpFloat64())+time.Minute, 1/l.hurry), 500*time.Millisecond))
}
