//go:build linux

package eventstore_test

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// More cuts, or others: go test ./internal/eventstore -run Power -cuts=1000 -cuts.seed=7.
var (
	cuts     = flag.Int("cuts", 12, "how many times the power fails")
	cutsSeed = flag.Uint64("cuts.seed", 1, "seed of the story that the power fails in, and of what the disk keeps")
)

// story is a store at work, and what it has promised.
type story struct {
	t       *testing.T
	tape    *tape
	dir     string
	batches []fact.Batch // those that were or will be committed, in order
	trusted int          // how often a start took the pages to be whole
	after   []closing    // what follows each of them
}

// closing is how a batch is made durable.
type closing int

const (
	atOnce   closing = iota
	never            // it is staged, and not before another one is, or a stop
	byItself         // it is staged, and then a batch is committed that holds nothing
)

// commits is how many there are in each of the runs of a story. The first ones take more
// than a thousand pages, so that SQLite makes a checkpoint among them.
func commits() []int { return []int{110, 10} }

func newStory(t *testing.T, seed uint64) *story {
	t.Helper()
	r := newRandom(seed)
	s := &story{t: t, tape: newTape(t), batches: []fact.Batch{r.allSeries()}}
	for range 130 {
		s.batches = append(s.batches, r.batch())
	}
	for i := range s.batches { // a batch that would count twice shows
		if s.batches[i].Counts == nil {
			s.batches[i].Counts = map[string]uint64{}
		}
		s.batches[i].Counts["batches"] = 1
	}
	for i := range s.batches { // stretches of commits alternate with some of staged batches
		s.after = append(s.after, atOnce)
		if r.IntN(40) < i%40 {
			s.after[i] = []closing{never, never, never, byItself}[r.IntN(4)]
		}
	}
	return s
}

// enter begins a recording in a directory of its own that holds what the disk shows, and
// in the file that is locked what it said at some time.
func (s *story) enter(d *disk, lock []byte) {
	s.t.Helper()
	var err error
	s.dir, err = os.MkdirTemp("", "powerloss")
	require.NoError(s.t, err)
	for name, bytes := range d.files() {
		write(s.t, filepath.Join(s.dir, name), bytes)
	}
	write(s.t, filepath.Join(s.dir, "LOCK"), lock)
	s.tape.record(s.dir, d)
}

func (s *story) leave() { require.NoError(s.t, os.RemoveAll(s.dir)) }

func (s *story) open() *eventstore.Store {
	s.t.Helper()
	var log bytes.Buffer
	store, err := eventstore.Open(s.t.Context(), eventstore.Options{Dir: s.dir, Account: account(), Now: noon, Logger: debugTo(&log)})
	require.NoError(s.t, err)
	require.Empty(s.t, store.Damaged())
	if !pagesChecked(&log) {
		s.trusted++
	}
	return store
}

// commit commits the batches from one number up to another.
func (s *story) commit(store *eventstore.Store, from, to int) {
	s.t.Helper()
	for i, b := range s.batches[from:to] {
		s.tape.mark(opBegin)
		after := s.after[from+i]
		if after == atOnce {
			require.NoError(s.t, store.Commit(s.t.Context(), b))
		} else {
			require.NoError(s.t, store.Stage(s.t.Context(), b))
		}
		if after == byItself {
			require.NoError(s.t, store.Commit(s.t.Context(), fact.Batch{}))
		}
		if after != never {
			s.tape.mark(opEnd)
		}
	}
}

// holds checks that the store holds the first n batches and nothing else, and gives n,
// which lies between what was acknowledged and what was begun.
func (s *story) holds(store *eventstore.Store, acknowledged, begun int) int {
	s.t.Helper()
	c, err := store.Load(s.t.Context())
	require.NoError(s.t, err)
	require.Empty(s.t, store.Damaged())
	n := int(c.Counts["batches"])
	require.GreaterOrEqual(s.t, n, acknowledged, "a commit that was acknowledged is lost")
	require.LessOrEqual(s.t, n, begun, "a commit that was never begun is there")
	m := newModel()
	for _, b := range s.batches[:n] {
		m.commit(b)
	}
	m.requireSame(s.t, store)
	return n
}

// progress tells how many commits were acknowledged as durable, and begun, in a recording,
// which began after so many.
func progress(ops []op, before int) (acknowledged, begun int) {
	acknowledged, begun = before, before
	for _, o := range ops {
		switch o.kind {
		case opBegin:
			begun++
		case opEnd:
			acknowledged = begun
		default:
		}
	}
	return acknowledged, begun
}

// works checks that a store goes on where it stands, and that SQLite finds no fault in it.
func (s *story) works(store *eventstore.Store, n int) {
	s.t.Helper()
	s.commit(store, n, n+2)
	s.holds(store, n+2, n+2)
	require.NoError(s.t, store.Close())
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "events.db"))
	require.NoError(s.t, err)
	var answer string
	require.NoError(s.t, db.QueryRowContext(s.t.Context(), "PRAGMA integrity_check").Scan(&answer))
	require.Equal(s.t, "ok", answer)
	require.NoError(s.t, db.Close())
}

// Whenever the power fails, and whatever the disk keeps of what was not synced: each
// commit that was acknowledged as durable is there, those that came after it are there as
// a whole or not at all, and none without those before it; and the store goes on. So it is when the power fails again while that happens, and
// when the process was killed before, so that the page cache showed more than the disk held.
func TestPowerCutsLoseNoCommitAndHalveNone(t *testing.T) {
	s := newStory(t, *cutsSeed)
	ops := s.play()
	r := rand.New(rand.NewPCG(*cutsSeed, 2))
	moments := make([]int, *cuts)
	for i := range moments {
		moments[i] = (i*len(ops) + r.IntN(len(ops))) / len(moments) // all of them, when there are as many
	}
	d, done := newDisk(nil), 0
	s.trusted = 0
	for i, moment := range moments {
		for ; done < moment; done++ {
			d.apply(ops[done])
		}
		acknowledged, begun := progress(ops[:moment], 0)
		t.Run(fmt.Sprintf("cut %d after %d", i, moment), func(t *testing.T) {
			s.t = t
			s.survive(rand.New(rand.NewPCG(*cutsSeed, uint64(i))), d.clone(), ops[:moment+1], acknowledged, begun)
		})
	}
	t.Logf("%d operations, -cuts.seed=%d, %d of %d starts without a check", len(ops), *cutsSeed, s.trusted, 2**cuts)
	require.Positive(t, s.trusted)
}

// play tells the story once from its beginning, with stops in it.
func (s *story) play() []op {
	s.t.Helper()
	s.enter(newDisk(nil), nil)
	defer s.leave()
	from, checkpoint := 0, false
	for _, n := range commits() {
		store := s.open()
		s.commit(store, from, from+n)
		from += n
		checkpoint = checkpoint || slices.ContainsFunc(s.tape.ops, func(o op) bool { return o.kind == opWrite && o.file == "events.db" })
		require.NoError(s.t, store.Close())
	}
	require.True(s.t, checkpoint, "there is no checkpoint among the commits")
	return slices.Clone(s.tape.ops)
}

// anyLock is mostly what the file said last.
func anyLock(r *rand.Rand, past []op) []byte {
	if r.IntN(2) == 0 {
		return past[len(past)-1].lock
	}
	return past[r.IntN(len(past))].lock
}

// survive lets the process be killed, or the power fail, before the last of these
// operations, and then the power fail once more in what follows. What the file that is
// locked said at any time may come back.
func (s *story) survive(r *rand.Rand, d *disk, past []op, acknowledged, begun int) {
	s.t.Helper()
	lock := past[len(past)-1].lock
	if r.IntN(4) > 0 {
		d, lock = newDisk(d.powerCut(r, anyFate(r))), anyLock(r, past)
	}
	before := d.clone()
	s.enter(d, lock)
	store := s.open()
	n := s.holds(store, acknowledged, begun)
	s.tape.mark(opLoaded)
	s.works(store, n)
	s.leave()

	ops := slices.Clone(s.tape.ops)
	moment := r.IntN(len(ops) + 1)
	for _, o := range ops[:moment] {
		before.apply(o)
	}
	if slices.ContainsFunc(ops[:moment], func(o op) bool { return o.kind == opLoaded }) {
		acknowledged, begun = progress(ops[:moment], n) // what was loaded is shown, and must stay
	}
	s.enter(newDisk(before.powerCut(r, anyFate(r))), anyLock(r, ops[:max(moment, 1)]))
	defer s.leave()
	store = s.open()
	s.works(store, s.holds(store, acknowledged, begun))
}
