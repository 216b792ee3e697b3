package poll

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

// listing is a list of tickets that people move about in while it is read.
type listing struct {
	ids    []int64
	random *rand.Rand

	ignoreSkip, ignoreTake bool
	largest                int // tickets on a page; 0: what was asked for
	repeats, drops         bool
	restless               float64 // chance that something moves between two pages
	removals               bool
	moved                  map[int64]bool // since start
}

func (l *listing) page(q apiclient.ListQuery) []apiclient.Ticket {
	skip, take := q.Skip, q.Take
	if l.ignoreSkip {
		skip = 0
	}
	if l.ignoreTake {
		take = len(l.ids)
	}
	if l.largest > 0 {
		take = min(take, l.largest)
	}
	skip = min(skip, len(l.ids))
	ids := slices.Clone(l.ids[skip:min(skip+take, len(l.ids))])
	if l.repeats && len(ids) > 0 && l.random.IntN(3) == 0 {
		ids = append(ids, ids[l.random.IntN(len(ids))])
	}
	if l.drops && len(ids) > 0 && l.random.IntN(3) == 0 {
		i := l.random.IntN(len(ids))
		ids = slices.Delete(ids, i, i+1)
	}
	var page []apiclient.Ticket
	for _, id := range ids {
		t := apiclient.Ticket{ID: id, LastActivity: ago(time.Hour)}
		if l.moved[id] {
			t.LastActivity = start
		}
		page = append(page, t)
	}
	return page
}

// stir moves tickets as activity does: one comes to the head, a new one appears there, or
// one leaves the selection.
func (l *listing) stir(fresh *int64) {
	for l.restless > 0 && l.random.Float64() < l.restless {
		i := l.random.IntN(len(l.ids))
		switch l.random.IntN(3) {
		case 0:
			id := l.ids[i]
			l.moved[id] = true
			l.ids = slices.Insert(slices.Delete(l.ids, i, i+1), 0, id)
		case 1:
			*fresh++
			l.moved[*fresh] = true
			l.ids = slices.Insert(l.ids, 0, *fresh)
		case 2:
			if l.removals && len(l.ids) > 1 {
				l.ids = slices.Delete(l.ids, i, i+1)
			}
		}
	}
}

// readThrough reads the listing completely and gives what was shown.
func (l *listing) readThrough(t *testing.T) (shown map[int64]bool, pages int, v verdict) {
	t.Helper()
	s := newSurvey(Selection{}, true, start)
	shown, l.moved = map[int64]bool{}, map[int64]bool{}
	fresh := int64(1_000_000)
	for v = goOn; v == goOn; pages++ {
		page := l.page(s.ask())
		for _, tk := range page {
			shown[tk.ID] = true
		}
		v = s.answer(page, 0)
		if !s.head {
			l.stir(&fresh)
		}
	}
	return shown, pages, v
}

func numbered(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return ids
}

func TestACompleteReadingCostsLittleMoreThanThePages(t *testing.T) {
	for _, c := range []struct{ tickets, pages int }{
		{0, 1}, {1, 3}, {49, 3}, {50, 3}, {51, 4}, {1000, 23},
	} {
		l := &listing{ids: numbered(c.tickets)}
		shown, pages, v := l.readThrough(t)
		require.Equal(t, ended, v)
		require.Len(t, shown, c.tickets)
		require.Equal(t, c.pages, pages, "%d tickets", c.tickets)
	}
}

// A ticket that is in the list all the time is shown by a complete reading, wherever it
// moves meanwhile. What comes to the head while that is read again is left to the next
// reading of what is new.
func TestACompleteReadingMissesNothingThatStays(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	for i := range 1500 {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
		l := &listing{ids: numbered(1 + random.IntN(400)), random: random,
			restless: []float64{0, 0.3, 0.6}[random.IntN(3)], removals: random.IntN(2) == 0,
			largest: []int{0, 25}[random.IntN(2)], repeats: random.IntN(4) == 0}
		before := slices.Clone(l.ids)
		shown, pages, v := l.readThrough(t)
		require.LessOrEqual(t, pages, maxPages+1)
		if v == unstable {
			continue
		}
		for _, id := range before {
			if slices.Contains(l.ids, id) {
				require.True(t, shown[id], "case %d: ticket %d of %d was missed: %+v", i, id, len(before), l)
			}
		}
	}
}

func TestAReadingOfAServerThatIgnoresPagingEnds(t *testing.T) {
	for _, l := range []*listing{
		{ids: numbered(30), ignoreSkip: true, ignoreTake: true},
		{ids: numbered(300), ignoreSkip: true, ignoreTake: true},
		{ids: numbered(300), ignoreTake: true},
		{ids: numbered(30), ignoreSkip: true},
		{ids: numbered(1), ignoreSkip: true, ignoreTake: true},
		{ids: numbered(40), largest: 1},
	} {
		t.Run(fmt.Sprintf("%d tickets %v %v %d", len(l.ids), l.ignoreSkip, l.ignoreTake, l.largest), func(t *testing.T) {
			shown, pages, v := l.readThrough(t)
			require.Equal(t, ended, v)
			require.Len(t, shown, len(l.ids))
			if l.largest == 0 {
				require.LessOrEqual(t, pages, 5)
			}
		})
	}
}

// Where whole pages vanish again and again, a reading gives up instead of going on for
// ever or calling itself complete.
func TestAReadingWhosePagesNeverFitGivesUp(t *testing.T) {
	s := newSurvey(Selection{}, true, start)
	v, pages := goOn, 0
	for id := int64(0); v == goOn; pages++ {
		var page []apiclient.Ticket
		for range apiclient.PageSize {
			id++
			page = append(page, apiclient.Ticket{ID: id})
		}
		v = s.answer(page, 50)
	}
	require.Equal(t, unstable, v)
	require.Less(t, pages, 40)
}

// A reading that begins anew must not take for shown what only the former one showed.
func TestAReadingThatBeginsAnewReadsEverything(t *testing.T) {
	s := newSurvey(Selection{}, true, start)
	l := &listing{ids: numbered(1000)}
	for range 18 {
		require.Equal(t, goOn, s.answer(l.page(s.ask()), 0))
	}
	for s.ask().Skip > 0 {
		require.Equal(t, goOn, s.answer([]apiclient.Ticket{{ID: 5000}}, 0))
	}
	shown := map[int64]bool{}
	for v := goOn; v == goOn; {
		page := l.page(s.ask())
		for _, tk := range page {
			shown[tk.ID] = true
		}
		v = s.answer(page, 0)
		require.NotEqual(t, unstable, v)
	}
	require.Len(t, shown, 1000)
}

func TestAnEndlessListGivesUp(t *testing.T) {
	s := newSurvey(Selection{}, true, start)
	v, id := goOn, int64(0)
	for v == goOn {
		page := []apiclient.Ticket{{ID: id}}
		for range apiclient.PageSize {
			id++
			page = append(page, apiclient.Ticket{ID: id})
		}
		v = s.answer(page, 50)
	}
	require.Equal(t, unstable, v)
}

func TestAReadingOfWhatIsNewEndsWhereNothingIsFresh(t *testing.T) {
	s := newSurvey(Selection{}, false, start)
	l := &listing{ids: numbered(200)}
	require.Equal(t, goOn, s.answer(l.page(s.ask()), 3))
	require.Equal(t, 49, s.ask().Skip)
	require.Equal(t, ended, s.answer(l.page(s.ask()), 0))
}

func TestTheAgeOfTicketsIsReckonedFromTheBeginOfTheReading(t *testing.T) {
	s := newSurvey(Selection{CreatedWithin: 30 * 24 * time.Hour, Query: apiclient.ListQuery{Status: "open"}}, true, start)
	q := s.ask()
	require.Equal(t, start.Add(-30*24*time.Hour), q.CreatedFrom)
	require.Equal(t, "open", q.Status)
	require.Equal(t, apiclient.NewestActivityFirst, q.OrderBy)
	require.Equal(t, apiclient.PageSize, q.Take)
}

func TestTicketsThatContradictTheQueryAreLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		query  apiclient.ListQuery
		ticket apiclient.Ticket
		out    bool
	}{
		"another status":   {apiclient.ListQuery{Status: "open"}, apiclient.Ticket{Status: "pending"}, true},
		"the same status":  {apiclient.ListQuery{Status: "open"}, apiclient.Ticket{Status: "Open"}, false},
		"no status shown":  {apiclient.ListQuery{Status: "open"}, apiclient.Ticket{}, false},
		"another source":   {apiclient.ListQuery{Source: "web"}, apiclient.Ticket{Source: "email"}, true},
		"another category": {apiclient.ListQuery{CategoryID: 1}, apiclient.Ticket{CategoryID: 2}, true},
		"no category":      {apiclient.ListQuery{CategoryID: 1}, apiclient.Ticket{}, true},
		"a category":       {apiclient.ListQuery{Uncategorized: true}, apiclient.Ticket{CategoryID: 2}, true},
		"uncategorized":    {apiclient.ListQuery{Uncategorized: true}, apiclient.Ticket{}, false},
		"too old":          {apiclient.ListQuery{CreatedFrom: start}, apiclient.Ticket{Created: ago(1)}, true},
		"young enough":     {apiclient.ListQuery{CreatedFrom: start}, apiclient.Ticket{Created: start}, false},
		"age not shown":    {apiclient.ListQuery{CreatedFrom: start}, apiclient.Ticket{}, false},
		"nothing asked":    {apiclient.ListQuery{}, apiclient.Ticket{Status: "x", Source: "y", CategoryID: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.out, contradicts(c.query, c.ticket))
			require.Len(t, matching(c.query, []apiclient.Ticket{c.ticket}), map[bool]int{true: 0, false: 1}[c.out])
		})
	}
}
