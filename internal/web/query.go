package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is what a request for tickets asks for.
type query struct {
	text string // empty: whatever
	show string // the key of a show
	sort string // the key of an order, behind a minus when it is turned round
	page int    // from 1; anything else is the first
}

// queryOf reads a request. What makes no sense is as if it was not there.
func queryOf(r *http.Request) query {
	page, _ := strconv.Atoi(r.FormValue("page"))
	q := query{text: strings.TrimSpace(r.FormValue("q")), show: r.FormValue("show"), sort: r.FormValue("sort"), page: page}
	if !slices.ContainsFunc(shows(), func(s show) bool { return s.Key == q.show }) {
		q.show = shows()[0].Key
	}
	if !slices.ContainsFunc(orders(), func(o order) bool { return o.key == strings.TrimPrefix(q.sort, "-") }) {
		q.sort = orders()[0].key
	}
	return q
}

// show is a part of the tickets that can be asked for.
type show struct {
	Key, Name string
	holds     func(*Listed) bool
}

// shows are the parts; the first is what is shown to who asks for none.
func shows() []show {
	clock := func(state string) func(*Listed) bool { return func(t *Listed) bool { return t.Clock == state } }
	return []show{
		{"all", "all", func(*Listed) bool { return true }},
		{"live", "live", func(t *Listed) bool { return !t.Done }},
		{"done", "done", func(t *Listed) bool { return t.Done }},
		{"breached", "with a breached clock", clock("breached")},
		{"warning", "with a clock in warning", clock("warning")},
		{"paused", "with paused clocks only", clock("paused")},
		{"unread", "never read", func(t *Listed) bool { return t.Unread }},
		{"failing", "whose last look or read failed", func(t *Listed) bool { return t.Error != "" }},
	}
}

// shown is a part with how many tickets are in it.
type shown struct {
	Key, Name string
	Count     int
}

func countShows(all []Listed) []shown {
	counted := make([]shown, 0, len(shows()))
	for _, s := range shows() {
		n := 0
		for i := range all {
			if s.holds(&all[i]) {
				n++
			}
		}
		counted = append(counted, shown{s.Key, s.Name, n})
	}
	return counted
}

// order is an order of the tickets. At equal places the id decides.
type order struct {
	key     string
	compare func(a, b *Listed) int
	polls   bool // it goes by looks and reads
}

// orders are the orders; the first is that of who asks for none.
func orders() []order {
	by := func(when func(*Listed) time.Time) func(a, b *Listed) int {
		return func(a, b *Listed) int { return compareTimes(when(a), when(b)) }
	}
	return []order{
		{"due", by(func(t *Listed) time.Time { return t.Due }), false},
		{"id", func(_, _ *Listed) int { return 0 }, false},
		{"status", func(a, b *Listed) int { return cmp.Compare(a.Status, b.Status) }, false},
		{"look", by(func(t *Listed) time.Time { return t.Look }), true},
		{"read", by(func(t *Listed) time.Time { return t.Read }), true},
		{"next", by(func(t *Listed) time.Time { return t.Next }), true},
	}
}

// compareTimes puts what is not known last.
func compareTimes(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

func (q query) order() order {
	i := slices.IndexFunc(orders(), func(o order) bool { return o.key == strings.TrimPrefix(q.sort, "-") })
	return orders()[i]
}

func (q query) needsPolls() bool { return q.order().polls }

// choose gives the ids of the tickets that are asked for, in the order that is asked for.
func (q query) choose(all []Listed) []int64 {
	i := slices.IndexFunc(shows(), func(s show) bool { return s.Key == q.show })
	holds, text := shows()[i].holds, strings.ToLower(q.text)
	chosen := make([]*Listed, 0, len(all))
	for i := range all {
		if t := &all[i]; holds(t) && matches(t, text) {
			chosen = append(chosen, t)
		}
	}
	compare := q.order().compare
	slices.SortFunc(chosen, func(a, b *Listed) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) })
	if strings.HasPrefix(q.sort, "-") {
		slices.Reverse(chosen)
	}
	ids := make([]int64, 0, len(chosen))
	for _, t := range chosen {
		ids = append(ids, t.ID)
	}
	return ids
}

// matches says whether the id begins with the text, or the status, the assignee or the
// error contains it. The text is in lower case.
func matches(t *Listed, text string) bool {
	return text == "" || strings.HasPrefix(strconv.FormatInt(t.ID, 10), text) ||
		contains(t.Status, text) || contains(t.Assignee, text) || contains(t.Error, text)
}

func contains(s, text string) bool { return s != "" && strings.Contains(strings.ToLower(s), text) }
