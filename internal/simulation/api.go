package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/fact"
)

// Requests are what the API was asked for.
type Requests struct {
	Looks, Pages int // lists: by ids, and of the selection
	Logs         int // pages of logs
	Reads        int // readings, of one or more pages each
}

// All gives the sum of requests.
func (r Requests) All() int { return r.Looks + r.Pages + r.Logs }

func (r Requests) minus(other Requests) Requests {
	return Requests{r.Looks - other.Looks, r.Pages - other.Pages, r.Logs - other.Logs, r.Reads - other.Reads}
}

// took is how long a request holds up those after it: 100 ms, four at once.
const took = 25 * time.Millisecond

// api is the simulated Socialboards. Requests move its clock.
type api struct {
	inbox
	clock *clock.Fake
	limit *rate.Limiter

	next  int       // of the happenings
	open  []*ticket // that exist and are not done, oldest activity first
	spent Requests  // so far
	shown ticket    // as the first page of the latest reading found it
	heard func(happening)
}

func newAPI(in inbox, perSecond float64) *api {
	a := &api{inbox: in, clock: clock.NewFake(start()), limit: rate.NewLimiter(rate.Limit(perSecond), 10), heard: func(happening) {}}
	for i := range a.tickets {
		if t := &a.tickets[i]; t.exists && !t.done {
			a.open = append(a.open, t)
		}
	}
	slices.SortFunc(a.open, byActivity)
	return a
}

func byActivity(x, y *ticket) int {
	return cmp.Or(cmp.Compare(x.activity, y.activity), cmp.Compare(x.id, y.id))
}

// send waits until a request may be sent, and gives the time at which it is.
func (a *api) send() time.Time {
	now := a.clock.Now()
	if wait := a.limit.ReserveN(now, 1).DelayFrom(now); wait > 0 {
		a.clock.Advance(wait)
	}
	a.happen()
	begun := a.clock.Now()
	a.clock.Advance(took)
	return begun
}

// happen makes true what has happened by now.
func (a *api) happen() {
	now := fact.At(a.clock.Now())
	for ; a.next < len(a.happenings) && a.happenings[a.next].at <= now; a.next++ {
		h := a.happenings[a.next]
		t := &a.tickets[h.ticket]
		if t.exists && !t.done {
			i := a.place(t)
			a.open = slices.Delete(a.open, i, i+1)
		}
		t.apply(h)
		if !t.done {
			a.open = slices.Insert(a.open, a.place(t), t)
		}
		a.heard(h)
	}
}

// place gives where a ticket stands among the open ones, or would stand.
func (a *api) place(t *ticket) int {
	i, _ := slices.BinarySearchFunc(a.open, t, byActivity)
	return i
}

// List is poll.Source's.
func (a *api) List(_ context.Context, q apiclient.ListQuery) ([]apiclient.Ticket, error) {
	a.send()
	var page []apiclient.Ticket
	if len(q.TicketIDs) > 0 {
		a.spent.Looks++
		for _, id := range q.TicketIDs {
			page = append(page, a.view(id))
		}
		return page, nil
	}
	a.spent.Pages++
	last := len(a.open) - q.Skip
	for i := last - 1; i >= max(last-q.Take, 0); i-- {
		page = append(page, a.view(a.open[i].id))
	}
	return page, nil
}

func (a *api) view(id int64) apiclient.Ticket {
	t := &a.tickets[id-1]
	shown := apiclient.Ticket{ID: id, Status: "open", Created: t.created.Time(), LastActivity: t.activity.Time(), ReplyCount: int(t.version)}
	if t.done {
		shown.Status = "completed"
	}
	return shown
}

// ReadLog is poll.Source's.
func (a *api) ReadLog(_ context.Context, id int64, q apiclient.LogQuery) (apiclient.Reading, error) {
	begun := a.send()
	t := a.tickets[id-1]
	a.shown = t
	fresh := int(t.entries - t.known)
	pages := pagesOf(int(t.entries), fresh, q.ToEnd)
	for range pages - 1 {
		a.send()
	}
	a.spent.Logs += pages
	a.spent.Reads++
	return apiclient.Reading{Begun: begun, ReachedEnd: q.ToEnd || t.entries < apiclient.PageSize && fresh > 0, Requests: pages}, nil
}

// pagesOf tells how many pages a reading takes of a log of that many entries, the newest of
// which are fresh. It ends with a page that holds nothing fresh, or at the log's end, which
// is proved by a page that holds nothing but the overlap of two entries, or nothing at all.
func pagesOf(entries, fresh int, toEnd bool) int {
	const step = apiclient.PageSize - 2
	if entries == 0 {
		return 1
	}
	end := 2 + (max(0, entries-apiclient.PageSize)+step-1)/step
	if toEnd {
		return end
	}
	return min(end, 1+(fresh+step-1)/step)
}
