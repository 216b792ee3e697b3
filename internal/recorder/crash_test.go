package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/tally"
)

// accident is what happens at one of the commits of a story.
type accident uint8

const (
	refused accident = iota // it fails, and what led to it is done again
	before                  // the process is killed before it
	after                   // the process is killed after it
)

var errAccident = errors.New("accident")

// brittle is a store that has an accident at its nth commit; 0: none.
type brittle struct {
	*eventstore.Store
	nth     int
	kind    accident
	commits int
}

func (s *brittle) Commit(ctx context.Context, b fact.Batch) error {
	return s.accident(func() error { return s.Store.Commit(ctx, b) })
}

func (s *brittle) Stage(ctx context.Context, b fact.Batch) error {
	return s.accident(func() error { return s.Store.Stage(ctx, b) })
}

func (s *brittle) accident(commit func() error) error {
	if s.commits++; s.commits != s.nth {
		return commit()
	}
	if s.kind == after {
		if err := commit(); err != nil {
			return err
		}
	}
	return errAccident
}

// tale is a story told to a recorder, call by call.
type tale struct {
	t     *testing.T
	store *brittle
	set   Settings
	clock time.Time
	r     *Recorder // nil: killed
}

// calls are what is learned in the story, minute by minute. Looks that tell what a label
// means are left out unless nobody is killed: what they say together is kept in memory.
func calls(looks bool) []func(context.Context, *Recorder, time.Time) error {
	team := &apiclient.User{ID: "t1", Name: "Ada", Status: "team"}
	mate := &apiclient.User{ID: "t2", Name: "Bob", Status: "team"}
	client := &apiclient.User{ID: "c1", Status: "client"}
	begin := story()
	at := func(minutes int, kind string, by *apiclient.User, action ...string) apiclient.Entry {
		return apiclient.Entry{Time: begin.Add(time.Duration(minutes) * time.Minute), ActionType: kind, User: by, Action: fmt.Sprint(action)}
	}
	turn := func(minutes int, from, to string) apiclient.Entry {
		return at(minutes, "ticket_status_changed", team, fmt.Sprintf("changed from %q to %q", from, to))
	}
	ticket := func(id int64, status string, replies int) apiclient.Ticket {
		return apiclient.Ticket{ID: id, Status: status, Source: "web", ReplyCount: replies, Created: begin.Add(-time.Hour)}
	}
	type call = func(context.Context, *Recorder, time.Time) error
	page := func(tickets ...apiclient.Ticket) call {
		return func(ctx context.Context, r *Recorder, now time.Time) error {
			_, _, err := r.Discovered(ctx, "all", now, tickets)
			return err
		}
	}
	listed := func(ctx context.Context, r *Recorder, now time.Time) error { return r.SelectionRead(ctx, "all", now) }
	look := func(tickets ...apiclient.Ticket) call {
		return func(ctx context.Context, r *Recorder, now time.Time) error {
			_, err := r.Looked(ctx, now, []int64{1, 2, 3}, tickets)
			return err
		}
	}
	// Logs are told oldest first here.
	read := func(id int64, log ...apiclient.Entry) call {
		return func(ctx context.Context, r *Recorder, now time.Time) error {
			reading := apiclient.Reading{Begun: now, ReachedEnd: true}
			for i := range log {
				reading.Entries = append(reading.Entries, log[len(log)-1-i])
			}
			_, _, err := r.Read(ctx, id, reading)
			return err
		}
	}
	one := []apiclient.Entry{at(-60, "ticket_created", client), at(-50, "reply_created", team), turn(-40, "Open", "Pending")}
	all := []call{
		page(ticket(1, "pending", 1), ticket(2, "open", 0)),
		page(ticket(3, "completed", 0), ticket(9, "open", 0)),
		listed,
		read(1, one...),
		read(2, at(-60, "ticket_created", client), at(-30, "reply_created", client)),
		read(9),
		read(3, at(-60, "ticket_created", client), turn(-20, "Open", "Completed")),
		read(9, at(-60, "ticket_created", nil)),
		look(ticket(1, "open", 2), ticket(2, "open", 1)),
		read(1, append(one, at(9, "reply_created", mate), at(9, "reply_created", mate), turn(9, "Pending", "Open"))...),
		page(ticket(4, "open", 0)),
		read(4, at(-5, "ticket_created", client), at(3, "note_created", team), at(11, "brand_new", client)),
		listed,
		read(1, append(one, at(4, "note_created", team), at(9, "reply_created", mate), at(9, "reply_created", mate), turn(9, "Pending", "Open"), turn(13, "Open", "Completed"))...),
		func(ctx context.Context, r *Recorder, _ time.Time) error { return r.Expired(ctx, 3) },
		func(ctx context.Context, r *Recorder, now time.Time) error {
			_, err := r.ReadFailed(ctx, 9, now, apiclient.NotFound)
			return err
		},
		page(ticket(3, "open", 1)),
		read(3, at(-60, "ticket_created", client), turn(-20, "Open", "Completed"), turn(16, "Completed", "Open")),
	}
	if !looks {
		return all
	}
	parked := []apiclient.Entry{at(-60, "ticket_created", client), at(-30, "reply_created", client), turn(17, "Open", "Parkert")}
	return append(all,
		look(ticket(2, "pending", 2)), read(2, parked...), look(ticket(2, "pending", 2)), read(2, parked...),
		look(ticket(2, "open", 2)), read(2, parked...), look(ticket(2, "open", 2)), read(2, parked...),
	)
}

func story() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

func newTale(t *testing.T, nth int, kind accident) *tale {
	t.Helper()
	store, err := eventstore.Open(t.Context(), eventstore.Options{
		Dir: ":memory:", Logger: quiet(), Now: story, Account: eventstore.Account{BaseURL: "https://example.com", ClientID: "x"},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	set := Settings{
		Selections: []string{"all"}, Done: []string{"completed"}, UserLimit: 1, Shard: Shard{Total: 1, Since: fact.Never},
		Objectives: []ledger.Objective{
			{Name: "first", Measure: ledger.FirstResponse, Target: 20 * time.Minute, WarnAt: 0.8, Since: fact.Never},
			{Name: "solved", Measure: ledger.Resolution, Target: 30 * time.Minute, WarnAt: 0.8, Since: fact.Never},
		},
		Definitions: map[string]string{"first": "a", "solved": "b"},
		Tally: tally.Settings{Bounds: []float64{60, 3600}, Native: true, Objectives: []tally.ObjectiveSetting{
			{Name: "first", Target: 20 * time.Minute}, {Name: "solved", Target: 30 * time.Minute},
		}},
	}
	return &tale{t: t, store: &brittle{Store: store, nth: nth, kind: kind}, set: set, clock: story()}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// call makes a call, again if there was an accident, after a start if somebody was killed.
func (s *tale) call(do func(context.Context, *Recorder, time.Time) error) {
	s.t.Helper()
	for range 3 {
		var err error
		if s.r == nil {
			s.r, err = Open(s.t.Context(), s.store, s.set, func() time.Time { return s.clock }, quiet())
		}
		if err == nil {
			err = do(s.t.Context(), s.r, s.clock)
		}
		if err == nil {
			return
		}
		require.ErrorIs(s.t, err, errAccident)
		if s.store.kind != refused {
			s.r = nil
		}
	}
	s.t.Fatal("an accident happens once")
}

func (s *tale) tell(looks bool) *tally.Snapshot {
	s.t.Helper()
	for i, do := range calls(looks) {
		if i == 16 { // some tickets are done, and some have departed
			s.promise()
		}
		s.call(do)
		s.clock = s.clock.Add(time.Minute)
	}
	shown := *s.r.Tally().Snapshot(s.clock)
	shown.Entries["known"] = 0 // what is read again is known
	return &shown
}

// promise brings an objective that judges all history.
func (s *tale) promise() {
	s.set.Objectives = append(s.set.Objectives, ledger.Objective{Name: "later", Measure: ledger.Resolution, Target: time.Minute, WarnAt: 0.8, Since: fact.Never})
	s.set.Definitions["later"] = "c"
	s.set.Tally.Objectives = append(s.set.Tally.Objectives, tally.ObjectiveSetting{Name: "later", Target: time.Minute})
	s.r = nil
}

// Whichever commit fails or is the last before a kill: once what was lost is told again,
// everything is as if nothing had happened, at once and after a start.
func TestAccidentsLeaveNoTrace(t *testing.T) {
	for kind, looks := range map[accident]bool{refused: true, before: false, after: false} {
		plain := newTale(t, 0, kind)
		want := plain.tell(looks)
		require.True(t, want.Ready)
		require.NotEmpty(t, want.Changes)
		require.Positive(t, want.Objectives[0].Breaches.Value)
		require.Equal(t, "later", want.Objectives[1].Name)
		require.Equal(t, want.Objectives[2].Clocks.Value, want.Objectives[1].Clocks.Value, "all breaches, and those of done tickets")
		require.Equal(t, looks, want.Inconsistent > 0)
		require.Greater(t, plain.store.commits, 20)
		for nth := 1; nth <= plain.store.commits; nth++ {
			t.Run(fmt.Sprintf("accident %d at commit %d", kind, nth), func(t *testing.T) {
				s := newTale(t, nth, kind)
				require.Equal(t, want, s.tell(looks))
				s.r = nil
				s.call(func(context.Context, *Recorder, time.Time) error { return nil })
				shown := *s.r.Tally().Snapshot(s.clock)
				shown.Entries["known"] = 0
				require.Equal(t, want, &shown)
			})
		}
	}
}
