package recorder

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// unread is a store of which the sums are not to be added up.
type unread struct{ Store }

var errRead = errors.New("read")

func (unread) EachChange(context.Context, func(fact.Change) error) error { return errRead }

func TestAStartTakesTheSumsOfAStopAndReadsNoChanges(t *testing.T) {
	r, store, _ := firstPassOver(t, "open", "completed", "pending")
	want := r.Tally().Snapshot(story())
	set := newTale(t, 0, refused).set
	_, err := Open(t.Context(), unread{store}, set, story, quiet())
	require.ErrorIs(t, err, errRead, "there are no sums yet")

	require.NoError(t, r.KeepSums(t.Context()))
	again, err := Open(t.Context(), unread{store}, set, story, quiet())
	require.NoError(t, err)
	require.Equal(t, want, again.Tally().Snapshot(story()))

	set.Tally.Bounds = []float64{1, 2, 3}
	_, err = Open(t.Context(), unread{store}, set, story, quiet())
	require.ErrorIs(t, err, errRead, "they were added up by other bounds")

	_, _, err = again.Read(t.Context(), 1, logged(3, "Pending"))
	require.NoError(t, err)
	_, err = Open(t.Context(), unread{store}, newTale(t, 0, refused).set, story, quiet())
	require.ErrorIs(t, err, errRead, "a change came after them")
}

// A commit that failed may yet be durable: then the sums in memory lack it.
func TestNoSumsAreKeptAfterACommitThatFailed(t *testing.T) {
	s := newTale(t, 0, refused)
	s.tell(true)
	s.store.nth = s.store.commits + 1
	_, err := s.r.Looked(t.Context(), story().Add(time.Hour), []int64{2}, []apiclient.Ticket{listed(2, "open")})
	require.ErrorIs(t, err, errAccident)
	require.NoError(t, s.r.KeepSums(t.Context()))
	text, err := s.store.Sums(t.Context())
	require.NoError(t, err)
	require.Empty(t, text)
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
