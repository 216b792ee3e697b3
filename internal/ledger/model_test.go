package ledger

import (
	"fmt"
	"slices"
	"strings"

	"socialboards_exporter/internal/fact"
)

// model recounts a ticket's whole history in the simplest way: it looks forward in the log
// for what ends what, and counts minute by minute. It shares nothing with Judge but the
// rules. It knows one complete log whose entries came in the order of time.
type model struct {
	c       *Case
	r       *Rules
	log     []fact.Entry
	begin   fact.Instant
	creator string
}

// horizon is longer than any case the model is asked about, in minutes.
const horizon = 400

func newModel(c *Case, r *Rules) *model {
	m := &model{c: c, r: r, begin: c.Ticket.Created, log: slices.Clone(c.Entries)}
	weight := map[string]int{fact.TicketCreated: 1, fact.ReplyCreated: 2, fact.TicketStatusChanged: 3}
	slices.SortStableFunc(m.log, func(a, b fact.Entry) int {
		if a.Time != b.Time {
			return int(a.Time - b.Time)
		}
		return weight[a.Action] - weight[b.Action]
	})
	for _, e := range m.log {
		if e.Action == fact.TicketCreated {
			m.begin, m.creator = e.Time, e.UserType
			break
		}
	}
	return m
}

// real says whether entry i changes the status, and gives its statuses.
func (m *model) real(i int) (from, to string, ok bool) {
	e := m.log[i]
	if e.Action != fact.TicketStatusChanged || e.From == "" || e.To == "" {
		return "", "", false
	}
	from, _ = m.r.Status(e.From)
	to, _ = m.r.Status(e.To)
	return from, to, from != to
}

// status is what the ticket is in after entry i; -1: at first.
func (m *model) status(i int) string {
	for k := i; k >= 0; k-- {
		if _, to, ok := m.real(k); ok {
			return to
		}
	}
	for k := range m.log {
		if from, _, ok := m.real(k); ok {
			return from
		}
	}
	return m.c.Ticket.FirstStatus
}

func (m *model) done(i int) bool { return m.r.Done(m.status(i)) }

// changes tells all changes in the form of story.changes.
func (m *model) changes() string {
	var told []string
	last, lastTo := m.begin, ""
	for i, e := range m.log {
		from, to, ok := m.real(i)
		if !ok {
			if e.Action == fact.TicketStatusChanged && from != "" {
				told = append(told, "-"+from+">"+to+"*")
			}
			continue
		}
		text := from + ">" + to
		if e.Time <= m.c.Ticket.Found {
			text = "-" + text
		}
		switch {
		case lastTo != "" && lastTo != from:
			text += "?"
		case last.Known() && last <= e.Time:
			text += "=" + minutes(monday+e.Time-last)
		}
		told = append(told, text)
		last, lastTo = e.Time, to
	}
	return strings.Join(told, " ")
}

// run is a run of a clock between two entries of the log.
type run struct {
	start, end fact.Instant
	outcome    bool // false with a known end: it ends without
}

func (m *model) team(i int) bool {
	return m.log[i].Action == fact.ReplyCreated && m.log[i].UserType == fact.Team
}

func (m *model) client(i int) bool {
	return m.log[i].Action == fact.ReplyCreated && m.log[i].UserType == fact.Client
}

func (m *model) entersDone(i int) bool { return !m.done(i-1) && m.done(i) }
func (m *model) leavesDone(i int) bool { return m.done(i-1) && !m.done(i) }

// next is the first entry after i that is what one of the tests wants; horizon: none.
func (m *model) next(i int, wanted ...func(int) bool) int {
	for k := i + 1; k < len(m.log); k++ {
		for _, w := range wanted {
			if w(k) {
				return k
			}
		}
	}
	return len(m.log)
}

func (m *model) run(start fact.Instant, after int, outcome bool) run {
	r := run{start: start, end: fact.Never}
	if after < len(m.log) {
		r.end, r.outcome = m.log[after].Time, outcome
	}
	return r
}

// beganAfter is the entry after which the ticket began: replies before were to nobody.
func (m *model) beganAfter() int {
	for i, e := range m.log {
		if e.Time > m.begin || e.Time == m.begin && e.Action != fact.TicketCreated {
			return i - 1
		}
	}
	return len(m.log) - 1
}

// asked gives the entry from which on a first response is awaited; false: none.
func (m *model) asked() (int, bool) {
	if m.creator == fact.Team || m.creator == fact.Bot {
		i := m.next(-1, m.client)
		return i, i < len(m.log)
	}
	if !m.begin.Known() {
		return -1, true
	}
	return m.beganAfter(), true
}

// answered gives the entry that is the first response, len(m.log) if there is none.
func (m *model) answered() int {
	i, ok := m.asked()
	if !ok {
		return len(m.log)
	}
	if m.begin.Known() {
		i = max(i, m.beganAfter())
	}
	return m.next(i, m.team)
}

// runs gives the runs of a measure.
func (m *model) runs(o *Objective) []run {
	var runs []run
	end := len(m.log)
	switch o.Measure {
	case FirstResponse:
		i, ok := m.asked()
		if !ok || !m.begin.Known() {
			return nil
		}
		start := m.begin
		if m.creator == fact.Team || m.creator == fact.Bot {
			start = m.log[i].Time
		}
		return []run{m.run(start, m.answered(), true)}
	case NextResponse:
		for i := m.answered(); i < end; {
			i = m.next(i, m.client)
			if i < end && m.done(i) {
				i = m.next(i, m.team, m.leavesDone)
			}
			if i == end || m.team(i) {
				continue
			}
			stop := m.next(i, m.team, m.entersDone)
			runs = append(runs, m.run(m.log[i].Time, stop, stop < end && m.team(stop)))
			i = stop
		}
	case Update:
		for i := m.next(-1, m.team); i < end; i = m.next(i, m.team) {
			if !m.done(i) {
				stop := m.next(i, m.team, m.entersDone)
				runs = append(runs, m.run(m.log[i].Time, stop, stop < end && m.team(stop)))
			}
		}
	case Resolution:
		return m.stays(func(i int) bool { return !m.done(i) })
	case TimeInStatus:
		return m.stays(func(i int) bool { return m.status(i) == o.Status })
	}
	return runs
}

// stays gives the runs that last as long as in holds, from the beginning or from when it
// comes to hold.
func (m *model) stays(in func(int) bool) []run {
	var runs []run
	for i := -1; i < len(m.log); i++ {
		if !in(i) || i >= 0 && in(i-1) {
			continue
		}
		start := m.begin
		switch {
		case i >= 0:
			start = m.log[i].Time
		case !m.begin.Known():
			continue
		}
		stop := m.next(i, func(k int) bool { return !in(k) })
		if i >= 0 || stop == len(m.log) || m.log[stop].Time >= start {
			runs = append(runs, m.run(start, stop, true))
		}
	}
	return runs
}

// outcomes tells what one objective has counted by the time the log was known, in the form
// of story.outcomes, with whole minutes.
func (m *model) outcomes(o *Objective) string {
	var told []string
	for _, r := range m.runs(o) {
		if text := m.outcome(o, r); text != "" {
			told = append(told, text)
		}
	}
	return strings.Join(told, " ")
}

func (m *model) outcome(o *Objective, r run) string {
	used, breach, text := 0, -1, ""
	for at := int((r.start - monday) / minute); at < horizon; at++ {
		now := min0(float64(at))
		if r.end.Known() && now >= r.end {
			break
		}
		if m.counts(o, now) {
			if used == int(o.Target.Minutes()) && breach < 0 {
				breach = at
			}
			used++
		}
	}
	for breach >= 0 && breach < horizon && !m.member(o, min0(float64(breach))) {
		breach++
	}
	b := min0(float64(breach))
	stopped := r.end.Known() && r.outcome && r.end > m.c.Ticket.Found &&
		m.member(o, r.end) && m.member(o, r.end-minute)
	if breach >= 0 && breach < horizon && (!r.end.Known() || b < r.end) && (r.end.Known() || b < min0(lastRead)) {
		text = "!" + minutes(b)
		if b <= m.c.Ticket.Found { // a former owner's, who does not see it stop
			if !m.c.Ticket.Inherited || !stopped {
				return ""
			}
			return fmt.Sprintf("-%s-%s=%d%s", minutes(r.start), minutes(r.end), used, text)
		}
	}
	if !stopped && text == "" {
		return ""
	}
	if stopped {
		return fmt.Sprintf("%s-%s=%d%s", minutes(r.start), minutes(r.end), used, text)
	}
	return minutes(r.start) + "-" + text
}

// counts says whether the minute from now on counts.
func (m *model) counts(o *Objective, now fact.Instant) bool {
	last := -1
	for i, e := range m.log {
		if e.Time <= now {
			last = i
		}
	}
	status := m.status(last)
	paused := o.PauseIn[status] || o.Measure == FirstResponse && m.r.Done(status)
	return !paused && o.Calendar.Open(now.Time())
}

func (m *model) member(o *Objective, at fact.Instant) bool {
	holds := len(o.Match.Tags) == 0
	for i, v := range m.c.Views {
		if i == 0 || v.Since <= at {
			holds = o.Match.Holds(v)
		}
	}
	return holds
}
