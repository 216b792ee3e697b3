package recorder

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// mains is a store that knows what of it would be left after a power cut, and holds what is
// shown against it.
type mains struct {
	Store
	t       *testing.T
	now     func() time.Time
	r       *Recorder // nil: it is being opened
	synced  time.Time
	staged  int               // batches
	stored  map[string]uint64 // counters
	durable map[string]uint64 // of these, what a power cut leaves
	ever    int               // batches that were staged
}

func (s *mains) Commit(ctx context.Context, b fact.Batch) error {
	s.check()
	if err := s.Store.Commit(ctx, b); err != nil {
		return err
	}
	s.add(b)
	s.synced, s.staged, s.durable = s.now(), 0, maps.Clone(s.stored)
	return nil
}

func (s *mains) Stage(ctx context.Context, b fact.Batch) error {
	s.check()
	require.False(s.t, s.r == nil || s.r.ready || s.r.pass.ending, "it has to be durable at once")
	lag := s.now().Sub(s.synced)
	require.True(s.t, lag >= 0 && lag < time.Second, lag)
	if err := s.Store.Stage(ctx, b); err != nil {
		return err
	}
	s.add(b)
	s.staged++
	s.ever++
	return nil
}

func (s *mains) add(b fact.Batch) {
	for name, n := range b.Counts {
		s.stored[name] += n
	}
}

// check looks at what is shown while nothing is being recorded, or before a commit.
func (s *mains) check() {
	s.t.Helper()
	if s.r == nil {
		return
	}
	shown := s.r.Tally().Snapshot(s.now())
	for result, n := range shown.Entries {
		require.LessOrEqual(s.t, n, s.durable[result], result)
	}
	if s.staged > 0 {
		require.False(s.t, shown.Ready)
		require.LessOrEqual(s.t, shown.Inconsistent, s.durable[correctionCount])
	}
}

// plugged gives a recorder whose store stands on mains, by a clock that stands still.
func plugged(t *testing.T, clock *time.Time) (*mains, func()) {
	t.Helper()
	s := newTale(t, 0, refused)
	now := func() time.Time { return *clock }
	m := &mains{Store: s.store.Store, t: t, now: now, stored: map[string]uint64{}, durable: map[string]uint64{}}
	open := func() {
		m.r = nil
		r, err := Open(t.Context(), m, s.set, now, quiet())
		require.NoError(t, err)
		m.r = r
		m.check()
	}
	open()
	return m, open
}

// Of a first pass that goes faster or slower, with starts in it, nothing is shown at any
// time that is not durable, and in the end all of it.
func TestNothingIsShownThatAPowerCutWouldTakeAway(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			clock := story()
			m, open := plugged(t, &clock)
			for _, call := range calls(true) {
				require.NoError(t, call(t.Context(), m.r, clock))
				m.check()
				clock = clock.Add(time.Duration(random.IntN(5)) * 200 * time.Millisecond)
				if random.IntN(8) == 0 {
					open()
				}
				if random.IntN(8) == 0 {
					clock = clock.Add(-time.Minute)
				}
			}
			shown := m.r.Tally().Snapshot(clock)
			require.True(t, shown.Ready)
			for result, n := range shown.Entries {
				require.Equal(t, m.stored[result], n, result)
			}
			require.Positive(t, m.ever)
		})
	}
}

func TestCountersOfTheFirstPassAreShownOnceTheyAreDurable(t *testing.T) {
	clock := story()
	m, _ := plugged(t, &clock)
	read := func(id int64, changes int) uint64 {
		_, _, err := m.r.Read(t.Context(), id, logged(changes, "Open"))
		require.NoError(t, err)
		return m.r.Tally().Snapshot(clock).Entries["new"]
	}
	page := make([]apiclient.Ticket, 0, 9)
	for id := range int64(9) {
		page = append(page, listed(id+1, "open"))
	}
	_, _, err := m.r.Discovered(t.Context(), "all", clock, page)
	require.NoError(t, err)
	require.Zero(t, read(1, 1))
	clock = clock.Add(time.Second - 1)
	require.Zero(t, read(2, 1))
	clock = clock.Add(1)
	require.EqualValues(t, 6, read(3, 1), "a second is over")
	require.EqualValues(t, 6, read(4, mostStaged))
	require.EqualValues(t, mostStaged+9, read(5, 1), "many are staged")
	require.EqualValues(t, mostStaged+9, read(6, 1))
	require.NoError(t, m.r.Flush(t.Context()))
	require.EqualValues(t, mostStaged+11, read(7, 1), "there was nothing to do")
	require.NoError(t, m.r.SelectionRead(t.Context(), "all", clock))
	require.False(t, m.r.Ready())
	read(8, 1)
	require.EqualValues(t, mostStaged+17, read(9, 1), "all is read")
	require.True(t, m.r.Ready())
}
