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

// Options say how the server behaves. The zero value is a friendly server.
type Options struct {
	Seed uint64
	Now  func() time.Time // nil: time.Now

	// Tickets is how many tickets Populate invents, and, by the rate that follows from it,
	// how many come later. 0: 100.
	Tickets int
	// Hurry makes the invented team live that many times faster, around the clock.
	// 0: real time, with nights and weekends.
	Hurry float64
	// Languages are those of the tickets' logs: en, nb, nn, sv, da. None: en, nb, sv.
	Languages []string
	// Labels replaces display labels: language, then status, to label.
	Labels map[string]map[string]string

	ClientID, RefreshToken string        // empty: made from Seed
	TokenLifetime          time.Duration // 0: one hour
	RotateTokens           bool          // each use of a refresh token gives another one
	KeepRotated            bool          // a rotated refresh token stays good

	DefaultTake int // 0: 25
	MaxTake     int // 0: 50
	IgnoreTake  bool
	IgnoreSkip  bool
	// ShortPages is the share of pages that are shorter than they could be, though never
	// empty.
	ShortPages float64
	// ShuffleTies shows log entries of the same time in another order in each answer.
	ShuffleTies bool

	IgnoreTicketIDs bool
	IgnoreFilters   bool
	IgnoreOrder     bool
	OmitFromLists   float64 // the share of tickets that a list page leaves out
	RepeatInLists   float64 // the share of tickets that a list page shows twice
	// StatusMovesActivity makes status changes and assignments count as activity in
	// lastThreadElementCreationTime and in the order that goes by it.
	StatusMovesActivity bool
	TagObjects          bool // shows tags as {id, name}

	Prefix       string // path that stands before all others, such as "/api"
	KeepRequests int    // how many of the latest requests Requests shows; 0: 10,000, negative: none
}

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

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tickets == 0 {
		o.Tickets = 100
	}
	if len(o.Languages) == 0 {
		o.Languages = []string{"en", "nb", "sv"}
	}
	if o.ClientID == "" {
		o.ClientID = guid("client id", o.Seed)
	}
	if o.RefreshToken == "" {
		o.RefreshToken = opaque("refresh token", o.Seed)
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = time.Hour
	}
	if o.DefaultTake == 0 {
		o.DefaultTake = 25
	}
	if o.MaxTake == 0 {
		o.MaxTake = 50
	}
	if o.KeepRequests == 0 {
		o.KeepRequests = 10_000
	}
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
// the truth. nil: none.
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
