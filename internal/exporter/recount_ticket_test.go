package exporter

import (
	"cmp"
	"slices"

	"socialboards_exporter/apiclient/apitest"
)

// happening is an entry of a log, as far as it matters to time.
type happening struct {
	at       instant
	kind     string
	who      string // user type
	from, to string // statuses
}

// life is what truly happened to a ticket.
type life struct {
	happened []happening // in order
	began    instant
	creator  string
	statuses []spell
	changes  []change
}

// spell is a time in one status; the last one has no end.
type spell struct {
	stretch
	status string
}

type change struct {
	at       instant
	from, to string
	lasted   instant
}

// lifeOf reads a log, newest entry first.
func lifeOf(log []apitest.Entry, status string) *life {
	l := &life{}
	for _, e := range slices.Backward(log) {
		l.happened = append(l.happened, happening{instantOf(e.Time), e.Type, who(e.User), e.From, e.To})
	}
	slices.SortStableFunc(l.happened, func(a, b happening) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(rank(a.kind), rank(b.kind)))
	})
	l.began, l.creator = l.happened[0].at, l.happened[0].who // a simulated ticket's log begins with its creation
	for _, h := range l.happened {
		if h.kind == apitest.StatusChanged {
			status = h.from
			break
		}
	}
	l.statuses = []spell{{stretch{l.began, endOfTime}, status}}
	for _, h := range l.happened {
		if h.kind != apitest.StatusChanged || h.from == h.to {
			continue
		}
		last := &l.statuses[len(l.statuses)-1]
		last.to = h.at
		l.changes = append(l.changes, change{h.at, h.from, h.to, h.at - last.from})
		l.statuses = append(l.statuses, spell{stretch{h.at, endOfTime}, h.to})
	}
	return l
}

func who(u *apitest.User) string {
	switch {
	case u == nil:
		return "system"
	case u.IsBot:
		return "bot"
	}
	return u.Status
}

func rank(kind string) int {
	if i := slices.Index([]string{apitest.TicketCreated, apitest.ReplyCreated, apitest.StatusChanged}, kind); i >= 0 {
		return i
	}
	return 3
}

func (l *life) status() string { return l.statuses[len(l.statuses)-1].status }
func (l *life) since() instant { return l.statuses[len(l.statuses)-1].from }
func (l *life) done() bool     { return l.status() == apitest.Completed }

// race is one run of a clock.
type race struct {
	stretch      // to is endOfTime while it is open
	dropped bool // ended without outcome
}

// stopwatch collects the runs of a clock.
type stopwatch struct{ races []race }

func (w *stopwatch) open() bool {
	return len(w.races) > 0 && w.races[len(w.races)-1].to == endOfTime
}

func (w *stopwatch) start(at instant) {
	if !w.open() {
		w.races = append(w.races, race{stretch: stretch{at, endOfTime}})
	}
}

func (w *stopwatch) end(at instant, dropped bool) {
	if w.open() {
		last := &w.races[len(w.races)-1]
		last.to, last.dropped = at, dropped
	}
}

// measured gives the runs of the clock of a measure.
func (l *life) measured(p promise) []race {
	switch p.measure {
	case "resolution":
		return l.spells(func(s string) bool { return s != apitest.Completed })
	case "time_in_status":
		return l.spells(func(s string) bool { return s == p.status })
	}
	var first, next, update stopwatch
	answered := false // there was a first response
	owed := false     // the customer wrote to the ticket while it was done
	status := l.statuses[0].status
	if l.creator != "team" && l.creator != "bot" {
		first.start(l.began)
	}
	for _, h := range l.happened {
		done := status == apitest.Completed
		switch {
		case h.kind == apitest.ReplyCreated && h.who == "client":
			switch {
			case !answered:
				first.start(h.at)
			case done:
				owed = true
			default:
				next.start(h.at)
			}
		case h.kind == apitest.ReplyCreated && h.who == "team":
			if first.open() {
				first.end(h.at, false)
				answered = true
			}
			next.end(h.at, false)
			update.end(h.at, false)
			if owed = false; !done {
				update.start(h.at)
			}
		case h.kind == apitest.StatusChanged:
			status = h.to
			switch left := done && status != apitest.Completed; {
			case status == apitest.Completed:
				next.end(h.at, true)
				update.end(h.at, true)
			case left && owed:
				owed = false
				next.start(h.at)
			}
		}
	}
	return map[string][]race{"first_response": first.races, "next_response": next.races, "update": update.races}[p.measure]
}

// spells gives the times in statuses that are in, joined where one follows the other.
func (l *life) spells(in func(string) bool) []race {
	var w stopwatch
	for _, s := range l.statuses {
		if in(s.status) {
			w.start(s.from)
		} else {
			w.end(s.from, false)
		}
	}
	return w.races
}

// running gives the times in which a clock of the promise does not pause.
func (l *life) running(p promise) []stretch {
	var all []stretch
	for _, s := range l.statuses {
		if slices.Contains(p.pauseIn, s.status) || p.measure == "first_response" && s.status == apitest.Completed {
			continue
		}
		all = append(all, s.stretch)
	}
	return all
}
