package apiclient

import (
	"errors"
	"math"
	"slices"
	"time"
)

const (
	// mostAttempts to read a log whose pages do not fit together.
	mostAttempts = 5
	// mostStalls of one attempt.
	mostStalls = 20
)

var (
	errEndless  = errors.New("the log does not end")
	errUnstable = errors.New("the log changed too much while it was read")
)

// logReader reads one log, page by page. Entries may be added and taken away between two
// pages, and places shift with them. So each page overlaps what was read before, and is
// taken only when the overlap shows that no entry in between was missed:
//
//   - A page starts at the last entry that is newer than the oldest ones read: the whole
//     group of entries with that oldest time lies in the overlap, and one entry above it
//     proves that the group is seen from its beginning. Within a group the order may
//     differ from answer to answer, so it is compared as a multiset.
//   - Found at another place than expected, the overlap tells how far the log has shifted;
//     reading goes on from there, and at the end the first page is read again for what
//     came in at the top.
//   - Not found, or with gaps, it starts the reading again.
//
// Every entry that is in the log from the beginning to the end of the attempt is in its
// result once; none is in it more often than it ever was in the log at one time. Where a
// group is as large as a page, only its places can be followed; there this holds as long
// as the order within the group stays the same.
type logReader struct {
	query LogQuery
	ask   func(skip int) (page, *Error)

	requests int
	emptied  []place // what the last attempt had read when a page came back empty
}

// attempt is one try to read the log without starting again.
type attempt struct {
	*logReader
	begun  time.Time
	places []place // of the log, from its top
	bytes  int     // of all pages
	counts map[group]int

	shift  int // how far the log has moved down since its places were read
	size   int // of the last page
	widest int // size of the largest page: what the server gives at once, or less
	stalls int // pages that brought nothing and proved nothing

	sorted   bool
	moved    bool // places have shifted: the top may hold what was not seen
	uneven   bool // a page was short, though there was more
	more     bool // a later page showed that the log goes on below what was read
	doubtful bool // the last page may be the end, or cut short
	stalled  bool // the last page, though full, showed nothing but what is known
	ended    bool // the end of the log was seen
	stuck    int  // size of the full page of known entries at which reading ended; 0: none
}

// group is what entries are counted by: they have no id.
type group struct {
	at         time.Time
	actionType string
}

func (r *logReader) read() (Reading, *Error) {
	for range mostAttempts {
		a := attempt{logReader: r, counts: make(map[group]int), sorted: true}
		fits, failure := a.run()
		if failure != nil {
			return Reading{}, failure
		}
		if fits {
			return a.reading(), nil
		}
	}
	return Reading{}, &Error{Kind: Unstable, Endpoint: LogEndpoint, Err: errUnstable}
}

// run reads from the top to the end, or as far as the query wants. Not to fit means that
// the log shifted in a way that may have hidden entries.
func (a *attempt) run() (fits bool, failure *Error) {
	top, failure := a.next(0)
	if failure != nil {
		return false, failure
	}
	a.begun = top.begun
	a.take(inherit(top.places, firstTime(top.places)))
	a.size, a.widest, a.ended = len(top.places), len(top.places), len(top.places) == 0
	for done := a.ended || a.nothingNew(len(a.places)); !done; {
		if done, fits, failure = a.step(); failure != nil || !fits {
			return false, failure
		}
	}
	if a.moved {
		return a.revisitTop()
	}
	return true, nil
}

// step reads the page after those that were read.
func (a *attempt) step() (done, fits bool, failure *Error) {
	at := a.plan()
	p, failure := a.next(at.skip)
	if failure != nil {
		return false, false, failure
	}
	if len(p.places) == 0 {
		return true, a.endsEmpty(at), nil
	}
	expected := min(max(at.skip-a.shift, 0), len(a.places)-1)
	f, fits := a.fit(inherit(p.places, a.places[expected].when), at)
	if !fits {
		return false, false, nil
	}
	a.shift, a.moved = f.shift, a.moved || f.moved
	done, fits = a.conclude(at, f, len(p.places))
	return done, fits, nil
}

// conclude draws the conclusions from a page of that size, which fits.
func (a *attempt) conclude(at plan, f fitted, size int) (done, fits bool) {
	before, roomLeft := a.size, size < a.widest
	a.size, a.widest = size, max(a.widest, size)
	if len(f.beyond) > 0 || f.more {
		a.uneven = a.uneven || before < a.widest // so the page before was not the last
	}
	if len(f.beyond) > 0 {
		a.more, a.doubtful, a.stalled = false, false, false
		a.take(f.beyond)
		return a.nothingNew(size), true
	}
	// An end is seen where the page had room for more. Of a server whose pages are short
	// for no reason only an empty page below all that is known proves it.
	if f.short || f.reached && roomLeft && a.uneven {
		a.doubtful = at.by != byEnd
		a.stalls++
		return false, a.stalls <= mostStalls
	}
	if f.reached && roomLeft {
		a.ended = true
		return true, true
	}
	// A full page of what is known: as much was added above, or the server does not skip as
	// far as it is asked to. Another page, further down, or else the top will tell.
	if f.reached && !a.stalled {
		a.stalled = true
		return false, true
	}
	if a.more {
		return true, false
	}
	a.moved, a.stuck = true, math.MaxInt
	if f.reached {
		a.stuck = size
	}
	return true, true
}

// endsEmpty judges an empty page. Where known entries should have stood, they were taken
// away, and others may have moved up unseen; or the server never shows this part of the
// log. The latter is so if another attempt comes to the same.
func (a *attempt) endsEmpty(at plan) bool {
	a.ended = at.by == byEnd || len(a.emptied) > 0 && slices.EqualFunc(a.places, a.emptied, same)
	a.emptied = a.places
	return a.ended
}

// revisitTop reads the first page again, after the log has shifted, and takes in what
// came to it since.
func (a *attempt) revisitTop() (fits bool, failure *Error) {
	p, failure := a.next(0)
	if failure != nil {
		return false, failure
	}
	top := inherit(p.places, firstTime(p.places))
	added := surplus(top, a.places)
	if len(added) == len(top) { // nothing connects it with what was read
		return false, nil
	}
	if a.stuck > 0 && len(added) > 0 {
		// It was the shift that filled the page. Now that the top is known to be larger, the
		// page may prove to have had room left.
		if a.ended = a.stuck < max(a.widest, len(top)); !a.ended {
			return false, nil
		}
	}
	read := a.places
	a.places = nil
	a.take(added)
	a.places = append(a.places, read...)
	return true, nil
}

// next asks for a page, within the bounds of one reading.
func (a *attempt) next(skip int) (page, *Error) {
	a.requests++
	p, failure := a.ask(skip)
	if failure != nil {
		return page{}, failure
	}
	a.bytes += p.bytes
	if len(a.places)+len(p.places) > mostItems || a.bytes > mostLogBytes {
		return page{}, &Error{Kind: TooLarge, Endpoint: LogEndpoint, Err: errEndless}
	}
	return p, nil
}

// take adds places below those that were read.
func (a *attempt) take(places []place) {
	a.places = slices.Grow(a.places, len(places))
	for _, p := range places {
		if p.readable && a.query.Known != nil {
			g := group{p.at, p.action}
			a.counts[g]++
			p.fresh = a.counts[g] > a.query.Known(p.at, p.action)
		} else {
			p.fresh = p.readable
		}
		if n := len(a.places); n > 0 && p.when.After(a.places[n-1].when) {
			a.sorted = false
		}
		a.places = append(a.places, p)
	}
}

// nothingNew says whether the reading may stop, since the last size places, those of the
// page just read, are known. That rests on the order of the log: one out of order is read
// to its end, as is one whose page shows nothing that can be read.
func (a *attempt) nothingNew(size int) bool {
	if a.query.ToEnd || !a.sorted {
		return false
	}
	readable := false
	for _, p := range a.places[max(len(a.places)-size, 0):] {
		if p.fresh {
			return false
		}
		readable = readable || p.readable
	}
	return readable
}

// reading gives the result of an attempt that fits.
func (a *attempt) reading() Reading {
	r := Reading{Begun: a.begun, ReachedEnd: a.ended, Requests: a.requests}
	r.Entries = slices.Grow(r.Entries, len(a.places))
	for _, p := range a.places {
		if p.readable {
			r.Entries = append(r.Entries, p.entry)
		}
	}
	r.Unreadable = len(a.places) - len(r.Entries)
	slices.SortStableFunc(r.Entries, func(a, b Entry) int { return b.Time.Compare(a.Time) })
	if n := len(r.Entries); n > 0 && !a.ended {
		r.Covered = r.Entries[n-1].Time
	}
	return r
}
