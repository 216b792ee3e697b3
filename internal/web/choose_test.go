package web

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// naive chooses by sorting everything.
func naive(q query, all []Listed) choice {
	c := choice{page: max(1, q.page)}
	var found []Listed
	for _, s := range shows() {
		n := 0
		for _, t := range all {
			if s.holds(&t) {
				n++
			}
			if s.holds(&t) && s.Key == q.show && naiveMatch(t, strings.ToLower(q.text)) {
				found = append(found, t)
			}
		}
		c.shows = append(c.shows, shown{s.Key, s.Name, n})
	}
	slices.SortFunc(found, func(a, b Listed) int { return naiveCompare(strings.TrimPrefix(q.sort, "-"), a, b) })
	if strings.HasPrefix(q.sort, "-") {
		slices.Reverse(found)
	}
	c.total = len(found)
	c.pages = max(1, len(slices.Collect(slices.Chunk(found, pageSize))))
	c.page = min(c.page, c.pages)
	for i, t := range found {
		if i/pageSize == c.page-1 {
			c.ids = append(c.ids, t.ID)
		}
	}
	return c
}

func naiveMatch(t Listed, text string) bool {
	return strings.HasPrefix(strconv.FormatInt(t.ID, 10), text) ||
		strings.Contains(strings.ToLower(fmt.Sprintf("%s\n%s\n%s", t.Status, t.Assignee, t.Error)), text)
}

func naiveCompare(key string, a, b Listed) int {
	var order int
	switch key {
	case "status":
		order = strings.Compare(a.Status, b.Status)
	case "due":
		order = naiveTimes(a.Due, b.Due)
	case "look":
		order = naiveTimes(a.Look, b.Look)
	case "read":
		order = naiveTimes(a.Read, b.Read)
	case "next":
		order = naiveTimes(a.Next, b.Next)
	}
	return cmp.Or(order, cmp.Compare(a.ID, b.ID))
}

// naiveTimes has what is not known come last.
func naiveTimes(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	default:
		return a.Compare(b)
	}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// followed invents tickets, in any order. Many are alike in what they are sorted by.
func followed(r *rand.Rand, n int) []Listed {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	when := func() time.Time {
		return pick(r, time.Time{}, day.Add(time.Duration(r.IntN(20))*time.Minute), day.Add(time.Duration(r.Int64N(int64(time.Hour)))))
	}
	all := make([]Listed, n)
	for i, id := range r.Perm(n) {
		t := Listed{ID: int64(id) + 90, Status: pick(r, "", "open", "pending", "completed", "Odd"), Done: r.IntN(2) == 0, Unread: r.IntN(9) == 0,
			Look: when(), Read: when(), Next: when(), Error: pick(r, "", "", "", "socialboards log: Timeout")}
		if !t.Done {
			t.Assignee, t.Clock, t.Due = pick(r, "", "u1", "U2"), pick(r, "", "running", "warning", "breached", "paused"), when()
		}
		all[i] = t
	}
	return all
}

// Whatever is asked for of whatever tickets, the page is that of who sorts them all.
func TestAPageIsThatOfWhoSortsEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var keys []string
	for _, o := range orders() {
		keys = append(keys, o.key, "-"+o.key)
	}
	for range 25 {
		all := followed(r, pick(r, 0, 1, pageSize-1, pageSize, pageSize+1, 2*pageSize, r.IntN(20*pageSize)))
		for _, sort := range keys {
			q := query{
				text: pick(r, "", "", "", "1", "12", "OPEN", "odd", "u", "timeout", "99999"),
				show: pick(r, shows()[0].Key, pick(r, shows()...).Key), sort: sort,
				page: pick(r, 1, 1+r.IntN(22), r.IntN(3)-1, int(^uint(0)>>1)),
			}
			require.Equal(t, naive(q, all), q.choose(slices.Values(all)), "%d tickets, %+v", len(all), q)
		}
	}
}

// Pages are asked for while tickets by the hundred thousand are followed: what a page takes
// up must not grow with their number.
func TestAPageTakesUpNoMoreOfMoreTickets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	few, many := followed(r, 5_000), followed(r, 20_000)
	for _, t := range [][]Listed{few, many} {
		for i := range t { // texts in capitals are copied where text is searched for
			t[i].Status, t[i].Assignee, t[i].Error = strings.ToLower(t[i].Status), "", ""
		}
	}
	for _, q := range []query{{show: "all", sort: "due"}, {show: "done", sort: "-status"}, {show: "all", sort: "next", text: "9"},
		{show: "live", sort: "id", text: strings.Repeat("9", 50)}} {
		allocations := func(all []Listed) float64 {
			return testing.AllocsPerRun(3, func() { q.choose(slices.Values(all)) })
		}
		require.InDelta(t, allocations(few), allocations(many), 10, "%+v", q)
	}
}

func TestAFrontKeepsTheFirstInAnyOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 500 {
		f, n := newFront(comparePlaces, 1+r.IntN(4)), r.IntN(40)
		want := []place{}
		for i := range n {
			want = append(want, place{rank: int64(i / 3), id: int64(i)})
		}
		for _, i := range r.Perm(n) {
			f.add(want[i])
			require.LessOrEqual(t, len(f.kept), 2*f.most)
		}
		require.Equal(t, want[:min(n, f.most)], f.sorted())
	}
}

// slow takes a second to list tickets, and counts who has it do so at once.
type slow struct {
	fakes
	now, most atomic.Int32
}

func (s *slow) List(bool) iter.Seq[Listed] {
	return func(func(Listed) bool) {
		s.most.Store(max(s.most.Load(), s.now.Add(1)))
		<-time.After(time.Second)
		s.now.Add(-1)
	}
}

func TestPagesAreChosenOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		p, err := newTicketsPage(s)
		require.NoError(t, err)
		impatient, leave := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer leave()
		var served, left atomic.Int32
		var clients sync.WaitGroup
		for range 5 {
			clients.Go(func() {
				if _, err := p.listing(impatient, queryOf(mustRequest(t, "/tickets"))); err != nil {
					left.Add(1)
				} else {
					served.Add(1)
				}
			})
		}
		begin := time.Now()
		clients.Wait()
		require.Equal(t, int32(1), s.most.Load())
		require.Equal(t, []int32{2, 3}, []int32{served.Load(), left.Load()}, "the second was at it when patience ended")
		require.Equal(t, 2*time.Second, time.Since(begin))
	})
}
