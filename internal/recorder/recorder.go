// Package recorder turns what was read into what is counted: it finds what is new in a
// reading, lets the ledger judge it, makes both durable in one transaction, and only then
// adds them to the tally. It decides which tickets are followed, and from when on.
package recorder

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/status"
	"socialboards_exporter/internal/tally"
)

// Store is the durable copy. eventstore.Store is one.
type Store interface {
	Commit(ctx context.Context, b fact.Batch) error
	History(ctx context.Context, ticket int64) (fact.History, error)
	Load(ctx context.Context) (eventstore.Contents, error)
	EachChange(ctx context.Context, f func(fact.Change) error) error
	EachOutcome(ctx context.Context, f func(fact.Outcome) error) error
}

// Settings are the part of the configuration that recording goes by.
type Settings struct {
	TicketIDs  []int64
	Selections []string // keys
	Objectives []ledger.Objective
	// Definitions holds the canonical text of each objective, by name.
	Definitions map[string]string
	Labels      map[string]string // configured display labels and their statuses
	Done        []string          // statuses
	UserLimit   int
	Pseudonyms  *Pseudonyms // nil: users go by their own ids
	Shard       Shard
	Tally       tally.Settings
	// FromZero makes a store that begins empty count only what happens from now on.
	FromZero bool
}

// Recorder implements poll.Recorder. Its methods may be called by several goroutines at
// once; they take turns, as the store has one writer anyway.
type Recorder struct {
	set   Settings
	store Store
	tally *tally.Tally
	log   *slog.Logger
	now   func() time.Time

	mu         sync.Mutex
	tickets    map[int64]*ticket // followed
	departed   map[int64]farewell
	selections map[string]fact.Selection
	labels     *labels
	statuses   *status.Table
	learned    map[string]string // display label to status
	evidence   map[int64]status.Evidence
	rules      ledger.Rules
	lastSeq    int64
	resized    resize
	ready      bool
	zeroAt     fact.Instant // what happened before is not counted; Never: all is
	pass       firstPass
	// newObjectives have come that all history is yet to be judged by.
	newObjectives []fact.Objective
	advice        []string // does not change once Open has returned
}

// ticket is a followed ticket: its row, and what is known of it besides.
type ticket struct {
	fact.Ticket
	printSince fact.Instant // when SeenPrint came to be what it is
	missing    fact.Instant // begin of the look that did not show it, until a read has followed; Never: shown
	clockDue   fact.Instant // when an open clock will have exceeded its target; Never: none
	witness    status.Witness
	failures   ownFailures
	probes     uint8             // reads in which its latest label was not understood, in the first pass
	shown      tally.TicketState // what the last judgement put on display
	triedAt    fact.Instant      // begin of the last read of a rewritten log, which tells nothing
}

// farewell is what is remembered of a departed ticket, so that it is known again.
type farewell struct {
	at   fact.Instant
	seen uint64 // fingerprint of what the list last showed; 0: whatever it shows is different
	// unwanted: nothing in the configuration named it any more. If something names it
	// again, it returns; else it returns when the list shows something different.
	unwanted bool
	done     bool

	created, lastEntry fact.Instant
	firstStatus        string
}

func farewellOf(t fact.Ticket) farewell {
	return farewell{at: t.Departed, seen: t.SeenPrint, unwanted: len(t.Origins) == 0, done: t.Done,
		created: t.Created, lastEntry: t.LastEntry, firstStatus: t.FirstStatus}
}

// Open reads the store and brings it in line with the settings: tickets and selections
// that came are taken up, those that went depart, and new objectives judge all history.
func Open(ctx context.Context, store Store, set Settings, now func() time.Time, log *slog.Logger) (*Recorder, error) {
	r := newRecorder(store, set, now, log)
	c, err := store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the store: %w", err)
	}
	r.load(c)
	if err := r.replay(ctx, c); err != nil {
		return nil, fmt.Errorf("load the store: %w", err)
	}
	if err := r.adopt(ctx, c); err != nil {
		return nil, err
	}
	if err := r.resume(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func newRecorder(store Store, set Settings, now func() time.Time, log *slog.Logger) *Recorder {
	return &Recorder{set: set, store: store, log: log, now: now, tally: tally.New(set.Tally),
		tickets: map[int64]*ticket{}, departed: map[int64]farewell{},
		selections: map[string]fact.Selection{}, labels: newLabels(), learned: map[string]string{},
		evidence: map[int64]status.Evidence{}, zeroAt: fact.Never, pass: newFirstPass()}
}

// Tally gives the running totals, which are never ahead of the store.
func (r *Recorder) Tally() *tally.Tally { return r.tally }

// Ready says whether the first pass over the store is over.
func (r *Recorder) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

// Owns says whether a ticket is this shard's to follow, if anything selects it.
func (r *Recorder) Owns(id int64) bool { return r.set.Shard.Owns(id) }

// Tickets gives the state of every followed ticket.
func (r *Recorder) Tickets() []poll.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make([]poll.State, 0, len(r.tickets))
	for _, t := range r.tickets {
		states = append(states, r.state(t))
	}
	return states
}

// Selected gives the begin of the last complete reading of a selection; zero: none.
func (r *Recorder) Selected(key string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.selections[key]; ok {
		return s.Complete.Time()
	}
	return time.Time{}
}

// Known tells how many entries of each group of the ticket's log are known.
func (r *Recorder) Known(ctx context.Context, id int64) (func(time.Time, string) int, error) {
	h, err := r.store.History(ctx, id)
	if err != nil {
		return nil, err
	}
	groups := make(map[group]int, len(h.Entries))
	for _, e := range h.Entries {
		groups[groupOf(e)]++
	}
	return func(at time.Time, action string) int { return groups[group{fact.At(at), cut(action)}] }, nil
}

// state derives what the schedule goes by.
func (r *Recorder) state(t *ticket) poll.State {
	s := poll.State{
		ID: t.ID, Done: t.Done,
		LookedAt: t.LookedAt.Time(), ReadAt: max(t.ReadAt, t.triedAt).Time(), FullReadAt: t.FullReadAt.Time(),
		LastEntry: t.LastEntry.Time(), ClockDue: t.clockDue.Time(),
		Changed:    t.SeenPrint != t.ReadPrint || t.missing.Known() || r.again(t),
		LabelProbe: r.probing(t),
		Since:      max(t.Created, t.Found).Time(),
	}
	if t.Done {
		s.DoneSince = t.Since.Time()
	}
	return s
}

func gone(id int64) poll.State { return poll.State{ID: id, Gone: true} }

var _ poll.Recorder = (*Recorder)(nil)

var _ poll.Source = (*apiclient.Client)(nil)
