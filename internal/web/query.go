package web

import (
	"cmp"
	"math"
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
	key   string
	place func(*Listed) place
	polls bool // it goes by looks and reads
}

// place is where a ticket belongs in an order: by its text first.
type place struct {
	text string
	at   int64
	id   int64
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id))
}

// orders are the orders; the first is that of who asks for none.
func orders() []order {
	by := func(when func(*Listed) time.Time) func(*Listed) place {
		return func(t *Listed) place { return place{at: orLast(when(t)), id: t.ID} }
	}
	return []order{
		{"due", by(func(t *Listed) time.Time { return t.Due }), false},
		{"id", func(t *Listed) place { return place{id: t.ID} }, false},
		{"status", func(t *Listed) place { return place{text: t.Status, id: t.ID} }, false},
		{"look", by(func(t *Listed) time.Time { return t.Look }), true},
		{"read", by(func(t *Listed) time.Time { return t.Read }), true},
		{"next", by(func(t *Listed) time.Time { return t.Next }), true},
	}
}

// orLast puts what is not known last.
func orLast(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixNano()
}

func (q query) order() order {
	i := slices.IndexFunc(orders(), func(o order) bool { return o.key == strings.TrimPrefix(q.sort, "-") })
	return orders()[i]
}

func (q query) needsPolls() bool { return q.order().polls }

// choose gives the ids of the tickets that are asked for, in the order that is asked for.
func (q query) choose(all []Listed) []int64 {
	i := slices.IndexFunc(shows(), func(s show) bool { return s.Key == q.show })
	holds, text, placeOf := shows()[i].holds, strings.ToLower(q.text), q.order().place
	places := make([]place, 0, len(all))
	for i := range all {
		if t := &all[i]; holds(t) && matches(t, text) {
			places = append(places, placeOf(t))
		}
	}
	slices.SortFunc(places, comparePlaces)
	if strings.HasPrefix(q.sort, "-") {
		slices.Reverse(places)
	}
	ids := make([]int64, 0, len(places))
	for _, p := range places {
		ids = append(ids, p.id)
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
