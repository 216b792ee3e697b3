// Package recorder turns what was read into what is counted: it finds what is new in a
// reading, lets the ledger judge it, makes both durable in one transaction, and only then
// adds them to the tally. It decides which tickets are followed, and from when on.
package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
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
	Stage(ctx context.Context, b fact.Batch) error
	History(ctx context.Context, ticket int64) (fact.History, error)
	Outline(ctx context.Context) (eventstore.Contents, error)
	Tickets(ctx context.Context, ids []int64) ([]fact.Ticket, error)
	TicketIDs(ctx context.Context, departed bool) ([]int64, error)
	EachTicket(ctx context.Context, f func(fact.Ticket) error) error
	EachChange(ctx context.Context, f func(fact.Change) error) error
	EachOutcome(ctx context.Context, f func(fact.Outcome) error) error
	Sums(ctx context.Context) (eventstore.Sums, error)
	KeepSums(ctx context.Context, text string) error
	Renew(ctx context.Context, cause error) error
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
// once. Those that record take turns, as the store has one writer anyway; those that only
// tell something do not wait for them.
//
// Of the far more numerous done tickets nothing is kept in memory: what is followed stands
// in the store, and the row of a done ticket is read when something happens to it.
type Recorder struct {
	set   Settings
	store Store
	tally *tally.Tally
	log   *slog.Logger
	now   func() time.Time

	progress atomic.Pointer[Progress]

	mu         sync.Mutex        // held by who records, see turn
	tickets    map[int64]*ticket // followed, but for those at rest
	histories  histories
	selections map[string]fact.Selection
	labels     *labels
	statuses   *status.Table
	understood map[string]bool   // statuses that labels are known to stand for
	learned    map[string]string // display label to status
	evidence   map[int64]status.Evidence
	rules      ledger.Rules
	lastSeq    int64
	resized    resize
	ready      bool
	loaded     bool // all that the store held is in the totals
	staged     staged
	doubtful   bool         // a commit has failed
	unsummed   int          // about how many changes and outcomes the stored sums lack
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
	// shownOnly are its views, as long as they and its row are all that is stored of it. nil:
	// there may be more.
	shownOnly *[]fact.View
}

// Open reads the store and brings it in line with the settings: tickets and selections
// that came are taken up, those that went depart, and new objectives judge all history.
func Open(ctx context.Context, store Store, set Settings, now func() time.Time, log *slog.Logger) (*Recorder, error) {
	r, err := openOnce(ctx, store, set, now, log)
	if errors.Is(err, eventstore.ErrDamaged) { // which reading it all has shown
		if err = store.Renew(ctx, err); err == nil {
			r, err = openOnce(ctx, store, set, now, log)
		}
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func openOnce(ctx context.Context, store Store, set Settings, now func() time.Time, log *slog.Logger) (*Recorder, error) {
	r := newRecorder(store, set, now, log)
	defer r.turn()()
	c, named, err := r.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the store: %w", err)
	}
	if err := r.adopt(ctx, c, named); err != nil {
		return nil, err
	}
	if err := r.resume(ctx); err != nil {
		return nil, err
	}
	r.loaded = true
	return r, nil
}

func newRecorder(store Store, set Settings, now func() time.Time, log *slog.Logger) *Recorder {
	return &Recorder{set: set, store: store, log: log, now: now, tally: tally.New(set.Tally),
		tickets: map[int64]*ticket{}, histories: histories{},
		selections: map[string]fact.Selection{}, labels: newLabels(), learned: map[string]string{},
		evidence: map[int64]status.Evidence{}, staged: staged{since: fact.Never}, zeroAt: fact.Never, pass: newFirstPass()}
}

// Tally gives the running totals, which are never ahead of the store.
func (r *Recorder) Tally() *tally.Tally { return r.tally }

// Owns says whether a ticket is this shard's to follow, if anything selects it.
func (r *Recorder) Owns(id int64) bool { return r.set.Shard.Owns(id) }

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
	r.mu.Lock()
	defer r.mu.Unlock()
	h, err := r.history(ctx, id)
	if err != nil {
		return nil, err
	}
	r.histories.keep(id, h)
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
