package recorder

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// unread is a store of which the sums are not to be added up.
type unread struct{ Store }

var errRead = errors.New("read")

func (unread) EachChange(context.Context, func(fact.Change) error) error { return errRead }

func TestAStartTakesTheSumsAndReadsNoChanges(t *testing.T) {
	r, store, _ := firstPassOver(t, "open", "completed", "pending")
	want := r.Tally().Snapshot(story())
	set := newTale(t, 0, refused).set
	_, err := Open(t.Context(), unread{sumless{store}}, set, story, quiet())
	require.ErrorIs(t, err, errRead)
	again, err := Open(t.Context(), unread{store}, set, story, quiet())
	require.NoError(t, err)
	require.Equal(t, want, again.Tally().Snapshot(story()))

	set.Tally.Bounds = []float64{1, 2, 3}
	_, err = Open(t.Context(), unread{store}, set, story, quiet())
	require.ErrorIs(t, err, errRead, "they were added up by other bounds")

	_, _, err = again.Read(t.Context(), 1, logged(3, "Pending"))
	require.NoError(t, err)
	want = again.Tally().Snapshot(story())
	crashed, err := Open(t.Context(), unread{store}, newTale(t, 0, refused).set, story, quiet())
	require.NoError(t, err, "a change came after them")
	require.Equal(t, want, crashed.Tally().Snapshot(story()))
}

// A start never has much to add to the sums, though nobody stopped: they are stored anew.
func TestSumsAreKeptNowAndThen(t *testing.T) {
	r, store, _ := firstPassOver(t, "open")
	var since []int
	for day := range 5 {
		log := logged(300, "Pending")
		for i := range log.Entries {
			log.Entries[i].Time = log.Entries[i].Time.AddDate(0, 0, 100*(day+1))
		}
		log.Begun, log.ReachedEnd, log.Covered = story().AddDate(2, 0, 0), false, log.Entries[len(log.Entries)-1].Time
		_, _, err := r.Read(t.Context(), 1, log)
		require.NoError(t, err)
		sums, err := store.Sums(t.Context())
		require.NoError(t, err)
		since = append(since, len(sums.Changes))
		again, err := Open(t.Context(), unread{store}, newTale(t, 0, refused).set, story, quiet())
		require.NoError(t, err)
		require.Equal(t, r.Tally().Snapshot(story()), again.Tally().Snapshot(story()))
	}
	require.False(t, slices.IsSorted(since), "%v", since)
	require.Less(t, slices.Max(since), mostUnsummed)
}

// A start that adds everything up leaves sums behind, lest the next one have to do so again.
func TestAStartThatAddsUpKeepsTheSums(t *testing.T) {
	_, store, _ := firstPassOver(t, "open", "completed")
	set := newTale(t, 0, refused).set
	set.Tally.Bounds = []float64{1, 2, 3}
	r, err := Open(t.Context(), store, set, story, quiet())
	require.NoError(t, err)
	again, err := Open(t.Context(), unread{store}, set, story, quiet())
	require.NoError(t, err)
	require.Equal(t, r.Tally().Snapshot(story()), again.Tally().Snapshot(story()))
}

// Before all is counted there is nothing to sum up, and what was not read as a whole is not all.
func TestNoSumsAreKeptOfAPart(t *testing.T) {
	r, store, _ := opened(t)
	_, _, err := r.Discovered(t.Context(), "all", story(), []apiclient.Ticket{listed(1, "open")})
	require.NoError(t, err)
	require.NoError(t, r.KeepSums(t.Context()))
	sums, err := store.Sums(t.Context())
	require.NoError(t, err)
	require.Empty(t, sums.Text, "in the first pass")

	_, store, _ = firstPassOver(t, "open", "completed")
	before, err := store.Sums(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, before.Text)
	for _, of := range []Store{untold{sumless{store}}, unread{sumless{store}}, outcomeless{sumless{store}}} {
		_, err = Open(t.Context(), of, newTale(t, 0, refused).set, story, quiet())
		require.ErrorIs(t, err, errRead)
		after, err := store.Sums(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, after, "in a start that fails")
	}
}

// untold is a store whose tickets cannot be read, and outcomeless one whose outcomes cannot.
type (
	untold      struct{ Store }
	outcomeless struct{ Store }
)

func (untold) EachTicket(context.Context, func(fact.Ticket) error) error        { return errRead }
func (outcomeless) EachOutcome(context.Context, func(fact.Outcome) error) error { return errRead }

// A commit that failed may yet be durable: then the totals in memory lack it.
func TestNoSumsAreKeptAfterACommitThatFailed(t *testing.T) {
	s := newTale(t, 0, refused)
	s.tell(true)
	before, err := s.store.Sums(t.Context())
	require.NoError(t, err)
	s.store.nth = s.store.commits + 1
	_, err = s.r.Looked(t.Context(), story().Add(time.Hour), []int64{2}, []apiclient.Ticket{listed(2, "open")})
	require.ErrorIs(t, err, errAccident)
	require.NoError(t, s.r.KeepSums(t.Context()))
	after, err := s.store.Sums(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// sumless is a store that has no sums.
type sumless struct{ Store }

func (sumless) Sums(context.Context) (eventstore.Sums, error) { return eventstore.Sums{}, nil }

// Whatever comes after the sums and in whatever steps, with them it comes to the bits that
// adding up everything comes to.
func TestSumsAndWhatCameSinceAreAll(t *testing.T) {
	for seed := range uint64(5) {
		r, s := rand.New(rand.NewPCG(seed, 9)), newTale(t, 0, refused)
		store, set := s.store.Store, s.set
		total := func(of Store) *tally.Snapshot {
			shown, err := Totals(t.Context(), of, set, story, quiet())
			require.NoError(t, err)
			return shown
		}
		outcomes := map[[2]int64]fact.Outcome{}
		kept := false
		for step := range 60 {
			var b fact.Batch
			for range r.IntN(4) {
				b.Changes = append(b.Changes, anyChange(r))
				b.Outcomes = append(b.Outcomes, laterOutcome(r, outcomes))
			}
			require.NoError(t, store.Commit(t.Context(), b))
			if r.IntN(10) == 0 {
				of := newRecorder(store, set, story, quiet())
				c, err := store.Outline(t.Context())
				require.NoError(t, err)
				require.NoError(t, of.replay(t.Context(), c))
				of.loaded, of.ready, kept = true, true, true
				require.NoError(t, of.KeepSums(t.Context()))
			}
			want := total(sumless{store})
			require.Equal(t, want, total(store), "seed %d, step %d", seed, step)
			if kept {
				require.Equal(t, want, total(unread{store}), "seed %d, step %d", seed, step)
			}
		}
		require.True(t, kept, "seed %d", seed)
	}
}

// anyChange may be one that is there already: what was judged once stays.
func anyChange(r *rand.Rand) fact.Change {
	statuses := []string{"open", "pending", "completed"}
	seq := r.Int64N(150)
	return fact.Change{Ticket: seq % 7, Seq: seq, Time: fact.Instant(r.Int64N(1e6)), From: statuses[r.IntN(3)], To: statuses[r.IntN(3)],
		Duration: []fact.Ticks{fact.Unknown, fact.Ticks(r.Int64N(1e12))}[r.IntN(2)],
		Counted:  r.IntN(4) > 0, Inconsistent: r.IntN(5) == 0, Unrecognized: r.IntN(3)}
}

// laterOutcome is one that is new, or has come further.
func laterOutcome(r *rand.Rand, known map[[2]int64]fact.Outcome) fact.Outcome {
	key := [2]int64{r.Int64N(5), r.Int64N(6)}
	o, ok := known[key]
	if !ok {
		o = fact.Outcome{Ticket: key[0], Objective: []string{"first", "solved", "gone"}[key[1]%3], Start: fact.Instant(key[1]),
			Breached: fact.Never, Stopped: fact.Never, Duration: fact.Unknown}
	}
	switch r.IntN(4) {
	case 0:
		o.Counted = true
	case 1:
		if !o.Breached.Known() {
			o.Breached = fact.Instant(r.Int64N(1e6))
		}
	case 2:
		if !o.Observed {
			o.Observed, o.Stopped, o.Duration = true, fact.Instant(r.Int64N(1e6)), fact.Ticks(r.Int64N(1e11))
		}
	default:
	}
	known[key] = o
	return o
}

// Wherever reading everything comes upon damage, the store is moved aside.
func TestAStoreThatTurnsOutDamagedIsBegunAnew(t *testing.T) {
	for name, damage := range map[string]string{
		"ticket":  "UPDATE tickets SET status = 99999",
		"change":  "UPDATE changes SET from_status = 99999",
		"outcome": "UPDATE outcomes SET breached = 'soon'",
		"history": "UPDATE entries SET action = 99999",
	} {
		t.Run(name, func(t *testing.T) {
			o := eventstore.Options{Dir: t.TempDir(), Now: story}
			store, err := eventstore.Open(t.Context(), o)
			require.NoError(t, err)
			set := newTale(t, 0, refused).set
			r, err := Open(t.Context(), store, set, story, quiet())
			require.NoError(t, err)
			_, _, err = r.Discovered(t.Context(), "all", story(), []apiclient.Ticket{listed(1, "open")})
			require.NoError(t, err)
			_, _, err = r.Read(t.Context(), 1, logged(3, "Open"))
			require.NoError(t, err)
			require.NoError(t, r.SelectionRead(t.Context(), "all", story()))
			require.NoError(t, store.Close())
			db, err := sql.Open("sqlite", filepath.Join(o.Dir, "events.db"))
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), damage)
			require.NoError(t, err)
			require.NoError(t, db.Close())

			store, err = eventstore.Open(t.Context(), o)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			require.Empty(t, store.Damaged())
			r, err = Open(t.Context(), store, set, story, quiet())
			require.NoError(t, err)
			require.FileExists(t, store.Damaged())
			require.False(t, r.Ready())
			require.Empty(t, slices.Collect(r.Tally().Followed()))
		})
	}
}
