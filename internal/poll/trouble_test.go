package poll

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for count := 1; count < 100; count++ {
		least, most := 15*minute, time.Duration(0)
		for range 200 {
			d := backoff(count, 15*minute, random).Duration()
			require.GreaterOrEqual(t, d, time.Second)
			require.LessOrEqual(t, d, 15*minute)
			least, most = min(least, d), max(most, d)
		}
		require.Greater(t, most, least, "no jitter after %d failures", count)
		if count == 1 {
			require.LessOrEqual(t, most, 2*time.Second)
		}
		if count > 10 {
			require.GreaterOrEqual(t, least, 7*minute)
		}
	}
	require.Equal(t, time.Second, backoff(5, 0, random).Duration())
}

func TestAFailingLogIsReadEverLessOften(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour)).restless = true
	w.logFails = func(int64) error { return serverError() }
	p := w.poller(defaults())
	w.run(t, p, start.Add(24*hour))
	require.Less(t, len(w.asked), 220, "hammers")
	require.Greater(t, len(w.asked), 24*4, "waits longer than max_interval")
	require.Len(t, w.failures, len(w.asked))
	require.Equal(t, "server_error", w.failures[0])
	for i := 2; i < len(w.asked); i++ {
		require.LessOrEqual(t, w.asked[i].begun.Sub(w.asked[i-1].begun), 15*minute+time.Second)
	}
	st, ok := p.Ticket(1)
	require.True(t, ok)
	require.Equal(t, len(w.asked), st.Failures)
	require.ErrorContains(t, st.LastError, "server_error")
	require.Equal(t, Changed, st.Trigger)

	w.logFails = nil
	w.run(t, p, w.clock.Now().Add(16*minute))
	st, _ = p.Ticket(1)
	require.Zero(t, st.Failures)
	require.NoError(t, st.LastError)
	require.NotEmpty(t, w.reads)

	asked := len(w.asked)
	w.logFails = func(int64) error { return serverError() }
	p.Notify(1)
	w.run(t, p, w.clock.Now().Add(10*time.Second))
	require.Greater(t, len(w.asked), asked+2, "a success did not clear the wait")
}

func TestWebhooksDoNotCutTheWaitAfterAFailureShort(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour)).missing = true
	w.logFails = func(int64) error { return serverError() }
	p := w.poller(defaults())
	for range 600 {
		p.Notify(1)
		w.run(t, p, w.clock.Now().Add(time.Second))
	}
	require.Less(t, len(w.asked), 16)
	w.logFails = nil
	w.run(t, p, w.clock.Now().Add(15*minute))
	require.Equal(t, Webhook, w.reads[0].trigger, "the webhook was forgotten")
}

func TestOnlyTheTicketsOwnAnswersAreRecordedAsItsFailures(t *testing.T) {
	for kind, gone := range map[apiclient.Kind]bool{
		apiclient.NotFound: true, apiclient.ServerError: false, apiclient.Auth: false, apiclient.Throttled: false,
	} {
		w := newWorld()
		w.settled(1, ago(1000*hour)).missing = true
		w.logFails = func(int64) error { return &apiclient.Error{Kind: kind, Ticket: 1} }
		p := w.poller(defaults())
		w.run(t, p, start.Add(minute))
		_, followed := p.Ticket(1)
		require.Equal(t, gone, !followed, string(kind))
		require.Equal(t, string(kind), w.failures[0])
		require.Equal(t, gone, len(w.failures) == 1, string(kind))
		if gone {
			_, ok := p.NextDue()
			require.False(t, ok, "something of the ticket is left")
			require.Zero(t, p.Lag())
		}
	}
}

// A ticket that the list cannot show must not keep others from being looked at.
func TestATicketThatSpoilsLooksIsIsolated(t *testing.T) {
	w := newWorld()
	for id := range int64(200) {
		w.settled(id+1, ago(1000*hour)).lookedAt = ago(hour)
	}
	w.cost = 50 * time.Millisecond
	w.listFails = func(q apiclient.ListQuery) error {
		for _, id := range q.TicketIDs {
			if id == 77 {
				return serverError()
			}
		}
		return nil
	}
	p := w.poller(defaults())
	w.run(t, p, start.Add(hour))
	for id, th := range w.things {
		require.Equal(t, id == 77, th.lookedAt.Before(start), "ticket %d", id)
	}
	st, _ := p.Ticket(77)
	require.Positive(t, st.LookFailures)
	require.ErrorContains(t, st.LastError, "server_error")
	require.Less(t, w.looks, 150)
}

func TestAnOutageOfListsIsNotHammered(t *testing.T) {
	w := newWorld()
	for id := range int64(5000) {
		w.settled(id+1, ago(1000*hour)).lookedAt = ago(hour)
	}
	w.listFails = func(apiclient.ListQuery) error { return serverError() }
	w.cost = 10 * time.Millisecond
	p := w.poller(defaults(open()))
	w.run(t, p, start.Add(6*hour))
	require.Less(t, w.lists, 102*50, "a hundred batches and two readings, some forty tries each")
	w.listFails = nil
	w.run(t, p, start.Add(6*hour+20*minute))
	for id, th := range w.things {
		require.True(t, th.lookedAt.After(start), "ticket %d", id)
	}
	require.Positive(t, w.selectionsRead)
}

func TestPollingPausesWhileNothingCanBeRecorded(t *testing.T) {
	w := newWorld()
	for id := range int64(200) {
		w.add(id + 1)
	}
	w.recordings = errDisk
	p := w.poller(defaults(open()))
	require.NoError(t, p.Paused())
	w.run(t, p, start.Add(hour))
	require.ErrorIs(t, p.Paused(), errDisk)
	require.Less(t, w.recordFailures, 70)
	require.Greater(t, w.recordFailures, 55)
	require.Empty(t, w.reads)
	require.Equal(t, 200, w.unread())

	w.recordings = nil
	w.run(t, p, start.Add(hour+3*minute))
	require.NoError(t, p.Paused())
	require.Zero(t, w.unread(), "what could not be recorded was not read again")
	require.Empty(t, w.failures, "no ticket is to blame")
}

// An API that fails at the moment tells nothing about the store: the pause neither ends
// nor hangs.
func TestAPauseOutlastsProbesThatFail(t *testing.T) {
	w := newWorld()
	w.add(1)
	w.recordings = errDisk
	p := w.poller(defaults())
	w.run(t, p, start.Add(minute))
	w.recordings = nil
	w.logFails = func(int64) error { return serverError() }
	w.listFails = func(apiclient.ListQuery) error { return serverError() }
	w.run(t, p, start.Add(5*minute))
	require.Error(t, p.Paused())
	w.logFails, w.listFails = nil, nil
	w.run(t, p, start.Add(25*minute))
	require.NoError(t, p.Paused())
	require.Zero(t, w.unread())
}

// What was recorded is made durable as soon as there is nothing to do, and no sooner. A
// store that cannot do so is not asked again and again.
func TestWhatWasRecordedIsFlushedWhenThereIsNothingToDo(t *testing.T) {
	w := newWorld()
	for id := range int64(20) {
		w.add(id + 1)
	}
	w.cost = 50 * time.Millisecond
	p := w.poller(defaults())
	w.onFlush = func() {
		require.Empty(t, p.schedule.hand)
		require.Zero(t, w.unread(), "there is more to come")
	}
	w.run(t, p, start.Add(minute))
	require.Positive(t, w.flushes)
	require.NoError(t, p.Paused())

	w = newWorld()
	w.settled(1, ago(1000*hour))
	p = w.poller(defaults())
	w.flushFails, w.recordings = errDisk, errDisk
	w.run(t, p, start.Add(hour))
	require.ErrorIs(t, p.Paused(), errDisk)
	require.Greater(t, w.flushes, 10)
	require.Less(t, w.flushes, 70)
	require.Less(t, w.recordFailures, 80)
	w.flushFails, w.recordings = nil, nil
	w.run(t, p, start.Add(hour+20*minute))
	require.NoError(t, p.Paused())
}

func TestClocksThatJumpNeitherStallNorHammer(t *testing.T) {
	for name, jump := range map[string]time.Duration{
		"a day ahead": 24 * hour, "an hour back": -hour, "a day back": -24 * hour,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			for id := range int64(100) {
				w.settled(id+1, ago(1000*hour))
			}
			w.cost = 50 * time.Millisecond
			th := w.settled(500, ago(1000*hour))
			p := w.poller(defaults(open()))
			w.run(t, p, start.Add(hour))
			w.things[1].clockDue = start.Add(hour + jump + 5*minute)
			w.clock.Set(start.Add(hour + jump))
			lists, logs := w.lists, w.logs
			begin := w.clock.Now()
			th.entries = append(th.entries, begin.Add(10*minute))
			w.orderUntil = begin
			var readAt time.Time
			w.onRead = func(read *thing) {
				if read == th && readAt.IsZero() && read.read == 2 {
					readAt = read.readAt
				}
			}
			w.run(t, p, begin.Add(40*minute))
			require.Less(t, w.lists-lists, 160)
			require.Less(t, w.logs-logs, 230)
			require.WithinRange(t, readAt, begin.Add(10*minute), begin.Add(11*minute+30*time.Second))
			require.Zero(t, p.Lag())
		})
	}
}

func TestAClockRunsOutAlsoAfterTheMachinesClockWasPutBack(t *testing.T) {
	w := newWorld()
	th := w.settled(1, ago(1000*hour))
	p := w.poller(defaults())
	w.run(t, p, start.Add(24*hour))
	w.clock.Set(start)
	th.clockDue = start.Add(20 * minute)
	w.run(t, p, start.Add(40*minute))
	last := w.reads[len(w.reads)-1]
	require.Equal(t, ByClock, last.trigger)
	require.True(t, last.begun.After(th.clockDue))
}

func TestEntriesInTheFutureDoNotMakeATicketBusyForEver(t *testing.T) {
	w := newWorld()
	th := w.settled(1, start)
	th.skewed = 100 * hour
	th.lastSeen = start.Add(100 * hour)
	w.run(t, w.poller(defaults()), start.Add(10*minute))
	require.InDelta(t, 20, w.looks, 1)
}

func TestARewrittenLogIsReportedAndNotHammered(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour)).missing = true
	w.rewritten = true
	w.run(t, w.poller(defaults()), start.Add(hour))
	require.Equal(t, []string{Rewritten}, w.failures)
	require.Empty(t, w.reads)
}

func TestProbesAreFewAndEnd(t *testing.T) {
	w := newWorld()
	for id := range int64(100) {
		w.settled(id+1, ago(1000*hour)).probe = true
	}
	w.run(t, w.poller(defaults()), start.Add(3*hour))
	require.Equal(t, 100*probeReads, w.triggers()[Changed], "each gets its tries, a few at a time")
	for from := range w.reads {
		n := 0
		for _, r := range w.reads[from:] {
			if r.begun.Sub(w.reads[from].begun) < 30*time.Second {
				n++
			}
		}
		require.LessOrEqual(t, n, 2*probePlaces)
	}
}

func TestAProbeIsALookAndThenARead(t *testing.T) {
	w := newWorld()
	th := w.settled(1, ago(1000*hour))
	th.probe = true
	w.onRead = func(th *thing) {
		require.False(t, th.readAt.Before(th.lookedAt))
		require.True(t, th.lookedAt.After(start))
		th.probe = false
	}
	w.run(t, w.poller(defaults()), start.Add(10*minute))
	require.Len(t, w.reads, 1)
	require.Less(t, w.reads[0].begun.Sub(start), 2*minute)
	require.Equal(t, 1, w.looks)
}

func TestARestartGoesOnWhereTheLastRunEnded(t *testing.T) {
	w := inbox(500, start.Add(24*hour))
	w.cost = 50 * time.Millisecond
	w.run(t, w.poller(defaults()), start.Add(4*hour))
	w.lists, w.logs = 0, 0
	w.run(t, w.poller(defaults()), start.Add(4*hour+30*time.Second))
	require.Less(t, w.logs, 10, "a herd of reads")
	require.Less(t, w.lists, 5, "a herd of looks")
}

func TestALookBelievesOnlyWhatItAskedFor(t *testing.T) {
	w := newWorld()
	w.ignoresIDs = true
	for id := range int64(120) {
		w.settled(id+1, ago(time.Duration(id)*hour)).lookedAt = ago(hour)
	}
	w.run(t, w.poller(defaults()), start.Add(minute))
	require.Positive(t, w.looks)
	require.Zero(t, w.unasked)
}

// However a server treats the paging, the order and the filters of lists: in the end
// every ticket of the selection is found, and no other.
func TestHostileListsHideNothingForEver(t *testing.T) {
	for _, hostile := range []string{"shuffles", "drops", "repeats", "ignores filters", "ignores skip and take"} {
		t.Run(hostile, func(t *testing.T) {
			random := rand.New(rand.NewPCG(9, 9))
			w := newWorld()
			for id := range int64(130) {
				th := w.add(id+1, ago(time.Duration(id+1)*hour))
				th.followed = false
				if id%10 == 0 {
					th.status = "completed"
				}
			}
			w.cost = 50 * time.Millisecond
			w.listed = func(q apiclient.ListQuery) []apiclient.Ticket {
				var all []apiclient.Ticket
				for id := range int64(len(w.things)) {
					if th := w.things[id+1]; hostile == "ignores filters" || th.status == "open" {
						all = append(all, th.shown(w.clock.Now()))
					}
				}
				if hostile == "shuffles" {
					random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				}
				if hostile == "ignores skip and take" {
					return all
				}
				page := all[min(q.Skip, len(all)):min(q.Skip+q.Take, len(all))]
				if hostile == "drops" {
					page = slices.DeleteFunc(slices.Clone(page), func(apiclient.Ticket) bool { return random.IntN(4) == 0 })
				}
				if hostile == "repeats" && len(page) > 0 {
					page = append(slices.Clone(page), page[random.IntN(len(page))], all[random.IntN(len(all))])
				}
				return page
			}
			p := w.poller(defaults(Selection{Key: "open", Query: apiclient.ListQuery{Status: "open"}}))
			w.run(t, p, start.Add(6*hour))
			for id, th := range w.things {
				require.Equal(t, th.status == "open", th.followed, "ticket %d", id)
			}
			require.Zero(t, w.unread())
			require.Positive(t, w.selectionsRead)
			require.Less(t, w.lists, 6*60*10)
		})
	}
}

func TestTicketTellsWhatIsPlanned(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour))
	p := w.poller(defaults())
	_, ok := p.Ticket(1)
	require.False(t, ok, "nothing is known before the first step")
	w.run(t, p, start.Add(time.Second))
	st, ok := p.Ticket(1)
	require.True(t, ok)
	require.Equal(t, Status{NextLook: start.Add(15 * minute), NextRead: start.Add(6 * hour), Trigger: Due}, st)
}

func TestEarlierAndDueBy(t *testing.T) {
	now := fact.At(start)
	require.Equal(t, now, earlier(now, fact.Never))
	require.Equal(t, now, earlier(fact.Never, now))
	require.Equal(t, now, earlier(now+1, now))
	require.Equal(t, fact.Never, earlier(fact.Never, fact.Never))
	require.Equal(t, fact.Never, dueBy(now+1, now))
	require.Equal(t, now, dueBy(now, now))
	require.Equal(t, fact.Never, dueBy(fact.Never, now))
}
