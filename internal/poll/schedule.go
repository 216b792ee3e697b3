package poll

import (
	"math/rand/v2"
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
)

// schedule knows when what is due. It starts no goroutines, asks no clock and waits for
// nothing: it is told the time, gives out jobs, and is told what came of them. It is not
// safe for concurrent use.
type schedule struct {
	queues
	settings Settings
	rules    rules
	random   *rand.Rand
	now      fact.Instant // the latest time it was told

	tickets map[int64]*ticket
	failing map[*item]*failure // looks and reads that fail at present
	scans   []*scan
	hand    []*job // given out and not yet settled
	budget  allowance
	pause   pause
	probes  probes

	lastList   fact.Instant    // when a list request last succeeded
	passedOver int             // jobs given out in a row while something of lower priority waited
	served     [classes]uint64 // when each class last had its turn
	turns      uint64          // jobs given out
}

func newSchedule(set Settings, seed uint64) *schedule {
	return &schedule{
		settings: set, rules: rulesOf(set), budget: allowanceOf(set.RequestRate),
		random:  rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // spreads retries; nothing secret hangs on it
		now:     fact.Never,
		tickets: map[int64]*ticket{}, failing: map[*item]*failure{}, lastList: fact.Never,
	}
}

// track takes over the state of a ticket, and takes it up if it is not followed yet.
func (s *schedule) track(st State, now fact.Instant) {
	if _, ok := s.tickets[st.ID]; !ok && !st.Gone {
		t := &ticket{id: st.ID, lookedAt: fact.Never, readAt: fact.Never, fullReadAt: fact.Never, idleSince: now}
		t.prompted().since = now
		t.look.owner, t.read.owner = t, t
		s.tickets[st.ID] = t
	}
	s.update(st, now)
}

// update takes over the state of a ticket, if it is followed.
func (s *schedule) update(st State, now fact.Instant) {
	t, ok := s.tickets[st.ID]
	if !ok {
		return
	}
	if st.Gone {
		s.drop(t)
		return
	}
	caused := t.changed || s.rules.probeRead(t) || t.notified
	t.readAt = past(st.ReadAt, t.readAt, now)
	t.lookedAt = past(st.LookedAt, t.lookedAt, now)
	t.fullReadAt = past(st.FullReadAt, t.fullReadAt, now)
	t.done, t.doneSince = st.Done, fact.At(st.DoneSince)
	t.changed = st.Changed
	t.setClockDue(fact.At(st.ClockDue))
	t.idleSince = idleSince(st, t.idleSince)
	s.probes.want(t, st.LabelProbe)
	if !caused && t.readAt.Known() && (t.changed || s.rules.probeRead(t)) {
		t.prompted().since = now
	}
	s.arrange(t, now)
	s.rules.calm(t)
	s.grantProbes(now)
}

// past gives at, or, if that lies in the future since the machine's clock was put back,
// what stood in for it before, at first now.
func past(at time.Time, before, now fact.Instant) fact.Instant {
	switch i := fact.At(at); {
	case i <= now:
		return i
	case before.Known() && before <= now:
		return before
	default:
		return now
	}
}

// idleSince is the time of the last entry. While none is known, what is known to have
// happened last stands in for it.
func idleSince(st State, otherwise fact.Instant) fact.Instant {
	for _, at := range [...]time.Time{st.LastEntry, st.DoneSince, st.Since} {
		if !at.IsZero() {
			return fact.At(at)
		}
	}
	return otherwise
}

// drop ends following a ticket. A job in hand for it comes to nothing.
func (s *schedule) drop(t *ticket) {
	for _, it := range []*item{&t.look, &t.read} {
		s.succeeded(it)
		s.remove(it)
	}
	s.silence(t)
	s.probes.want(t, false)
	t.dropped = true
	delete(s.tickets, t.id)
}

// notify makes a read of the ticket due; false: it is not followed.
func (s *schedule) notify(id int64, now fact.Instant) bool {
	t, ok := s.tickets[id]
	if !ok {
		return false
	}
	if t.readAt.Known() && !t.changed && !t.notified && !s.rules.probeRead(t) {
		t.prompted().since = now
	}
	t.notified = true
	s.placeRead(t, now)
	return true
}

// notified gives the tickets that were named and are yet to be read.
func (s *schedule) notified() (ids []int64) {
	for id, t := range s.tickets {
		if t.notified {
			ids = append(ids, id)
		}
	}
	return ids
}

// arrange puts the look and the read of a ticket where they belong.
func (s *schedule) arrange(t *ticket, now fact.Instant) {
	s.placeLook(t, now)
	s.placeRead(t, now)
}

func (s *schedule) placeLook(t *ticket, now fact.Instant) {
	if t.look.in == inHand {
		return
	}
	in := looks
	if !t.lookedAt.Known() || t.probing {
		in = pressing
	}
	due := s.rules.lookDue(t, now)
	s.excuse(&t.look, due, now)
	s.put(&t.look, in, s.notBefore(&t.look, due))
}

func (s *schedule) placeRead(t *ticket, now fact.Instant) {
	if t.read.in == inHand {
		return
	}
	s.silence(t)
	due, why := s.rules.readDue(t, now)
	s.excuse(&t.read, due, now)
	if at := s.notBefore(&t.read, due); at > now {
		s.put(&t.read, timers, at)
		return
	}
	in := queueOf(why)
	s.put(&t.read, in, due)
	if alarm := s.rules.alarmAt(t); in != urgent && alarm.Known() {
		t.prompt.alarm = &item{owner: t}
		s.put(t.prompt.alarm, timers, alarm)
	}
}

func (s *schedule) silence(t *ticket) {
	if t.prompt != nil && t.prompt.alarm != nil {
		s.remove(t.prompt.alarm)
		t.prompt.alarm = nil
	}
}

func queueOf(why Trigger) place {
	switch why {
	case Webhook, ByClock:
		return urgent
	case First, Changed:
		return fresh
	default:
		return idle
	}
}

// turn moves what has fallen due to where it is taken from.
func (s *schedule) turn(now fact.Instant) {
	if s.now.Known() && now < s.now.Add(-backstep) {
		s.rewind(now)
	}
	s.now = now
	for it := s.head(timers); it != nil && it.key <= now; it = s.head(timers) {
		s.placeRead(it.owner, now)
	}
}

// backstep is how far the machine's clock may be put back without all due times being
// reckoned anew.
const backstep = fact.Ticks(time.Second / (100 * time.Nanosecond))

// rewind reckons all due times anew after the machine's clock was put back. Else what was
// put off by the former time would stay undone for as long as the clock was put back.
func (s *schedule) rewind(now fact.Instant) {
	longest := fact.TicksOf(max(s.settings.MaxInterval, s.settings.Interval))
	for _, f := range s.failing {
		f.until = min(f.until, now.Add(longest))
		if f.held.in == overdue {
			s.put(&f.held, overdue, min(f.held.key, now))
		}
	}
	for _, t := range s.tickets {
		t.lookedAt, t.readAt, t.fullReadAt = min(t.lookedAt, now), min(t.readAt, now), min(t.fullReadAt, now)
		if t.prompt != nil {
			t.prompt.since = min(t.prompt.since, now)
		}
		s.arrange(t, now)
	}
	for _, c := range s.scans {
		c.due, c.begun = min(c.due, now.Add(c.every)), min(c.begun, now)
	}
	s.pause.until = min(s.pause.until, now.Add(fact.TicksOf(longestPause)))
	s.lastList = min(s.lastList, now)
	s.budget = allowanceOf(s.settings.RequestRate)
}

// lag tells how overdue the most overdue look or read is; 0: none is.
func (s *schedule) lag(now fact.Instant) time.Duration {
	s.turn(now)
	oldest := now
	for _, in := range []place{looks, pressing, urgent, fresh, idle, overdue} {
		if at := s.first(in); at.Known() {
			oldest = min(oldest, at)
		}
	}
	for _, j := range s.hand {
		if j.scan == nil {
			oldest = min(oldest, j.due)
		}
	}
	return now.Sub(oldest).Duration()
}

// nextDue tells when next will give out a job, if nothing new is made known.
func (s *schedule) nextDue(now fact.Instant) fact.Instant {
	s.turn(now)
	if s.pause.blocks(now) {
		return s.pause.until
	}
	if ready := s.ready(now); slices.ContainsFunc(ready[:], fact.Instant.Known) {
		return now
	}
	return s.soonest(now)
}
