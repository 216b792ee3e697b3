package simulation

import (
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
)

// promised reckons how many requests are needed from one instant to another, ticket by
// ticket and without a schedule, as if every request took no time:
//
//   - looks and reads at the end of each wait, and no sooner;
//   - one read for each log when a page of the selection, a look or a webhook shows it changed;
//   - a page for each read, and as many more as pagesOf demands;
//   - a page of the selection at each interval, another one when that showed something new,
//     and at each longest wait a page for every fifty open tickets.
//
// Fifty looks are one request, but within an hour there are no fewer than there are
// instants at which a ticket is due that was looked at an interval before: those cannot
// wait for others, nor go ahead with them.
func promised(in inbox, s Setup, from, to time.Time) Requests {
	set := s.Settings
	o := outline{set: set, webhooks: s.Webhooks, from: fact.At(from), to: fact.At(to), of: in.byTicket(), rigid: map[fact.Instant]bool{}, stirred: map[fact.Instant]bool{}}
	hours := int(to.Sub(from).Hours())
	o.looks, o.instants = make([]int, hours), make([]int, hours)
	for i := range in.tickets {
		o.ticket(in.tickets[i])
	}
	for at := range o.rigid {
		o.instants[o.hour(at)]++
	}
	for h := range o.looks {
		o.need.Looks += max((o.looks[h]+apiclient.PageSize-1)/apiclient.PageSize, o.instants[h])
	}
	o.need.Pages = int(to.Sub(from)/set.Interval) + len(o.stirred) + o.openPages/apiclient.PageSize
	return o.need
}

// outline is what adds up over tickets.
type outline struct {
	set      poll.Settings
	webhooks bool
	from, to fact.Instant
	of       map[int64][]happening

	need            Requests
	looks, instants []int                 // in each hour
	rigid           map[fact.Instant]bool // intervals with a look that cannot be moved
	stirred         map[fact.Instant]bool // intervals that showed something new
	openPages       int                   // tickets that the complete readings show
}

func (in *inbox) byTicket() map[int64][]happening {
	of := map[int64][]happening{}
	for _, h := range in.happenings {
		id := int64(h.ticket) + 1
		of[id] = append(of[id], h)
	}
	return of
}

func (o *outline) hour(at fact.Instant) int { return int(at.Sub(o.from).Duration() / time.Hour) }

// grid gives the next instant at which the selection is read.
func (o *outline) grid(at fact.Instant) fact.Instant {
	step := fact.Instant(fact.TicksOf(o.set.Interval))
	return (at + step - 1) / step * step
}

// course is one ticket on its way through time.
type course struct {
	*outline
	ticket
	ahead  []happening
	listed fact.Instant // when a page of the selection next shows it changed; Never
	named  fact.Instant // when a read follows a webhook; Never
}

// ticket reckons what one ticket needs.
func (o *outline) ticket(t ticket) {
	c := course{outline: o, ticket: t, ahead: o.of[t.id], listed: fact.Never, named: fact.Never}
	if !t.followed && len(c.ahead) == 0 || t.exists && !t.followed {
		return
	}
	for {
		at := c.due()
		if len(c.ahead) > 0 && (!at.Known() || c.ahead[0].at <= at) {
			c.happens()
			continue
		}
		if !at.Known() || at >= o.to || c.knownDone && at.Sub(c.last) >= fact.TicksOf(o.set.DoneFor) {
			c.stay(o.to)
			return
		}
		c.ask(at)
	}
}

func (c *course) happens() {
	h := c.ahead[0]
	c.ahead = c.ahead[1:]
	if h.kind == done {
		c.stay(h.at)
	}
	c.apply(h)
	if (h.kind == created || h.kind == reply) && !c.listed.Known() {
		c.listed = c.grid(h.at)
	}
	if h.kind == done {
		c.listed = fact.Never
	}
	if c.webhooks && c.followed && h.kind != hidden {
		c.named = max(h.at, c.readAt.Add(fact.TicksOf(time.Second)))
	}
}

// stay counts how often complete readings of the selection show the ticket until it leaves.
func (c *course) stay(until fact.Instant) {
	if c.exists && !c.done {
		if in := until.Sub(max(c.created, c.from)); in > 0 {
			c.openPages += int(in / fact.TicksOf(c.set.MaxInterval))
		}
	}
}

func (c *course) lookDue() fact.Instant {
	if !c.followed {
		return fact.Never
	}
	return c.lookedAt.Add(waitOf(c.set, c.knownDone, c.lookedAt, c.knownLast, c.set.MaxInterval))
}

// readDue tells when a read is due: since lists show a change, since the wait is over, or
// since the log is to be read to its end.
func (c *course) readDue() fact.Instant {
	if !c.followed {
		return fact.Never
	}
	next := c.readAt.Add(fact.TicksOf(c.set.Interval))
	due := c.readAt.Add(waitOf(c.set, c.knownDone, c.readAt, c.knownLast, c.set.ReadMaxInterval))
	if c.seen != c.read {
		due = min(due, next)
	}
	if full := c.fullDue(); full.Known() {
		due = min(due, max(full, next))
	}
	return due
}

// fullDue is a day after the last time while the ticket is live, and a day after it was done.
func (c *course) fullDue() fact.Instant {
	a := fact.TicksOf(day)
	switch {
	case !c.knownDone:
		return c.fullAt.Add(a)
	case c.fullAt < c.doneSince.Add(a):
		return c.doneSince.Add(a)
	default:
		return fact.Never
	}
}

func (c *course) due() fact.Instant {
	if !c.followed {
		return c.listed
	}
	at := min(c.lookDue(), c.readDue())
	for _, also := range [...]fact.Instant{c.listed, c.named} {
		if also.Known() {
			at = min(at, also)
		}
	}
	return at
}

// ask does what is due.
func (c *course) ask(at fact.Instant) {
	counts := at >= c.from
	switch at {
	case c.named:
		c.named = fact.Never
		c.seen = c.version
		c.readNow(at, false, counts)
	case c.listed:
		c.listed = fact.Never
		if c.seen != c.version && counts {
			c.stirred[at] = true
		}
		c.seen = c.version
		if !c.followed { // taken up: looked at, and read to its end
			c.followed, c.lookedAt = true, at
			c.look(at, counts)
			c.readNow(at, true, counts)
		} else if at.Sub(c.readAt) >= fact.TicksOf(c.set.Interval) && c.seen != c.read {
			c.readNow(at, false, counts)
		}
	case c.lookDue():
		rigid := at.Sub(c.lookedAt) < 2*fact.TicksOf(c.set.Interval)
		c.lookedAt, c.seen = at, c.version
		c.look(at, counts)
		if counts && rigid {
			c.rigid[c.grid(at)] = true
		}
		if c.seen != c.read && at.Sub(c.readAt) >= fact.TicksOf(c.set.Interval) {
			c.readNow(at, false, counts)
		}
	default:
		full := c.fullDue()
		c.readNow(at, full.Known() && full <= at, counts)
	}
}

func (c *course) look(at fact.Instant, counts bool) {
	if counts {
		c.looks[c.hour(at)]++
	}
}

// readNow reads the log.
func (c *course) readNow(at fact.Instant, toEnd, counts bool) {
	fresh := int(c.entries - c.known)
	if counts {
		c.need.Reads++
		c.need.Logs += pagesOf(int(c.entries), fresh, toEnd)
	}
	if toEnd || fresh > 0 && c.entries < apiclient.PageSize {
		c.fullAt = at
	}
	c.readAt, c.read, c.known, c.knownLast, c.knownDone = at, c.seen, c.entries, c.last, c.done
}
