package poll

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

// selecting is a world that is seldom asked for what is new, and counts how often it is.
func selecting(t *testing.T) (w *world, p *Poller, asked func() int) {
	t.Helper()
	w = newWorld()
	w.cost = time.Millisecond
	w.settled(1, start.Add(-hour))
	set := defaults(Selection{Key: "all", Complete: start})
	set.Interval, set.MaxInterval = 15*time.Minute, 24*time.Hour
	p = w.poller(set)
	n := 0
	w.listFails = func(q apiclient.ListQuery) error {
		if q.OrderBy != "" {
			n++
		}
		return nil
	}
	w.run(t, p, start.Add(time.Minute))
	n = 0
	return w, p, func() int { return n }
}

func TestAWebhookForAnUnknownTicketHasTheSelectionsRead(t *testing.T) {
	w, p, asked := selecting(t)
	now := w.clock.Now()
	w.add(2, now).followed = false
	w.orderUntil = now
	require.False(t, p.Notify(2), "nobody knows the ticket yet")
	require.True(t, p.Seek())
	w.run(t, p, now.Add(time.Second))
	require.NotZero(t, asked())
	reads := w.recorded()
	require.Equal(t, int64(2), reads[len(reads)-1].id)
	require.Equal(t, First, reads[len(reads)-1].trigger)
	require.True(t, p.Notify(2))
}

func TestAFloodOfUnknownTicketsCostsLittle(t *testing.T) {
	w, p, asked := selecting(t)
	now := w.clock.Now()
	for i := range 60 * 10 {
		p.Seek()
		w.run(t, p, now.Add(time.Duration(i+1)*100*time.Millisecond))
	}
	require.LessOrEqual(t, asked(), 60/5+1, "more than one reading in five seconds")
	require.GreaterOrEqual(t, asked(), 60/5)
}

func TestSeekingGoesOnAfterAReadingThatWasUnderWay(t *testing.T) {
	w, p, asked := selecting(t)
	now := w.clock.Now()
	sought := false
	w.listFails = func(q apiclient.ListQuery) error {
		if q.OrderBy != "" && !sought {
			sought = true
			w.mu.Unlock()
			p.Seek() // while the page is being answered
			w.mu.Lock()
			w.add(2, w.clock.Now().Add(time.Second)).followed = false
			w.orderUntil = time.Time{}
		}
		return nil
	}
	p.Seek()
	w.run(t, p, now.Add(time.Minute))
	require.Zero(t, asked(), "counted elsewhere")
	require.True(t, slices.ContainsFunc(w.recorded(), func(r reading) bool { return r.id == 2 }))
}

func TestWithoutSelectionsThereIsNothingToSeek(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-hour))
	p := w.poller(defaults())
	w.run(t, p, start.Add(time.Minute))
	lists := w.lists
	require.False(t, p.Seek())
	w.run(t, p, w.clock.Now().Add(time.Second))
	require.Equal(t, lists, w.lists)
}

func TestSeekingDoesNotCutTheWaitAfterAFailureShort(t *testing.T) {
	w, p, _ := selecting(t)
	now, pages := w.clock.Now(), 0
	w.listFails = func(q apiclient.ListQuery) error {
		if q.OrderBy != "" {
			pages++
		}
		return serverError()
	}
	for i := range 600 {
		p.Seek()
		w.run(t, p, now.Add(time.Duration(i+1)*time.Second))
	}
	require.Less(t, pages, 12, "ten minutes of failures")
	require.Greater(t, pages, 3)
}

func TestWebhooksThatComeEarlyAreRemembered(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-hour))
	p := w.poller(defaults())
	require.True(t, p.Notify(1), "it is not known yet that the ticket is followed")
	require.Equal(t, []int64{1}, p.Notified())
	w.run(t, p, start.Add(2*time.Second))
	require.Len(t, w.recorded(), 1)
	require.Equal(t, Webhook, w.recorded()[0].trigger)
	require.Empty(t, p.Notified())
}

func TestNotifiedTellsWhatIsYetToBeRead(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-hour))
	w.settled(2, start.Add(-hour))
	p := w.poller(defaults())
	w.run(t, p, start.Add(10*time.Second))
	require.Empty(t, p.Notified())
	p.Notify(2)
	require.Equal(t, []int64{2}, p.Notified())
}

func TestEarlyWebhooksAreBounded(t *testing.T) {
	p := newWorld().poller(defaults())
	for id := range int64(mostEarly + 5) {
		require.True(t, p.Notify(id+1))
	}
	require.Len(t, p.Notified(), mostEarly)
}
