package web

import (
	"iter"
	"slices"
	"strings"
)

// choice is what a query chooses of all tickets.
type choice struct {
	ids         []int64 // of the page, in the order that is asked for
	total       int     // of the tickets that match
	page, pages int     // from 1; a page that is not there has become the nearest one
	shows       []shown
}

// choose goes through all tickets once. It keeps of each a place at most, and none of those
// that come far behind the page: the first pages of any number of tickets take up little.
func (q query) choose(all iter.Seq[Listed]) choice {
	parts, order, text := shows(), q.order(), strings.ToLower(q.text)
	holds := parts[slices.IndexFunc(parts, func(s show) bool { return s.Key == q.show })].holds
	c := choice{shows: counted(parts)}
	best := newFront(order.compare, pageSize*min(max(q.page, 1), lastPage))
	var t Listed // the same for all: each would be garbage of its own, since the parts are given its address
	for t = range all {
		for i := range parts {
			if parts[i].holds(&t) {
				c.shows[i].Count++
			}
		}
		if holds(&t) && matches(&t, text) {
			c.total++
			best.add(place{order.rank(&t), t.ID})
		}
	}
	c.open(q.page, best.sorted())
	return c
}

// open takes the page out of the places up to its end.
func (c *choice) open(page int, places []place) {
	c.pages = max(1, (c.total+pageSize-1)/pageSize)
	c.page = min(max(page, 1), c.pages)
	first := (c.page - 1) * pageSize
	for _, p := range places[first:min(first+pageSize, len(places))] {
		c.ids = append(c.ids, p.id)
	}
}

// lastPage is farther than any page that there is, and near enough to reckon with.
const lastPage = 1 << 29 / pageSize

// front keeps the first places of an order, of however many that are added to it.
type front struct {
	compare func(a, b place) int
	most    int // that are kept
	// kept are the first ones of all but the latest additions, and behind these the latest.
	// That these are cut off only when they are as many makes an addition cheap.
	kept []place
	last *place // what comes after it is not among the first; nil: all may be
}

// usual is how many places there is room for at once. Places that moved to more room
// again and again would leave several times as much garbage.
const usual = 1 << 17

func newFront(compare func(a, b place) int, most int) *front {
	return &front{compare: compare, most: most, kept: make([]place, 0, min(2*most, usual))}
}

func (f *front) add(p place) {
	if f.last != nil && f.compare(p, *f.last) > 0 {
		return
	}
	if f.kept = append(f.kept, p); len(f.kept) == 2*f.most {
		last := f.sorted()[f.most-1]
		f.last = &last
	}
}

// sorted gives the first places in order.
func (f *front) sorted() []place {
	slices.SortFunc(f.kept, f.compare)
	f.kept = f.kept[:min(len(f.kept), f.most)]
	return f.kept
}
