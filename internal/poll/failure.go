package poll

import (
	"math/rand/v2"
	"time"

	"socialboards_exporter/internal/fact"
)

// failure is kept of a look or read while it fails.
type failure struct {
	held   item // counts as overdue since the look or read first fell due
	until  fact.Instant
	at     fact.Instant // of the last failure
	count  int
	halved uint8 // how often the batch of a look was halved
	err    error
}

// backoff gives the wait after the count-th failure in a row: about 1 s, then twice as
// long each time, at most longest. Half of it is left to chance, so that what failed
// together does not come back together.
func backoff(count int, longest time.Duration, random *rand.Rand) fact.Ticks {
	step := max(longest, time.Second)
	if shift := max(count, 1); shift < 30 {
		step = min(step, time.Second<<shift)
	}
	half := step / 2
	return fact.TicksOf(max(time.Second, half+time.Duration(random.Int64N(int64(step-half)+1))))
}

// failed puts a look or read off that fell due at due.
func (s *schedule) failed(it *item, due, until, now fact.Instant, err error) *failure {
	f := s.failing[it]
	if f == nil {
		f = &failure{held: item{owner: it.owner}}
		s.failing[it] = f
	}
	if f.held.in != overdue {
		s.put(&f.held, overdue, due)
	}
	f.count++
	f.until, f.at, f.err = until, now, err
	return f
}

// excuse takes a failure off what is overdue when nothing asks for the look or read before
// due any longer: what was to be learned came by another way, or the ticket is done.
func (s *schedule) excuse(it *item, due, now fact.Instant) {
	if f := s.failing[it]; f != nil && due > now {
		s.remove(&f.held)
	}
}

// retryAt tells when to try again what has just failed.
func (s *schedule) retryAt(it *item, now fact.Instant) fact.Instant {
	count := 1
	if f := s.failing[it]; f != nil {
		count += f.count
	}
	return now.Add(backoff(count, s.settings.MaxInterval, s.random))
}

// succeeded forgets the failures of a look or read.
func (s *schedule) succeeded(it *item) {
	if f := s.failing[it]; f != nil {
		s.remove(&f.held)
		delete(s.failing, it)
	}
}

// notBefore gives the later of due and the end of the wait after a failure.
func (s *schedule) notBefore(it *item, due fact.Instant) fact.Instant {
	if f := s.failing[it]; f != nil {
		return max(due, f.until)
	}
	return due
}

// pause stands over all polling while nothing can be recorded.
type pause struct {
	err   error // nil: not paused
	until fact.Instant
	wait  time.Duration
	probe *job // in hand, to find out whether recording works again
}

const (
	shortestPause = time.Second
	longestPause  = time.Minute
)

// blocks says whether no job may be begun.
func (p *pause) blocks(now fact.Instant) bool {
	return p.err != nil && (p.probe != nil || now < p.until)
}

// fail begins or prolongs the pause. What was begun before it says nothing new.
func (p *pause) fail(j *job, now fact.Instant, err error) {
	switch {
	case p.err == nil:
		p.wait = shortestPause
	case p.probe == j:
		p.wait = min(2*p.wait, longestPause)
	default:
		return
	}
	p.err, p.probe, p.until = err, nil, now.Add(fact.TicksOf(p.wait))
}

// unsettled is called when the probe came to nothing that could be recorded.
func (p *pause) unsettled(j *job) {
	if p.probe == j {
		p.probe = nil
	}
}
