// Package apitest is a simulated Socialboards: a real HTTP server that speaks the Ticket
// API as its public documentation shows it, and that can be nastier than the original.
//
// The truth (tickets, logs, users) is kept in memory and may be changed at any time; what
// the API shows is made from it when asked for. A believable support team can invent a
// history and go on living. Faults, limits and odd answers are set by Options and by
// methods. Everything is determined by Options.Seed; time comes from Options.Now alone.
// All methods may be called by several goroutines at once.
//
// It shares no code with the client it is meant to test, so that no mistake is shared.
package apitest

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Server is a simulated Socialboards.
type Server struct {
	mu       sync.Mutex
	opts     Options
	records  map[int64]*record
	nextID   int64
	language string // replaces every other one, when set
	team     team
	life     life
	tokens   tokens
	faults   []*armed
	chance   *rand.Rand // of faults and odd answers, never of the truth
	journal  journal

	betweenPages func(s *Server, ticket int64, skip int)
	onList       func(ids []int64) []int64
	listSample   []byte
	tokenSample  []byte

	done      chan struct{}
	closeOnce sync.Once
	listener  listener
}

// New gives a server that does not listen: it is an http.Handler, and its Transport works
// without a network.
func New(o Options) *Server {
	o.setDefaults()
	s := &Server{
		opts:    o,
		records: map[int64]*record{},
		nextID:  255762,
		team:    newTeam(o.Seed),
		chance:  newRand(o.Seed, streamChance),
		journal: newJournal(o.KeepRequests),
		done:    make(chan struct{}),
	}
	s.tokens = newTokens(o)
	s.life = newLife(o)
	return s
}

// Streams keep the random numbers of one purpose apart from those of another, so that a
// fault more or less does not change the invented history.
const (
	streamChance = iota + 1
	streamArrivals
	streamTicket
)

func newRand(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // must be repeatable; nothing secret hangs on it
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := s.receive(r)
	f := s.pick(*req)
	if f.Reset || !s.wait(r.Context(), f.SlowHeaders) {
		reset(w)
		return
	}
	a, decided := f.instead()
	if !decided {
		a = s.answer(*req)
	}
	s.deliver(w, r, f.damage(a), f, req)
}

// answer is what the API itself has to say, before any fault.
func (s *Server) answer(req Request) answer {
	switch {
	case req.Endpoint == "":
		return failure(http.StatusNotFound, "No such endpoint.")
	case req.Method != http.MethodPost:
		return failure(http.StatusMethodNotAllowed, "The method is not allowed.")
	case req.Endpoint == TokenEndpoint:
		return s.answerToken(req)
	case !s.authorized(req):
		return s.unauthorized(req)
	case req.Endpoint == ListEndpoint:
		return s.answerList(req)
	}
	s.mu.Lock()
	hook := s.betweenPages
	s.mu.Unlock()
	if hook != nil {
		hook(s, req.Ticket, req.Skip)
	}
	return s.answerLog(req)
}

// BetweenPages sets a hook that runs before each page of a log is answered. It may change
// the truth. Requests that come at once run it at once. nil: none.
func (s *Server) BetweenPages(hook func(s *Server, ticket int64, skip int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.betweenPages = hook
}

// OnList sets a hook that may leave out, repeat, reorder or add the tickets of each list
// page before it is answered. It must not call the server. nil: none.
func (s *Server) OnList(hook func(ids []int64) []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onList = hook
}

// Now is the server's time.
func (s *Server) Now() time.Time { return s.opts.Now() }

// pageBounds says which of n items a page shows. The caller holds mu.
func (s *Server) pageBounds(n int, take *int, skip int) (lo, hi int) {
	size := s.opts.DefaultTake
	if take != nil && !s.opts.IgnoreTake {
		size = min(*take, s.opts.MaxTake)
	}
	if s.opts.IgnoreSkip {
		skip = 0
	}
	lo = min(skip, n)
	size = min(size, n-lo)
	if size > 1 && s.lucky(s.opts.ShortPages) {
		size = 1 + s.chance.IntN(size-1)
	}
	return lo, lo + size
}

// lucky draws a lot; it draws none where there is no choice. The caller holds mu.
func (s *Server) lucky(share float64) bool {
	return share > 0 && (share >= 1 || s.chance.Float64() < share)
}
