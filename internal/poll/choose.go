package poll

import (
	"container/heap"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// job is one thing to do: a read, a look, or a page of a selection.
type job struct {
	due    fact.Instant // since when it has been due
	begun  time.Time
	read   *ticket   // the log to read
	looked []*ticket // the tickets to look at
	scan   *scan     // the selection of which to read a page
	survey *survey   // that asks for the page

	trigger  Trigger
	toEnd    bool
	notified bool // a webhook had named the ticket
}

// class is a rank among jobs; lower ones come first.
type class uint8

const (
	classUrgent class = iota
	classFresh
	classDiscovery
	classLooks
	classIdle
	classes
)

// share is how often, while a class keeps others waiting, one of those has its turn:
// every share-th job is one of the lower class that has waited longest for a turn. So all
// classes get on under any load, and those of high rank still get nearly all there is.
const share = 8

// next gives out the job to do now. Where there is none, it tells when to ask again;
// Never: when a job that is in hand has been settled, or something new is made known.
func (s *schedule) next(now fact.Instant) (*job, fact.Instant) {
	s.turn(now)
	switch {
	case len(s.hand) >= max(1, s.settings.Concurrency) || s.pause.probe != nil:
		return nil, fact.Never
	case s.pause.blocks(now):
		return nil, s.pause.until
	}
	ready := s.ready(now)
	c, ok := s.choose(ready)
	if !ok {
		return nil, s.soonest(now)
	}
	s.turns++
	s.served[c] = s.turns
	j := s.take(c, now)
	j.due = ready[c]
	j.begun = now.Time()
	s.hand = append(s.hand, j)
	if s.pause.err != nil {
		s.pause.probe = j
	}
	return j, now
}

// ready gives for each class since when its first job has been due; Never: there is none.
func (s *schedule) ready(now fact.Instant) (since [classes]fact.Instant) {
	since[classUrgent] = s.first(urgent)
	since[classFresh] = earlier(s.first(fresh), dueBy(s.first(pressing), now))
	since[classDiscovery], since[classIdle] = fact.Never, fact.Never
	if c := s.nextScan(); c != nil {
		since[classDiscovery] = dueBy(c.due, now)
	}
	since[classLooks] = dueBy(s.first(looks), now)
	if s.head(idle) != nil && s.budget.from(now) <= now {
		since[classIdle] = s.first(idle)
	}
	return since
}

// choose picks the class that is served next.
func (s *schedule) choose(since [classes]fact.Instant) (class, bool) {
	best, fallback := classes, classes
	for c, at := range since {
		switch {
		case !at.Known():
		case best == classes:
			best = class(c)
		case fallback == classes || s.served[c] < s.served[fallback]:
			fallback = class(c)
		}
	}
	switch {
	case best == classes:
		return 0, false
	case fallback == classes:
		s.passedOver = 0
	case s.passedOver == share-1:
		s.passedOver = 0
		return fallback, true
	default:
		s.passedOver++
	}
	return best, true
}

// soonest tells when something will fall due. It is asked when nothing is due.
func (s *schedule) soonest(now fact.Instant) fact.Instant {
	at := earlier(s.first(timers), earlier(s.first(looks), s.first(pressing)))
	if c := s.nextScan(); c != nil {
		at = earlier(at, c.due)
	}
	if s.head(idle) != nil {
		at = earlier(at, s.budget.from(now))
	}
	return at
}

// take takes the first job of a class out of the queues.
func (s *schedule) take(c class, now fact.Instant) *job {
	switch c {
	case classUrgent:
		return s.takeRead(urgent, now)
	case classFresh:
		if at := dueBy(s.first(pressing), now); at.Known() && (s.head(fresh) == nil || at <= s.first(fresh)) {
			return s.takeLook(pressing, now)
		}
		return s.takeRead(fresh, now)
	case classDiscovery:
		c := s.nextScan()
		c.busy = true
		return &job{scan: c, survey: c.begin(now.Time())}
	case classLooks:
		return s.takeLook(looks, now)
	default:
		s.budget.spend(now, 1)
		return s.takeRead(idle, now)
	}
}

func (s *schedule) takeRead(from place, now fact.Instant) *job {
	t := s.head(from).owner
	s.silence(t)
	s.put(&t.read, inHand, t.read.key)
	_, why := s.rules.readDue(t, now)
	j := &job{read: t, trigger: why, toEnd: s.rules.toEnd(t, now), notified: t.notified}
	t.notified = false
	return j
}

// takeLook takes the first look, and fills the request with those that fall due next, as
// far as the interval since their last look is over: a list of fifty costs as much as a
// list of one. What has failed is asked for apart from what has not.
func (s *schedule) takeLook(from place, now fact.Instant) *job {
	first := s.head(from)
	failure := s.failing[first]
	j := &job{looked: []*ticket{first.owner}}
	s.put(first, inHand, first.key)
	room := apiclient.PageSize
	if failure != nil {
		room = max(1, room>>failure.halved)
	}
	fits := func(it *item) bool {
		f := s.failing[it]
		if (f == nil) != (failure == nil) || f != nil && (f.until > now || f.halved != failure.halved) {
			return false
		}
		at := it.owner.lookedAt
		return !at.Known() || at > now || at.Add(s.rules.interval) <= now
	}
	for _, in := range []place{pressing, looks} {
		s.fill(j, in, room, fits)
	}
	return j
}

// fill adds looks from the front of a queue that fit into the request. It does not go
// far to find them.
func (s *schedule) fill(j *job, in place, room int, fits func(*item) bool) {
	var left []*item
	for len(j.looked) < room && len(left) < apiclient.PageSize && s.head(in) != nil {
		it := heap.Pop(&s.queues[in]).(*item)
		it.in = nowhere
		if !fits(it) {
			left = append(left, it)
			continue
		}
		it.in = inHand
		j.looked = append(j.looked, it.owner)
	}
	for _, it := range left {
		s.put(it, in, it.key)
	}
}

// dueBy gives at if it is not after now, else Never.
func dueBy(at, now fact.Instant) fact.Instant {
	if at > now {
		return fact.Never
	}
	return at
}

// earlier gives the earlier of two instants, of which Never is none.
func earlier(a, b fact.Instant) fact.Instant {
	if !a.Known() || b.Known() && b < a {
		return b
	}
	return a
}
