package poll

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/clock"
)

// start is a time in the middle of everything.
var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// defaults are the settings that users begin with.
func defaults(selections ...Selection) Settings {
	return Settings{
		Interval: 30 * time.Second, MaxInterval: 15 * time.Minute, ReadMaxInterval: 6 * time.Hour,
		DoneMaxInterval: 24 * time.Hour, DoneFor: 90 * 24 * time.Hour,
		RequestRate: 5, Concurrency: 4, Selections: selections,
	}
}

// thing is a ticket of the world, and what the recorder of the world knows of it.
type thing struct {
	id        int64
	created   time.Time
	status    string
	done      bool
	doneSince time.Time
	entries   []time.Time // rising; may lie in the future
	clockDue  time.Time
	probe     bool // a label of it is unknown
	skewed    time.Duration
	restless  bool // shows something new whenever it is looked at

	followed                               bool
	lookedAt, readAt, fullReadAt, lastSeen time.Time
	seen, read                             int // entries that the list showed, and that were read
	missing                                bool
}

// happened gives how many entries there are at a time.
func (t *thing) happened(now time.Time) int {
	n := 0
	for n < len(t.entries) && !t.entries[n].After(now) {
		n++
	}
	return n
}

func (t *thing) activity(now time.Time) time.Time {
	if n := t.happened(now); n > 0 {
		return t.entries[n-1]
	}
	return t.created
}

// reading is a log that was read, or a look.
type reading struct {
	id      int64
	trigger Trigger
	begun   time.Time
	toEnd   bool
	lists   int
}

// world is a Socialboards, a Recorder and an Observer in one, by a clock that only the
// requests move: each takes the time cost.
type world struct {
	mu         sync.Mutex
	clock      *clock.Fake
	cost       time.Duration
	things     map[int64]*thing
	unreadable int // how often the tickets cannot be told

	pages      int // of a log
	logFails   func(id int64) error
	listFails  func(q apiclient.ListQuery) error
	ignoresIDs bool
	listed     func(q apiclient.ListQuery) []apiclient.Ticket // instead of what a list shows
	recordings error
	onRead     func(t *thing)
	onLook     func(t *thing)

	order      []*thing // as lists show them
	orderUntil time.Time

	lists, looks, logs int
	looksOf            map[int64]int
	asked              []reading // logs asked for, by begin
	reads              []reading // logs recorded
	failures           []string
	recordFailures     int
	flushes            int
	flushFails         error
	onFlush            func()
	unasked            int // tickets in the answers to looks that these were not about
	selectionsRead     int
	expired            []int64
	rewritten          bool
	toEnd              map[int64]bool
}

func newWorld() *world {
	return &world{clock: clock.NewFake(start), things: map[int64]*thing{}, looksOf: map[int64]int{}, toEnd: map[int64]bool{}}
}

// add adds a ticket, created at the first of its entries, or else at start.
func (w *world) add(id int64, entries ...time.Time) *thing {
	t := &thing{id: id, created: start, status: "open", entries: entries, followed: true}
	if len(entries) > 0 {
		t.created = entries[0]
	}
	w.things[id] = t
	return t
}

// settled is a ticket the past entries of which were all looked at and read just now.
func (w *world) settled(id int64, entries ...time.Time) *thing {
	t := w.add(id, entries...)
	now := w.clock.Now()
	t.lookedAt, t.readAt, t.fullReadAt = now, now, now
	t.seen = t.happened(now)
	t.read, t.lastSeen = t.seen, t.activity(now)
	return t
}

func (w *world) poller(set Settings) *Poller {
	return New(Options{Source: w, Recorder: w, Observer: watcher{w}, Clock: w.clock, Settings: set, Seed: 7})
}

// run lets the poller work until a time.
func (w *world) run(t *testing.T, p *Poller, until time.Time) {
	t.Helper()
	for steps := 0; w.clock.Now().Before(until); steps++ {
		if steps == 5_000_000 {
			require.Fail(t, "the poller hammers")
		}
		did, err := p.Step(t.Context())
		if err != nil && w.recordings == nil && w.flushFails == nil {
			require.NoError(t, err)
		}
		if did {
			continue
		}
		at, ok := p.NextDue()
		if !ok || at.After(until) {
			at = until
		}
		if !at.After(w.clock.Now()) {
			require.Fail(t, "nothing was done, though something is due")
		}
		w.clock.Set(at)
	}
}

func (w *world) List(_ context.Context, q apiclient.ListQuery) ([]apiclient.Ticket, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock.Advance(w.cost)
	w.lists++
	if len(q.TicketIDs) > 0 {
		w.looks++
		for _, id := range q.TicketIDs {
			w.looksOf[id]++
		}
	}
	if w.listFails != nil {
		if err := w.listFails(q); err != nil {
			return nil, err
		}
	}
	if w.listed != nil && len(q.TicketIDs) == 0 {
		return w.listed(q), nil
	}
	return w.show(q), nil
}

func (w *world) show(q apiclient.ListQuery) []apiclient.Ticket {
	now := w.clock.Now()
	page := make([]apiclient.Ticket, 0, apiclient.PageSize)
	if len(q.TicketIDs) > 0 && !w.ignoresIDs {
		for _, id := range q.TicketIDs {
			if t := w.things[id]; t != nil {
				page = append(page, t.shown(now))
			}
		}
		return page
	}
	if !now.Before(w.orderUntil) {
		w.sort(now)
	}
	skip := min(q.Skip, len(w.order))
	for _, t := range w.order[skip:min(skip+q.Take, len(w.order))] {
		page = append(page, t.shown(now))
	}
	return page
}

func (t *thing) shown(now time.Time) apiclient.Ticket {
	n, activity := t.happened(now), t.created
	if n > 0 {
		activity = t.entries[n-1]
	}
	return apiclient.Ticket{ID: t.id, Status: t.status, Created: t.created, ReplyCount: n, LastActivity: activity}
}

// sort orders the list by newest activity, until something happens that changes it.
func (w *world) sort(now time.Time) {
	w.order, w.orderUntil = w.order[:0], now.Add(1000*hour)
	at := map[*thing]time.Time{}
	for _, t := range w.things {
		if t.created.After(now) {
			if t.created.Before(w.orderUntil) {
				w.orderUntil = t.created
			}
			continue
		}
		w.order = append(w.order, t)
		at[t] = t.activity(now)
		if n := t.happened(now); n < len(t.entries) && t.entries[n].Before(w.orderUntil) {
			w.orderUntil = t.entries[n]
		}
	}
	slices.SortFunc(w.order, func(a, b *thing) int {
		return cmp.Or(at[b].Compare(at[a]), cmp.Compare(a.id, b.id))
	})
}

func (w *world) ReadLog(_ context.Context, id int64, q apiclient.LogQuery) (apiclient.Reading, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	begun := w.clock.Now()
	w.clock.Advance(w.cost)
	w.logs++
	w.asked = append(w.asked, reading{id: id, begun: begun, toEnd: q.ToEnd})
	if w.logFails != nil {
		if err := w.logFails(id); err != nil {
			return apiclient.Reading{}, err
		}
	}
	w.toEnd[id] = q.ToEnd
	return apiclient.Reading{Begun: begun, ReachedEnd: q.ToEnd, Requests: max(1, w.pages)}, nil
}

func (w *world) state(t *thing) State {
	return State{ID: t.id, Done: t.done, DoneSince: t.doneSince, LookedAt: t.lookedAt, ReadAt: t.readAt,
		FullReadAt: t.fullReadAt, LastEntry: t.lastSeen, Since: t.created, Changed: t.restless || t.missing || t.seen != t.read,
		ClockDue: t.clockDue, LabelProbe: t.probe, Gone: !t.followed}
}

var errUnreadable = errors.New("unreadable")

func (w *world) Tickets(_ context.Context, take func(State)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unreadable > 0 {
		w.unreadable--
		return errUnreadable
	}
	for _, id := range slices.Sorted(maps.Keys(w.things)) {
		if t := w.things[id]; t.followed {
			take(w.state(t))
		}
	}
	return nil
}

func (w *world) Known(context.Context, int64) (func(time.Time, string) int, error) {
	return nil, w.recordings
}

func (w *world) Looked(_ context.Context, begun time.Time, asked []int64, found []apiclient.Ticket) ([]State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.recordings != nil {
		return nil, w.recordings
	}
	states := make([]State, 0, len(asked))
	w.unasked += len(slices.DeleteFunc(slices.Clone(found), func(f apiclient.Ticket) bool { return slices.Contains(asked, f.ID) }))
	for _, id := range asked {
		t := w.things[id]
		t.lookedAt, t.missing = begun, true
		if i := slices.IndexFunc(found, func(f apiclient.Ticket) bool { return f.ID == id }); i >= 0 {
			t.seen, t.missing = found[i].ReplyCount, false
		}
		if w.onLook != nil {
			w.onLook(t)
		}
		states = append(states, w.state(t))
	}
	return states, nil
}

func (w *world) Discovered(_ context.Context, _ string, _ time.Time, page []apiclient.Ticket) ([]State, int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.recordings != nil {
		return nil, 0, w.recordings
	}
	states := make([]State, 0, len(page))
	fresh := 0
	for _, f := range page {
		t := w.things[f.ID]
		if !t.followed || t.seen != f.ReplyCount {
			fresh++
		}
		t.followed, t.seen = true, f.ReplyCount
		states = append(states, w.state(t))
	}
	return states, fresh, nil
}

func (w *world) SelectionRead(context.Context, string, time.Time) error {
	w.selectionsRead++
	return w.recordings
}

func (w *world) Read(_ context.Context, id int64, r apiclient.Reading) (State, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.recordings != nil {
		return State{}, false, w.recordings
	}
	t := w.things[id]
	t.readAt, t.missing = r.Begun, false
	if r.ReachedEnd {
		t.fullReadAt = r.Begun
	}
	t.read = t.happened(r.Begun)
	t.seen = t.read
	t.lastSeen = time.Time{}
	if t.read > 0 {
		t.lastSeen = t.entries[t.read-1].Add(t.skewed)
	}
	if w.onRead != nil {
		w.onRead(t)
	}
	return w.state(t), w.rewritten, nil
}

func (w *world) ReadFailed(_ context.Context, id int64, _ time.Time, kind apiclient.Kind) (State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.things[id]
	t.followed = kind != apiclient.NotFound
	return w.state(t), w.recordings
}

func (w *world) Expired(_ context.Context, id int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.things[id].followed = false
	w.expired = append(w.expired, id)
	return nil
}

// unread counts the followed tickets of which no reading was recorded.
func (w *world) unread() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.things {
		if t.followed && t.readAt.IsZero() {
			n++
		}
	}
	return n
}

func (w *world) Flush(context.Context) error {
	if w.onFlush != nil {
		w.onFlush()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushes++
	return w.flushFails
}

// recorded gives the reads so far.
func (w *world) recorded() []reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.reads)
}

func (w *world) lookRequests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.looks
}

// watcher is the world as an Observer.
type watcher struct{ *world }

func (w watcher) ReadDone(id int64, trigger Trigger, begun time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads = append(w.reads, reading{id: id, trigger: trigger, begun: begun, toEnd: w.toEnd[id], lists: w.lists})
}

func (w watcher) ReadFailed(_ int64, reason string, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, reason)
}

func (w watcher) LookDone([]int64, time.Time) {}

func (w watcher) RecordFailed(error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recordFailures++
}

var errDisk = errors.New("disk full")

func serverError() error {
	return &apiclient.Error{Kind: apiclient.ServerError, Endpoint: apiclient.LogEndpoint, Status: 500}
}
