package poll

import (
	"slices"
	"strings"
	"time"

	"socialboards_exporter/apiclient"
)

// survey reads a selection page by page. Tickets move in a list while it is read, and
// neither the order, nor the size of a page, nor what `skip` and `take` do is certain.
type survey struct {
	selection string // its key
	complete  bool   // else it ends at the first page that holds nothing fresh
	begun     time.Time
	query     apiclient.ListQuery

	seen     map[int64]int // tickets shown, by the last page that showed them
	pages    int           // asked for
	last     int           // the last page that fitted
	page     []int64       // the tickets on that page
	skip     int
	overlap  int  // how many of the tickets at skip were shown before
	head     bool // the end was reached; the head of the list is read again
	stale    int  // pages in a row that showed nothing unseen
	same     int  // pages in a row that were the page before
	back     int  // how often in a row it was stepped back to find the overlap
	retreats int  // how often in all
	restarts int
}

// Bounds of a survey. The number of pages is enough for 200,000 tickets.
const (
	maxPages    = 4000
	maxBack     = 4
	maxRestarts = 3
	maxStale    = 8
	maxSame     = 2
)

// skew is how far the API's clock may be behind ours.
const skew = time.Minute

// verdict is what follows from a page.
type verdict uint8

const (
	goOn verdict = iota
	ended
	unstable // the pages did not fit together, or would not end
)

func newSurvey(sel Selection, complete bool, now time.Time) *survey {
	q := sel.Query
	q.OrderBy, q.Take = apiclient.NewestActivityFirst, apiclient.PageSize
	if from := now.Add(-sel.CreatedWithin); sel.CreatedWithin > 0 && from.After(q.CreatedFrom) {
		q.CreatedFrom = from
	}
	return &survey{selection: sel.Key, complete: complete, begun: now, query: q, seen: map[int64]int{}}
}

// ask gives the next page to ask for.
func (v *survey) ask() apiclient.ListQuery {
	q := v.query
	q.Skip = v.skip
	return q
}

// answer takes the answer to ask, of which fresh tickets were new to the recorder.
func (v *survey) answer(page []apiclient.Ticket, fresh int) verdict {
	if v.pages++; v.pages > maxPages {
		return unstable
	}
	if v.complete && !v.head && v.overlap > 0 && !v.fits(page) {
		return v.retreat()
	}
	before, found := v.page, v.back > 0
	shown, unseen := v.note(page)
	switch {
	case v.complete && !v.head && found:
		v.advance(shown)
		return goOn
	case v.complete && !v.head:
		return v.proceed(shown, unseen, slices.Equal(before, v.page))
	case !v.complete && fresh == 0, unseen == 0 && (!v.head || !v.stirred(page)):
		return ended
	default:
		v.advance(shown)
		return goOn
	}
}

// fits says whether a page shows a ticket of the page before it; after a step back, any
// ticket that was shown.
func (v *survey) fits(page []apiclient.Ticket) bool {
	for _, t := range page {
		if at, ok := v.seen[t.ID]; ok && (at == v.last || v.back > 0) {
			return true
		}
	}
	return false
}

// note adds a page to what was seen, and gives how many tickets it showed, repetitions
// aside, and how many of them were not seen before.
func (v *survey) note(page []apiclient.Ticket) (shown, unseen int) {
	v.page = make([]int64, 0, len(page))
	for _, t := range page {
		at, ok := v.seen[t.ID]
		if !ok {
			unseen++
		}
		if at != v.pages {
			v.page = append(v.page, t.ID)
		}
		v.seen[t.ID] = v.pages
	}
	v.last, v.back = v.pages, 0
	return len(v.page), unseen
}

// stirred says whether a page shows a ticket that something has happened to since the
// reading began: below it there may be others that have moved to the head of the list.
func (v *survey) stirred(page []apiclient.Ticket) bool {
	return slices.ContainsFunc(page, func(t apiclient.Ticket) bool { return t.LastActivity.After(v.begun.Add(-skew)) })
}

// advance moves on by a page, the last ticket of which is to be shown again: where it is
// not, tickets above it have gone, and others may have slipped through between the pages.
// The more often that happens, the more the pages overlap.
func (v *survey) advance(shown int) {
	v.overlap = min(1+4*v.retreats, max(1, shown/2), shown-1)
	v.skip += shown - v.overlap
}

// proceed goes on after a page that fits what was shown before. The end is reached with
// a page that holds nothing but the overlap. A longer page without anything unseen shows
// that tickets have moved up, unless it is again and again the page before: there are
// servers that show the same page whatever one skips.
func (v *survey) proceed(shown, unseen int, again bool) verdict {
	if again {
		v.same++
	} else {
		v.same = 0
	}
	switch {
	case unseen > 0:
		v.stale = 0
	case shown <= v.overlap || v.same == maxSame || v.stale == maxStale:
		return v.end()
	default:
		v.stale++
	}
	v.advance(shown)
	return goOn
}

// end ends the reading, apart from the head of the list: tickets may have moved there from
// the part that was yet to be read, so the head is read again.
func (v *survey) end() verdict {
	if len(v.seen) == 0 {
		return ended
	}
	v.head, v.skip, v.overlap = true, 0, 0
	return goOn
}

// retreat goes back by most of a page to find what was shown before, and begins anew when
// that does not help. What the pages in vain showed does not count as seen, or the gap
// before them would look closed.
func (v *survey) retreat() verdict {
	v.retreats++
	if v.back++; v.back <= maxBack && v.skip > 0 {
		v.skip = max(0, v.skip-max(1, len(v.page)-1))
		return goOn
	}
	if v.restarts++; v.restarts > maxRestarts {
		return unstable
	}
	clear(v.seen)
	v.skip, v.overlap, v.stale, v.back = 0, 0, 0, 0
	return goOn
}

// contradicts says whether a ticket shows that it does not belong to the answer: servers
// may ignore filters that they do not know. What a ticket does not show is no reason.
func contradicts(q apiclient.ListQuery, t apiclient.Ticket) bool {
	switch {
	case q.Status != "" && t.Status != "" && !strings.EqualFold(q.Status, t.Status):
	case q.Source != "" && t.Source != "" && !strings.EqualFold(q.Source, t.Source):
	case q.CategoryID != 0 && t.CategoryID != q.CategoryID:
	case q.Uncategorized && t.CategoryID != 0:
	case !q.CreatedFrom.IsZero() && !t.Created.IsZero() && t.Created.Before(q.CreatedFrom):
	default:
		return false
	}
	return true
}
