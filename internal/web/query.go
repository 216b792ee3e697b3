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

// counted gives the parts as they are before a ticket is counted.
func counted(parts []show) []shown {
	all := make([]shown, 0, len(parts))
	for _, s := range parts {
		all = append(all, shown{Key: s.Key, Name: s.Name})
	}
	return all
}

// order is an order of the tickets. At equal ranks the id decides.
type order struct {
	key     string
	rank    func(*Listed) int64
	compare func(a, b place) int
	polls   bool // it goes by looks and reads
}

// place is where a ticket belongs in an order. It is small, since there may be a hundred
// thousand of them at a time.
type place struct{ rank, id int64 }

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
}

// orders are the orders; the first is that of who asks for none. Each call gives orders for
// one set of tickets.
func orders() []order {
	by := func(key string, when func(*Listed) time.Time, polls bool) order {
		return order{key, func(t *Listed) int64 { return orLast(when(t)) }, comparePlaces, polls}
	}
	return []order{
		by("due", func(t *Listed) time.Time { return t.Due }, false),
		{"id", func(*Listed) int64 { return 0 }, comparePlaces, false},
		byStatus(),
		by("look", func(t *Listed) time.Time { return t.Look }, true),
		by("read", func(t *Listed) time.Time { return t.Read }, true),
		by("next", func(t *Listed) time.Time { return t.Next }, true),
	}
}

// byStatus ranks by the numbers of statuses, which it gives out as they come, and compares
// what they stand for.
func byStatus() order {
	var names []string
	numbers := map[string]int64{}
	rank := func(t *Listed) int64 {
		n, ok := numbers[t.Status]
		if !ok {
			n = int64(len(names))
			numbers[t.Status], names = n, append(names, t.Status)
		}
		return n
	}
	compare := func(a, b place) int {
		return cmp.Or(strings.Compare(names[a.rank], names[b.rank]), cmp.Compare(a.id, b.id))
	}
	return order{"status", rank, compare, false}
}

// orLast puts what is not known last.
func orLast(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixNano()
}

// order is the order that is asked for, turned round if it is to be.
func (q query) order() order {
	key, turned := strings.CutPrefix(q.sort, "-")
	all := orders()
	o := all[slices.IndexFunc(all, func(o order) bool { return o.key == key })]
	if compare := o.compare; turned {
		o.compare = func(a, b place) int { return compare(b, a) }
	}
	return o
}

func (q query) needsPolls() bool { return q.order().polls }

// matches says whether the id begins with the text, or the status, the assignee or the
// error contains it. The text is in lower case.
func matches(t *Listed, text string) bool {
	return text == "" || strings.HasPrefix(string(strconv.AppendInt(make([]byte, 0, 20), t.ID, 10)), text) ||
		contains(t.Status, text) || contains(t.Assignee, text) || contains(t.Error, text)
}

func contains(s, text string) bool { return s != "" && strings.Contains(strings.ToLower(s), text) }
