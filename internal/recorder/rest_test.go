package recorder

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
)

// watched is a store that is seen being used.
type watched struct {
	Store
	histories int
	commit    func(fact.Batch) // called within each commit; nil: nothing is
}

func (s *watched) History(ctx context.Context, id int64) (fact.History, error) {
	s.histories++
	return s.Store.History(ctx, id)
}

func (s *watched) Commit(ctx context.Context, b fact.Batch) error {
	if s.commit != nil {
		s.commit(b)
	}
	return s.Store.Commit(ctx, b)
}

// opened gives a recorder, its store and a way to open it again.
func opened(t *testing.T) (*Recorder, *watched, func() *Recorder) {
	t.Helper()
	s := newTale(t, 0, refused)
	store := &watched{Store: s.store.Store}
	open := func() *Recorder {
		r, err := Open(t.Context(), store, s.set, story, quiet())
		require.NoError(t, err)
		return r
	}
	return open(), store, open
}

func listed(id int64, status string) apiclient.Ticket {
	return apiclient.Ticket{ID: id, Status: status, Source: "web", Created: story().Add(-100 * time.Hour)}
}

// logged is a reading of a log that ends in a status, with changes to and fro before.
func logged(entries int, status string) apiclient.Reading {
	client, team := &apiclient.User{ID: "c1", Status: "client"}, &apiclient.User{ID: "t1", Status: "team"}
	log := []apiclient.Entry{{Time: story().Add(-99 * time.Hour), ActionType: "ticket_created", User: client}}
	was := "Open"
	for i := range entries {
		to := map[string]string{"Open": "Pending", "Pending": "Open"}[was]
		if i == entries-1 {
			to = status
		}
		log = append(log, apiclient.Entry{Time: story().Add(-98*time.Hour + time.Duration(i)*time.Minute), ActionType: "ticket_status_changed",
			User: team, Action: fmt.Sprintf("changed from %q to %q", was, to)})
		was = to
	}
	slices.Reverse(log)
	return apiclient.Reading{Begun: story(), ReachedEnd: true, Entries: log}
}

func TestTheHistoryOfATicketIsLoadedOnceForAReading(t *testing.T) {
	r, store, _ := opened(t)
	_, _, err := r.Discovered(t.Context(), "all", story(), []apiclient.Ticket{listed(1, "pending")})
	require.NoError(t, err)
	known, err := r.Known(t.Context(), 1)
	require.NoError(t, err)
	reading := logged(1, "Pending")
	require.Zero(t, known(reading.Entries[0].Time, "ticket_status_changed"))
	_, _, err = r.Read(t.Context(), 1, reading)
	require.NoError(t, err)
	require.Zero(t, store.histories, "nothing can be stored of a log that was never read")

	known, err = r.Known(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, known(reading.Entries[0].Time, "ticket_status_changed"), "what was recorded is known")
	changed := listed(1, "pending")
	changed.Tags = []string{"vip"}
	_, err = r.Looked(t.Context(), story().Add(time.Minute), []int64{1}, []apiclient.Ticket{changed})
	require.NoError(t, err)
	_, _, err = r.Read(t.Context(), 1, reading)
	require.NoError(t, err)
	require.Equal(t, 2, store.histories, "the look stored something new of the ticket")
}

// Of a ticket that was never read before the store is not asked: it would say the same.
func TestTheHistoryOfATicketThatWasNeverRead(t *testing.T) {
	s := newTale(t, 0, refused)
	compared := 0
	for i, do := range calls(true) {
		if i == 16 {
			s.promise()
		}
		s.call(do)
		s.clock = s.clock.Add(time.Minute)
		page := []apiclient.Ticket{listed(int64(100+i), "open"), listed(int64(100+i), "open"), listed(100, "open")}
		page[2].Tags = []string{fmt.Sprint("tag", i/2)}
		_, _, err := s.r.Discovered(t.Context(), "all", s.clock, page)
		require.NoError(t, err)
		for id, ticket := range s.r.tickets {
			if ticket.shownOnly == nil {
				continue
			}
			stored, err := s.store.History(t.Context(), id)
			require.NoError(t, err)
			got, err := s.r.history(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, stored, got)
			compared += len(got.Views)
		}
	}
	require.Greater(t, compared, 100)
	require.Nil(t, s.r.tickets[2].shownOnly, "it was read")
}

func TestReadingsThatComeToNothingLeaveFewHistoriesBehind(t *testing.T) {
	r, _, _ := opened(t)
	for id := range int64(3 * mostHistories) {
		_, err := r.Known(t.Context(), id)
		require.NoError(t, err)
	}
	require.Len(t, r.histories, mostHistories)
}

// firstPassOver gives a recorder with the tickets, each read to a status.
func firstPassOver(t *testing.T, statuses ...string) (*Recorder, *watched, func() *Recorder) {
	t.Helper()
	r, store, open := opened(t)
	labels := map[string]string{"open": "Open", "pending": "Pending", "completed": "Completed"}
	for i, s := range statuses {
		id := int64(i + 1)
		_, _, err := r.Discovered(t.Context(), "all", story(), []apiclient.Ticket{listed(id, s)})
		require.NoError(t, err)
		_, _, err = r.Read(t.Context(), id, logged(2, labels[s]))
		require.NoError(t, err)
	}
	require.NoError(t, r.SelectionRead(t.Context(), "all", story()))
	require.True(t, r.Ready())
	return r, store, open
}

func TestTicketsAtRestAreFollowedAndNotKept(t *testing.T) {
	r, _, open := firstPassOver(t, "completed", "open", "completed")
	for name, r := range map[string]*Recorder{"after the first pass": r, "after a start": open()} {
		require.Len(t, r.tickets, 1, name)
		require.Contains(t, r.tickets, int64(2), name)
		require.Equal(t, 3, r.Tally().Snapshot(story()).Tracked, name)
		var states []poll.State
		require.NoError(t, r.Tickets(t.Context(), func(s poll.State) { states = append(states, s) }))
		require.Len(t, states, 3, name)
		require.True(t, states[0].Done, name)
		require.Equal(t, story(), states[0].ReadAt, name)
	}

	_, err := r.Looked(t.Context(), story().Add(time.Hour), []int64{1, 3, 99}, []apiclient.Ticket{listed(1, "completed"), listed(3, "open")})
	require.NoError(t, err)
	require.Len(t, r.tickets, 2, "the third differs from its log now")
	require.Contains(t, r.tickets, int64(3))
	details, err := r.Details(t.Context(), []int64{3, 1, 99})
	require.NoError(t, err)
	require.Len(t, details, 2)
	require.Equal(t, fact.At(story().Add(time.Hour)), details[0].LookedAt)
}

// What only tells something is asked within a commit here, where all that waits for its
// end would wait for ever.
func TestWhoAsksDoesNotWaitForACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, store, _ := firstPassOver(t, "open", "completed")
		asked := 0
		store.commit = func(fact.Batch) {
			asked++
			require.True(t, r.Ready())
			require.Equal(t, Progress{Ready: true}, r.Progress())
			require.Len(t, slices.Collect(r.Tally().Followed()), 2)
			require.NotEmpty(t, r.Tally().Clocks(1))
			details, err := r.Details(t.Context(), []int64{1, 2})
			require.NoError(t, err)
			require.Len(t, details, 2)
		}
		_, err := r.Looked(t.Context(), story(), []int64{1}, []apiclient.Ticket{listed(1, "pending")})
		require.NoError(t, err)
		require.Equal(t, 1, asked)
	})
}

func TestWhatWasReadIsRecordedThoughPollingEnds(t *testing.T) {
	r, _, _ := firstPassOver(t, "open")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	before := r.Tally().Snapshot(story()).Entries["new"]
	_, _, err := r.Read(ctx, 1, logged(5, "Open"))
	require.NoError(t, err)
	require.Greater(t, r.Tally().Snapshot(story()).Entries["new"], before)
	_, err = r.Looked(ctx, story().Add(time.Hour), []int64{1}, nil)
	require.NoError(t, err)
	_, _, err = r.Discovered(ctx, "all", story(), []apiclient.Ticket{listed(2, "open")})
	require.NoError(t, err)
	require.NoError(t, r.SelectionRead(ctx, "all", story().Add(time.Hour)))
	require.NoError(t, r.Expired(ctx, 1))
	require.Len(t, slices.Collect(r.Tally().Followed()), 1)
}

// The end of the first pass over very many tickets is counted commit by commit. A stop
// does not wait for it, and the next start goes on.
func TestTheEndOfTheFirstPassIsCutShortByAStop(t *testing.T) {
	const tickets, entries = 30, 1000
	fill := func(r *Recorder) {
		for id := range int64(tickets) {
			_, _, err := r.Discovered(t.Context(), "all", story(), []apiclient.Ticket{listed(id+1, "open")})
			require.NoError(t, err)
			_, _, err = r.Read(t.Context(), id+1, logged(entries, "Open"))
			require.NoError(t, err)
		}
	}
	plain, _, _ := opened(t)
	fill(plain)
	require.NoError(t, plain.SelectionRead(t.Context(), "all", story()))
	want := plain.Tally().Snapshot(story())
	require.Positive(t, want.Objectives[0].Breaches.Value)

	r, store, open := opened(t)
	fill(r)
	ctx, stop := context.WithCancel(t.Context())
	var uncounted []int
	store.commit = func(b fact.Batch) {
		if len(b.Changes) > 0 {
			uncounted = append(uncounted, r.Progress().Uncounted)
		}
		if len(uncounted) == 2 {
			stop()
		}
	}
	require.NoError(t, r.SelectionRead(ctx, "all", story()))
	require.Equal(t, []int{30, 20}, uncounted)
	require.False(t, r.Ready())
	store.commit = nil
	again := open()
	require.True(t, again.Ready())
	got := again.Tally().Snapshot(story())
	require.Equal(t, want, got)
}
