package apiclient

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pageServer is a log that changes while it is read. Each state in which it answered is
// kept, as the number of times each entry was in it.
type pageServer struct {
	rnd    *rand.Rand
	log    []place // newest first
	serial int
	states []map[identity]int
	world
}

// world is how a pageServer behaves.
type world struct {
	size       int     // entries it gives at once
	times      int     // different times of entries: the fewer, the larger the groups
	entries    int     // at the beginning
	change     float64 // probability of changes between two answers
	additions  int     // at most, at one time
	removals   int     // at most, at one time
	twins      bool    // entries may be alike in everything
	garbage    bool    // entries may be unreadable
	shuffled   bool    // the order within a group differs from answer to answer
	ignoreSkip bool
	short      float64 // probability that a page is cut short for no reason
}

func newPageServer(seed uint64, w world) *pageServer {
	s := &pageServer{rnd: rand.New(rand.NewPCG(seed, 1)), world: w}
	for range w.entries {
		s.add()
	}
	return s
}

func (s *pageServer) add() {
	s.serial++
	at := time.Unix(1e9+int64(s.rnd.IntN(s.times)), 0).UTC()
	p := place{identity: identity{at: at, action: "a"}, readable: true, when: at}
	switch {
	case s.garbage && s.rnd.IntN(10) == 0:
		p.identity, p.readable = identity{raw: fmt.Sprint(s.rnd.IntN(3))}, false
	case s.twins && s.rnd.IntN(2) == 0:
		p.user = "twin"
	default:
		p.user = fmt.Sprint(s.serial)
	}
	p.entry = Entry{Time: at, ActionType: p.action, User: &User{ID: p.user}}
	first, _ := slices.BinarySearchFunc(s.log, p, newestFirst)
	last := first
	for last < len(s.log) && s.log[last].when.Equal(at) {
		last++
	}
	s.log = slices.Insert(s.log, first+s.rnd.IntN(last-first+1), p)
}

func (s *pageServer) mutate() bool {
	if s.rnd.Float64() >= s.change {
		return false
	}
	for range s.rnd.IntN(s.additions + 1) {
		s.add()
	}
	for range min(s.rnd.IntN(s.removals+1), len(s.log)) {
		i := s.rnd.IntN(len(s.log))
		s.log = slices.Delete(s.log, i, i+1)
	}
	return true
}

func (s *pageServer) answer(skip int) (page, *Error) {
	if n := len(s.states); n == 0 || s.mutate() {
		state := make(map[identity]int, len(s.log))
		for _, p := range s.log {
			state[p.identity]++
		}
		s.states = append(s.states, state)
	} else {
		s.states = append(s.states, s.states[n-1])
	}
	log := slices.Clone(s.log)
	if s.shuffled {
		s.rnd.Shuffle(len(log), func(i, j int) { log[i], log[j] = log[j], log[i] })
		slices.SortStableFunc(log, newestFirst)
	}
	if s.ignoreSkip {
		skip = 0
	}
	log = log[min(skip, len(log)):]
	log = log[:min(s.size, len(log))]
	if s.rnd.Float64() < s.short {
		log = log[:s.cut(len(log))]
	}
	for i := range log { // only the server knows the time of what cannot be read
		if !log[i].readable {
			log[i].when = time.Time{}
		}
	}
	begun := time.Unix(int64(len(s.states)-1), 0)
	return page{begun: begun, places: log, bytes: len(log)}, nil
}

// cut gives the size of a page that is cut short. It is never that of an overlap of a few
// entries: a page that ends where its overlap ends is taken for the end of the log.
func (s *pageServer) cut(size int) int {
	switch {
	case size > 8 && s.rnd.IntN(4) > 0:
		return 8 + s.rnd.IntN(size-8)
	case s.rnd.IntN(2) == 0:
		return min(size, 1)
	}
	return size
}

// check compares a reading with the states that the log was in from its beginning on.
func (s *pageServer) check(t *testing.T, r Reading, seed uint64) {
	t.Helper()
	got := map[identity]int{}
	for _, e := range r.Entries {
		got[identity{at: e.Time, action: e.ActionType, user: e.User.ID}]++
	}
	states := s.states[r.Begun.Unix():]
	least, most := maps.Clone(states[0]), maps.Clone(states[0])
	for i, state := range states[1:] {
		if maps.Equal(state, states[i]) {
			continue
		}
		for id := range least {
			least[id] = min(least[id], state[id])
		}
		for id, n := range state {
			most[id] = max(most[id], n)
		}
	}
	for id, n := range got {
		require.LessOrEqual(t, n, most[id], "seed %d: %v is more often in the reading than in the log", seed, id)
	}
	unreadable := 0
	for id, n := range least {
		if id.raw != "" {
			unreadable += n
		} else if id.at.After(r.Covered) {
			require.GreaterOrEqual(t, got[id], n, "seed %d: %v was in the log all the time", seed, id)
		}
	}
	if r.ReachedEnd && s.change == 0 {
		require.Equal(t, unreadable, r.Unreadable, "seed %d", seed)
	}
	require.True(t, slices.IsSortedFunc(r.Entries, func(a, b Entry) int { return b.Time.Compare(a.Time) }), "seed %d", seed)
}

func TestReadingsOfChangingLogs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// make gives a world for a case; the server's size of pages decides how large groups
		// may be without filling one.
		make    func(r *rand.Rand) world
		mayFail float64 // share of readings that may end as unstable
		partial bool    // the end is not always seen
	}{
		{"still", func(r *rand.Rand) world {
			return world{size: 2 + r.IntN(12), times: 1 + r.IntN(80), entries: r.IntN(80), garbage: r.IntN(4) == 0}
		}, 0, false},
		{"still, twins", func(r *rand.Rand) world {
			return world{size: 10 + r.IntN(41), times: 30 + r.IntN(80), entries: r.IntN(130), twins: true}
		}, 0, false},
		{"still, shuffled", func(r *rand.Rand) world {
			return world{size: 25 + 25*r.IntN(2), times: 20 + r.IntN(80), entries: r.IntN(150), shuffled: true, twins: true}
		}, 0.001, false},
		{"one entry at a time", func(r *rand.Rand) world {
			return world{size: 8 + r.IntN(12), times: 40 + r.IntN(200), entries: r.IntN(80), change: 0.3, additions: 1}
		}, 0.001, false},
		{"growing", func(r *rand.Rand) world {
			return world{size: 8 + r.IntN(12), times: 40 + r.IntN(200), entries: r.IntN(80), change: 0.5, additions: 3, twins: true}
		}, 0.05, true},
		{"growing and shrinking", func(r *rand.Rand) world {
			return world{
				size: 8 + r.IntN(12), times: 40 + r.IntN(200), entries: r.IntN(60), change: 0.3,
				additions: 3, removals: 3, twins: r.IntN(2) == 0, shuffled: r.IntN(2) == 0,
			}
		}, 0.2, true},
		{"a storm", func(r *rand.Rand) world {
			return world{
				size: 10 + r.IntN(41), times: 200, entries: r.IntN(150), change: 0.5,
				additions: r.IntN(60), removals: r.IntN(20), garbage: r.IntN(4) == 0,
			}
		}, 0.6, true},
		{"groups larger than a page", func(r *rand.Rand) world {
			return world{size: PageSize, times: 1 + r.IntN(4), entries: r.IntN(200), change: 0.2, additions: 2, removals: 2}
		}, 0.6, true},
		{"skip ignored", func(r *rand.Rand) world {
			return world{size: 50, times: 40, entries: r.IntN(80), change: 0.1, additions: 2, ignoreSkip: true}
		}, 0.02, true},
		{"pages cut short", func(r *rand.Rand) world {
			return world{size: 25 + 25*r.IntN(2), times: 500, entries: 60 + r.IntN(90), short: 1}
		}, 0.05, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cases := propertyCases(t)
			unstable := 0
			for seed := range cases {
				s := newPageServer(seed, tt.make(rand.New(rand.NewPCG(seed, 2))))
				reader := logReader{ask: s.answer}
				r, failure := reader.read()
				if failure != nil {
					require.Equal(t, Unstable, failure.Kind, "seed %d", seed)
					unstable++
					continue
				}
				s.check(t, r, seed)
				require.True(t, r.ReachedEnd || tt.partial, "seed %d", seed)
				require.Equal(t, len(s.states), r.Requests)
			}
			require.LessOrEqual(t, float64(unstable), tt.mayFail*float64(cases), "unstable readings")
			t.Logf("%d of %d unstable", unstable, cases)
		})
	}
}

// propertyCases is how many cases a property is tried in; PROPERTY_CASES sets another
// number, for a longer search.
func propertyCases(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("PROPERTY_CASES")
	if text == "" {
		return 300
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	return n
}

// TestReadingsStopAtWhatIsKnown tries logs of which all entries up to some age, and some
// newer ones, are known: whatever is not known must be read.
func TestReadingsStopAtWhatIsKnown(t *testing.T) {
	t.Parallel()
	for seed := range propertyCases(t) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		s := newPageServer(seed, world{size: PageSize, times: 50 + rnd.IntN(100), entries: rnd.IntN(300), twins: true, garbage: seed%4 == 0})
		known := map[group]int{}
		newest := rnd.IntN(len(s.log) + 1)
		for _, p := range s.log[newest:] {
			known[group{p.at, p.action}]++
		}
		reader := logReader{ask: s.answer, query: LogQuery{Known: func(at time.Time, actionType string) int {
			return known[group{at, actionType}]
		}}}
		r, failure := reader.read()
		require.Nil(t, failure, "seed %d", seed)
		s.check(t, r, seed)
		shown := map[group]int{}
		for _, e := range r.Entries {
			shown[group{e.Time, e.ActionType}]++
		}
		for i, p := range s.log[:newest] {
			if p.readable {
				require.Positive(t, shown[group{p.at, p.action}], "seed %d: entry %d is new", seed, i)
			}
		}
		// The page with the last new entry, two that overlap it by a group each, no more.
		require.LessOrEqual(t, r.Requests, newest/(PageSize-12)+3, "seed %d", seed)
	}
}
