package apiclient

import (
	"slices"
	"sort"
	"time"
)

// plan is where the next page has to begin, and by what it can be fitted to those before.
type plan struct {
	skip    int
	by      means
	overlap int // byPlace: how many known places the page has to begin with
}

// means is what a page can be fitted by.
type means int

const (
	byGroup means = iota // it overlaps back to an entry newer than the last group
	byPlace              // the group leaves no room for that: half a page of places
	byEnd                // it begins below all that is known, in the hope to be empty
)

// plan decides on the next page. There is no use in asking for the first page again: where
// the overlap would reach back to the top, a first answer shorter than was asked for is
// taken for the whole log, and the next page has to prove it by being empty.
func (a *attempt) plan() plan {
	n, guard := len(a.places), a.guard()
	overlaps := guard > 0 && n-guard < a.widest
	switch {
	case a.doubtful, !overlaps && n == a.widest && n < PageSize && !a.more:
		return plan{skip: max(n+a.shift, 0), by: byEnd}
	case overlaps:
		return plan{skip: max(guard+a.shift, 0), by: byGroup}
	}
	overlap := min(max(a.widest/2, 1), n)
	return plan{skip: max(n-overlap+a.shift, 0), by: byPlace, overlap: overlap}
}

// guard gives the index of the last readable place that has another time than the last
// place: where an overlap has to begin. -1: all have the same.
func (a *attempt) guard() int {
	last := a.places[len(a.places)-1].when
	for i := len(a.places) - 1; i >= 0; i-- {
		if a.places[i].readable && !a.places[i].when.Equal(last) {
			return i
		}
	}
	return -1
}

// fitted is how a page continues what was read.
type fitted struct {
	beyond  []place // of the page, what lies below all that was read
	shift   int     // of the log, now
	moved   bool    // something stood at another place than expected
	reached bool    // the page shows all of the last group that was read
	more    bool    // the log goes on, though the page does not show where
	short   bool    // the page is too short to tell anything
}

// fit finds a page, which is not empty, in what was read.
func (a *attempt) fit(page []place, at plan) (f fitted, ok bool) {
	switch at.by {
	case byEnd:
		more := len(surplus(page, a.places)) > 0
		a.more = a.more || more
		return fitted{shift: a.shift, moved: !more, more: more, reached: true, short: more || a.uneven}, true
	case byPlace:
		return a.fitByPlace(page, at.overlap)
	case byGroup:
	}
	below := a.places[min(max(at.skip-a.shift, 0), a.guard()):]
	switch {
	case startsWith(page, below):
		return fitted{beyond: page[len(below):], shift: a.shift, reached: true}, true
	case len(page) < len(below) && same(page[0], below[0]) && len(surplus(page, below)) == 0:
		return fitted{shift: a.shift, short: true}, true
	}
	if f, ok := a.fitByTime(page, at.skip); ok {
		return f, true
	}
	return fitted{shift: a.shift, moved: true}, a.showsNothingElse(page)
}

// fitByPlace takes a page that begins with exactly the last overlap places.
func (a *attempt) fitByPlace(page []place, overlap int) (fitted, bool) {
	below := a.places[len(a.places)-overlap:]
	switch {
	case len(page) >= overlap && alike(page[:overlap], below):
		return fitted{beyond: page[overlap:], shift: a.shift, reached: true}, true
	case startsWith(below, page):
		return fitted{shift: a.shift, short: true}, true
	}
	return fitted{shift: a.shift, moved: true}, a.showsNothingElse(page)
}

// showsNothingElse says that the page is a full one of what was read already: as much came
// in at the top, or the server does not skip as far as it was asked to.
func (a *attempt) showsNothingElse(page []place) bool {
	return len(page) >= a.widest && len(surplus(page, a.places)) == 0
}

// fitByTime finds the page by the times of its entries, wherever it begins. Page and log
// have to be sorted.
func (a *attempt) fitByTime(page []place, skip int) (fitted, bool) {
	if !a.sorted || !slices.IsSortedFunc(page, newestFirst) {
		return fitted{}, false
	}
	last, log := a.places[len(a.places)-1].when, a.places
	above, group, older := around(page, last)
	logAbove, logGroup, _ := around(log, last)
	if len(surplus(logGroup, group)) > 0 || !a.agrees(above, logAbove, skip == 0) {
		return fitted{}, false
	}
	shift := skip + len(above) - len(logAbove)
	beyond := append(surplus(group, logGroup), older...)
	return fitted{beyond: beyond, shift: shift, moved: shift != a.shift, reached: true}, true
}

// agrees says whether above, the part of a page above the last group, is what was read
// there, without gaps. What came in above all that was read may precede it. Where the page
// begins in the midst of a group, it may lack others of that group.
func (a *attempt) agrees(above, read []place, fromTop bool) bool {
	added, known := cut(above, a.places[0].when)
	if fromTop || len(added) > 0 {
		return alike(known, read)
	}
	if len(known) == 0 { // nothing proves that the last group is seen from its beginning
		return false
	}
	_, first, rest := around(known, known[0].when)
	_, readFirst, readRest := around(read, known[0].when)
	return len(surplus(first, readFirst)) == 0 && alike(rest, readRest)
}

// around cuts sorted places into those newer than t, those of t, and the older ones.
func around(places []place, t time.Time) (newer, same, older []place) {
	newer, rest := cut(places, t)
	n := sort.Search(len(rest), func(i int) bool { return rest[i].when.Before(t) })
	return newer, rest[:n:n], rest[n:]
}

// cut cuts sorted places into those newer than t and the others.
func cut(places []place, t time.Time) (newer, others []place) {
	n := sort.Search(len(places), func(i int) bool { return !places[i].when.After(t) })
	return places[:n:n], places[n:]
}

// surplus gives those places that are in more often than they are in known, both taken as
// multisets.
func surplus(in, known []place) []place {
	if len(in) == 0 {
		return nil
	}
	count := make(map[identity]int, len(known))
	for _, p := range known {
		count[p.identity]++
	}
	var more []place
	for _, p := range in {
		if count[p.identity]--; count[p.identity] < 0 {
			more = append(more, p)
		}
	}
	return more
}

// alike compares as multisets.
func alike(a, b []place) bool { return len(a) == len(b) && len(surplus(a, b)) == 0 }

func startsWith(page, start []place) bool {
	return len(page) >= len(start) && slices.EqualFunc(page[:len(start)], start, same)
}

func same(a, b place) bool { return a.identity == b.identity }

func newestFirst(a, b place) int { return b.when.Compare(a.when) }

// inherit gives unreadable places the time of the place above them, the first ones the
// time before.
func inherit(page []place, before time.Time) []place {
	for i := range page {
		if page[i].readable {
			before = page[i].when
		}
		page[i].when = before
	}
	return page
}

// firstTime is the time of the first readable place.
func firstTime(page []place) time.Time {
	for _, p := range page {
		if p.readable {
			return p.when
		}
	}
	return time.Time{}
}
