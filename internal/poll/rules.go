package poll

import (
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// ticket is what the schedule keeps of a followed ticket. It is small, since there may be
// a hundred thousand of them.
type ticket struct {
	id         int64
	look, read item
	prompt     *prompt // nil: nothing but the passing of time asks for a read

	lookedAt   fact.Instant // begin of the last answered look
	readAt     fact.Instant // begin of the last complete read
	fullReadAt fact.Instant // begin of the last read that reached the log's end
	idleSince  fact.Instant // the last entry, or what comes nearest to it
	doneSince  fact.Instant

	done      bool
	changed   bool
	notified  bool // a webhook has named it since the last read began
	wantProbe bool // see State.LabelProbe
	probing   bool // has got one of the few places
	probes    uint8
	dropped   bool // no longer followed
	onePage   bool // the first page showed the whole log when it was last read to its end
}

// prompt is what is kept besides of the few tickets of which a read has a cause, or will
// have one at a given time.
type prompt struct {
	since    fact.Instant // since when a read has a cause: found, changed, named, or probed
	clockDue fact.Instant // first instant at which a clock will have exceeded its target
	alarm    *item        // wakes a due read without a cause that a clock may yet make urgent
}

// prompted gives the prompt, to be changed.
func (t *ticket) prompted() *prompt {
	if t.prompt == nil {
		t.prompt = &prompt{since: t.causeSince(), clockDue: fact.Never}
	}
	return t.prompt
}

// causeSince is since when a read has a cause.
func (t *ticket) causeSince() fact.Instant {
	if t.prompt == nil {
		return max(t.lookedAt, t.readAt)
	}
	return t.prompt.since
}

// clockDue is the first instant at which a clock will have exceeded its target.
func (t *ticket) clockDue() fact.Instant {
	if t.prompt == nil {
		return fact.Never
	}
	return t.prompt.clockDue
}

func (t *ticket) setClockDue(at fact.Instant) {
	if at != t.clockDue() {
		t.prompted().clockDue = at
	}
}

// calm drops the prompt of a ticket that has no use for it.
func (r rules) calm(t *ticket) {
	if t.prompt != nil && t.prompt.alarm == nil && !t.clockDue().Known() && t.readAt.Known() &&
		!t.changed && !t.notified && !r.probeRead(t) && t.read.in != inHand {
		t.prompt = nil
	}
}

// rules say when a look or a read falls due.
type rules struct {
	interval, live, readLive, done, doneFor fact.Ticks
}

const (
	day = fact.Ticks(24 * time.Hour / (100 * time.Nanosecond))
	// webhookPause is the shortest wait between two reads of a ticket that webhooks cause.
	webhookPause = fact.Ticks(time.Second / (100 * time.Nanosecond))
)

func rulesOf(s Settings) rules {
	return rules{
		interval: fact.TicksOf(s.Interval),
		live:     fact.TicksOf(s.MaxInterval), readLive: fact.TicksOf(s.ReadMaxInterval),
		done: fact.TicksOf(s.DoneMaxInterval), doneFor: fact.TicksOf(s.DoneFor),
	}
}

// wait is how long after last the next look or read follows: a tenth of the time that
// the ticket had been idle by then, but at least the interval and at most longest.
func (r rules) wait(t *ticket, last fact.Instant, longest fact.Ticks) fact.Ticks {
	if t.done {
		longest = r.done
	}
	return max(r.interval, min(last.Sub(t.idleSince)/10, longest))
}

// lookDue tells when a look falls due.
func (r rules) lookDue(t *ticket, now fact.Instant) fact.Instant {
	if !t.lookedAt.Known() {
		return min(t.causeSince(), now)
	}
	last := t.lookedAt
	if t.probing && last <= t.readAt {
		return last.Add(r.interval)
	}
	due := last.Add(r.wait(t, last, r.live))
	if end := r.end(t); end.Known() && end > last {
		due = min(due, max(end, last.Add(r.interval)))
	}
	return due
}

// cause is a reason to read a log. Causes are judged in the order of their priority.
type cause struct {
	trigger Trigger
	due     fact.Instant // Never: there is no such reason
}

// readDue tells when a read falls due, and why: for the most pressing of the reasons that
// hold by then, or by now if it is overdue. A change waits until the interval since the
// last read is over; a webhook only for a second, so that a flood of them costs no more
// than one read a second; a clock for nothing, but it needs a read that begins after it.
func (r rules) readDue(t *ticket, now fact.Instant) (due fact.Instant, why Trigger) {
	last := t.readAt
	causes := [...]cause{
		{Webhook, after(t.notified, t.causeSince(), last, webhookPause)},
		{ByClock, r.alarmAt(t)},
		{First, after(!last.Known(), t.causeSince(), last, 0)},
		{Changed, after(t.changed || r.probeRead(t), t.causeSince(), last, r.interval)},
		{Due, r.routine(t, last)},
	}
	due = fact.Never
	for _, c := range causes {
		if c.due.Known() && (!due.Known() || c.due < due) {
			due = c.due
		}
	}
	for _, c := range causes {
		if c.due.Known() && c.due <= max(due, now) {
			return due, c.trigger
		}
	}
	return due, Due
}

// after gives the later of since and last + pause; Never unless it holds.
func after(holds bool, since, last fact.Instant, pause fact.Ticks) fact.Instant {
	switch {
	case !holds:
		return fact.Never
	case !last.Known():
		return since
	default:
		return max(since, last.Add(pause))
	}
}

// alarmAt gives the first instant at which a read tells whether a clock has exceeded its
// target; Never: there is no clock, or such a read took place.
func (r rules) alarmAt(t *ticket) fact.Instant {
	if !t.clockDue().Known() || t.clockDue() < t.readAt {
		return fact.Never
	}
	return t.clockDue().Add(1)
}

// probeRead says whether a look has taken place that wants a read after it, to settle
// what an unknown label means.
func (r rules) probeRead(t *ticket) bool { return t.probing && t.lookedAt > t.readAt }

// routine tells when a read without a cause falls due: when a tenth of the idle time is
// over, and when the log is to be read to its end.
func (r rules) routine(t *ticket, last fact.Instant) fact.Instant {
	if !last.Known() {
		return fact.Never
	}
	due := last.Add(r.wait(t, last, r.readLive))
	if full := r.fullDue(t); full.Known() {
		due = min(due, max(full, last.Add(r.interval)))
	}
	return due
}

// fullDue tells when the log is to be read to its end even if nothing else asks for a
// read: a day after the last time while the ticket is live, and a day after it was done.
func (r rules) fullDue(t *ticket) fact.Instant {
	switch {
	case !t.fullReadAt.Known():
		return fact.Never
	case !t.done:
		return t.fullReadAt.Add(day)
	case t.doneSince.Known() && t.fullReadAt < t.doneSince.Add(day):
		return t.doneSince.Add(day)
	default:
		return fact.Never
	}
}

// toEnd says whether a read that begins now goes to the log's end. Of a done ticket whose
// log fits on a page it need not: the first page shows every entry of it, and goes on to
// the end if one of them is new. To prove once more that nothing stands below would double
// the requests for tickets that make up most of an inbox.
func (r rules) toEnd(t *ticket, now fact.Instant) bool {
	if full := r.fullDue(t); full.Known() && full <= now {
		return true
	}
	return !t.fullReadAt.Known() || t.fullReadAt.Add(day) <= now && (!t.done || !t.onePage)
}

// covered takes note of whether the first page shows the whole log: then no more than the
// page that proves the end follows it. A reading that stopped at its first page says nothing
// of that.
func (t *ticket) covered(r apiclient.Reading) {
	if r.ReachedEnd || r.Requests > 1 {
		t.onePage = r.ReachedEnd && r.Requests <= 2
	}
}

// end tells when a ticket has been done for long enough; Never: it is live.
func (r rules) end(t *ticket) fact.Instant {
	if !t.done || r.doneFor <= 0 || !t.readAt.Known() {
		return fact.Never
	}
	return t.idleSince.Add(r.doneFor)
}

// expired says whether a ticket need not be followed any longer. It takes a look or a
// read from after the end of its time, lest a ticket that came to life again during a
// downtime be given up unseen.
func (r rules) expired(t *ticket, now fact.Instant) bool {
	end := r.end(t)
	return end.Known() && end <= now && max(t.lookedAt, t.readAt) >= end && !t.changed && !t.notified
}
