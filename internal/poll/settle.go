package poll

import (
	"errors"
	"slices"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// release takes back a job that was given out. Its tickets are to be arranged next.
func (s *schedule) release(j *job) {
	s.hand = slices.DeleteFunc(s.hand, func(other *job) bool { return other == j })
	s.pause.unsettled(j)
	if j.read != nil {
		s.put(&j.read.read, nowhere, j.due)
	}
	for _, t := range j.looked {
		s.put(&t.look, nowhere, j.due)
	}
	if j.scan != nil {
		j.scan.busy = false
	}
}

// resume ends the pause of polling: something was recorded.
func (s *schedule) resume() { s.pause = pause{} }

// putBack makes a job due again that was not done, or the outcome of which was lost.
func (s *schedule) putBack(j *job, now fact.Instant) {
	s.release(j)
	if t := j.read; t != nil && !t.dropped {
		t.notified = t.notified || j.notified
		s.placeRead(t, now)
	}
	for _, t := range j.looked {
		if !t.dropped {
			s.placeLook(t, now)
		}
	}
}

// unrecorded pauses polling, since what a job learned could not be recorded.
func (s *schedule) unrecorded(j *job, now fact.Instant, err error) {
	s.pause.fail(j, now, err)
	s.putBack(j, now)
}

// readRecorded settles a reading.
func (s *schedule) readRecorded(j *job, r apiclient.Reading, st State, now fact.Instant) {
	s.release(j)
	s.resume()
	if j.trigger == Due {
		s.budget.spend(now, r.Requests-1)
	}
	t := j.read
	t.covered(r)
	s.succeeded(&t.read)
	s.probes.read(t)
	// The begin of this read counts even if the recorder keeps another one: else a ticket
	// that its state calls unread would be read again at once, for ever.
	st.ReadAt = r.Begun
	s.update(st, now)
}

// readFailed puts a read off.
func (s *schedule) readFailed(j *job, now fact.Instant, err error) {
	it := &j.read.read
	s.failed(it, j.due, s.retryAt(it, now), now, err)
	s.putBack(j, now)
}

// looksRecorded settles the answer to a look.
func (s *schedule) looksRecorded(j *job, states []State, now fact.Instant) {
	s.release(j)
	s.resume()
	s.lastList = now
	begun := fact.At(j.begun)
	for _, t := range j.looked {
		if !t.dropped {
			s.succeeded(&t.look)
			t.lookedAt = begun
			s.placeLook(t, now)
		}
	}
	for _, st := range states {
		st.LookedAt = j.begun
		s.update(st, now)
	}
}

// looksFailed puts a look off as a whole. Where the request itself may be to blame, since
// others succeed, it is repeated in halves, so that one ticket that the list cannot show
// does not keep the others from being looked at.
func (s *schedule) looksFailed(j *job, now fact.Instant, err error) {
	until := s.retryAt(&j.looked[0].look, now)
	for _, t := range j.looked {
		if t.dropped {
			continue
		}
		before := s.failing[&t.look]
		halve := before != nil && mayBeOwn(err) && (s.lastList >= before.at || len(s.tickets) <= apiclient.PageSize)
		f := s.failed(&t.look, j.due, until, now, err)
		if halve && f.halved < maxHalved {
			f.halved++
		}
	}
	s.putBack(j, now)
}

// maxHalved halves a full page down to one ticket.
const maxHalved = 6

// mayBeOwn says whether an error may be due to what was asked for.
func mayBeOwn(err error) bool {
	switch kindOf(err) {
	case apiclient.NotFound, apiclient.ServerError, apiclient.BadAnswer, apiclient.TooLarge, apiclient.Timeout:
		return true
	default:
		return false
	}
}

// kindOf gives the kind of an error of the Source.
func kindOf(err error) apiclient.Kind {
	var e *apiclient.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return apiclient.Unreachable
}

// pageRecorded settles a page of a selection.
func (s *schedule) pageRecorded(j *job, v verdict, states []State, now fact.Instant) {
	s.release(j)
	s.resume()
	s.lastList = now
	for _, st := range states {
		s.track(st, now)
	}
	s.scanAnswered(j.scan, v, now)
}

// pageFailed asks for the page again later.
func (s *schedule) pageFailed(j *job, now fact.Instant) {
	s.release(j)
	s.scanFailed(j.scan, now)
}

// ended gives those of the tickets that need not be followed any longer.
func (s *schedule) ended(tickets []*ticket, now fact.Instant) (ids []int64) {
	for _, t := range tickets {
		if !t.dropped && s.rules.expired(t, now) {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// grantProbes gives free places to tickets that would settle an unknown label.
func (s *schedule) grantProbes(now fact.Instant) {
	for t := s.probes.grant(); t != nil; t = s.probes.grant() {
		if s.rules.probeRead(t) {
			t.prompted().since = now
		}
		s.arrange(t, now)
	}
}

// Status is what the schedule has in mind for a ticket.
type Status struct {
	NextLook, NextRead time.Time
	Trigger            Trigger // why the log will be read
	Failures           int     // of the read, in a row
	LookFailures       int
	LastError          error // of the read, else of the look; nil: both succeeded last
}

func (s *schedule) status(id int64, now fact.Instant) (Status, bool) {
	s.turn(now)
	t, ok := s.tickets[id]
	if !ok {
		return Status{}, false
	}
	_, why := s.rules.readDue(t, now)
	st := Status{NextLook: t.look.key.Time(), NextRead: t.read.key.Time(), Trigger: why}
	if f := s.failing[&t.look]; f != nil {
		st.LookFailures, st.LastError = f.count, f.err
	}
	if f := s.failing[&t.read]; f != nil {
		st.Failures, st.LastError = f.count, f.err
	}
	return st, true
}
