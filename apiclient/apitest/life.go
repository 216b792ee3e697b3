package apitest

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"
	_ "time/tzdata" // the team's office hours must not depend on the machine
)

// life is the invented course of events: a queue of things that will be done, each of
// which may bring about others. All of it happens in order of time, and each ticket has a
// source of chance of its own, so that it comes out the same in one large step and in
// many small ones.
type life struct {
	now      time.Time // everything up to here has happened; zero: not begun
	todo     queue
	order    uint64 // number of the next deed
	hurry    float64
	zone     *time.Location
	arrivals *rand.Rand
	gap      time.Duration // mean time between two new tickets at the busiest hours
	born     uint64
}

// deed is something that will be done at a time.
type deed struct {
	at    time.Time
	order uint64 // tells deeds of the same time apart
	do    func(at time.Time)
}

func newLife(o Options) life {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		zone = time.UTC // cannot be: the zones are linked in
	}
	l := life{hurry: o.Hurry, zone: zone, arrivals: newRand(o.Seed, streamArrivals)}
	if l.hurry == 0 {
		l.hurry = 1
	}
	return l
}

// defaultSpan is the time, without hurry, in which Options.Tickets tickets come if Populate
// was not called.
const defaultSpan = 14 * 24 * time.Hour

// Populate invents the history from one time to another, with as many new tickets as
// Options.Tickets says; later ones come at the same rate. It may be called once, before
// Live.
func (s *Server) Populate(from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.life
	l.begin(from, to.Sub(from), s.opts.Tickets)
	for range s.opts.Tickets {
		at := from
		for to.After(from) {
			at = from.Add(time.Duration(l.arrivals.Int64N(int64(to.Sub(from)))))
			if l.arrivals.Float64() < l.busy(at) {
				break
			}
		}
		l.plan(at, s.newStory)
	}
	l.upTo(to)
	s.planArrival()
}

// Live lets the invented team live on up to a time. What is past stays as it is.
func (s *Server) Live(to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.now.IsZero() {
		s.life.begin(to, scale(defaultSpan, 1/s.life.hurry), s.opts.Tickets)
		s.planArrival()
	}
	s.life.upTo(to)
}

// Hurry makes the team live that many times faster from now on, and around the clock; 1:
// in real time, with nights and weekends. What people are about to do comes sooner, or
// later, in proportion.
func (s *Server) Hurry(times float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.life
	if times <= 0 {
		times = 1 // nobody lives backwards
	}
	for _, d := range l.todo {
		d.at = l.now.Add(scale(d.at.Sub(l.now), l.hurry/times))
	}
	l.hurry = times
	heap.Init(&l.todo) // deeds that were close may have the same time now
}

func (l *life) begin(at time.Time, span time.Duration, tickets int) {
	l.now = at
	if span <= 0 {
		span = defaultSpan
	}
	var busy float64
	hours := max(1, int(span/time.Hour))
	for h := range hours {
		busy += l.busy(at.Add(time.Duration(h) * time.Hour))
	}
	// As it would be without hurry. How busy the hour is thins the arrivals later.
	l.gap = scale(span, l.hurry*busy/float64(hours)/float64(max(1, tickets)))
}

// upTo does everything that is due, in order.
func (l *life) upTo(to time.Time) {
	for len(l.todo) > 0 && !l.todo[0].at.After(to) {
		d := heap.Pop(&l.todo).(*deed)
		l.now = d.at
		d.do(d.at)
	}
	if to.After(l.now) {
		l.now = to
	}
}

// plan has something done at a time, which is coarsened now and then: clocks of other
// systems tell no 100 ns.
func (l *life) plan(at time.Time, do func(at time.Time)) {
	unit := 100 * time.Nanosecond
	switch mix(l.order) % 12 {
	case 0:
		unit = 10 * time.Millisecond
	case 1:
		unit = time.Microsecond
	}
	if coarse := at.Truncate(unit); !coarse.Before(l.now) {
		at = coarse
	}
	heap.Push(&l.todo, &deed{at: at, order: l.order, do: do})
	l.order++
}

// planArrival has the next ticket come, by chance but mostly when people are awake.
func (s *Server) planArrival() {
	l := &s.life
	next := l.now.Add(scale(l.gap, l.arrivals.ExpFloat64()/l.hurry)).Add(time.Microsecond)
	l.plan(next, func(at time.Time) {
		if l.hurry != 1 || l.arrivals.Float64() < l.busy(at) {
			s.newStory(at)
		}
		s.planArrival()
	})
}

// busy says how much customers write at a time, compared with the busiest hours.
func (l *life) busy(at time.Time) float64 {
	if l.hurry != 1 {
		return 1
	}
	local := at.In(l.zone)
	share := 0.05
	switch h := local.Hour(); {
	case h >= 8 && h < 16:
		share = 1
	case h >= 7 && h < 23:
		share = 0.35
	}
	if d := local.Weekday(); d == time.Saturday || d == time.Sunday {
		share /= 4
	}
	return share
}

// office gives the first time from at on at which somebody of the team is there.
func (l *life) office(at time.Time, r *rand.Rand) time.Time {
	if l.hurry != 1 {
		return at
	}
	local := at.In(l.zone)
	opened := func(day int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+day, 8, 0, 0, 0, l.zone)
	}
	for day := 0; ; day++ {
		opens := opened(day)
		if d := opens.Weekday(); d == time.Saturday || d == time.Sunday {
			continue
		}
		if day == 0 && !local.Before(opens) && local.Hour() < 16 {
			return at
		}
		if opens.After(local) {
			return opens.Add(time.Duration(r.Int64N(int64(45 * time.Minute)))).UTC()
		}
	}
}

// scale multiplies a length of time, without running over.
func scale(d time.Duration, by float64) time.Duration {
	return time.Duration(math.Min(float64(d)*by, float64(math.MaxInt64/2)))
}

// queue orders deeds by time.
type queue []*deed

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].order < q[j].order
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(d any)   { *q = append(*q, d.(*deed)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	d := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return d
}
