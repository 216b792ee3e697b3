package poll

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"socialboards_exporter/internal/fact"
)

// Options are what a Poller works with. All but Logger must be set.
type Options struct {
	Source   Source
	Recorder Recorder
	Observer Observer
	Clock    Clock
	Settings Settings
	Logger   *slog.Logger // nil: nothing is logged
	Seed     uint64       // of the jitter of retries
}

// Poller asks the Source whenever the schedule says so, and hands the answers to the
// Recorder. Its methods may be called by several goroutines at once. It holds for one
// configuration: for another one, end it and begin with a new one, which goes on by what
// the Recorder knows.
type Poller struct {
	source   Source
	recorder Recorder
	observer Observer
	clock    Clock
	log      *slog.Logger
	troubles troubles

	// recording is held while something is recorded and the schedule told of it, so that
	// the schedule never takes an older state of a ticket for the latest. It is taken
	// before mu.
	recording turn
	loaded    bool

	mu       sync.Mutex
	schedule *schedule
	loading  bool    // the schedule knows no tickets yet
	early    []int64 // named by webhooks meanwhile

	woken chan struct{} // something may be due sooner than was thought
}

// New gives a Poller that has not yet asked for anything, not even its Recorder.
func New(o Options) *Poller {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Poller{
		source: o.Source, recorder: o.Recorder, observer: o.Observer, clock: o.Clock, log: o.Logger,
		recording: make(turn, 1), schedule: newSchedule(o.Settings, o.Seed), woken: make(chan struct{}, 1), loading: true,
	}
}

// turn is a lock, on a channel, so that tests by a simulated clock can see through it.
type turn chan struct{}

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

// longestNap bounds how long Run trusts a timer: timers do not notice when the machine's
// clock is set, or when the machine sleeps.
const longestNap = 10 * time.Second

// Run polls until ctx is done. It then asks for nothing more, finishes recording what was
// answered, and returns nil. It must be called once.
func (p *Poller) Run(ctx context.Context) error {
	for wait := shortestPause; p.load(ctx) != nil; wait = min(2*wait, longestPause) {
		select {
		case <-ctx.Done():
			return nil
		case <-p.clock.After(wait):
		}
	}
	var jobs sync.WaitGroup
	defer jobs.Wait()
	for ctx.Err() == nil {
		now := p.now()
		j, at := p.next(now)
		if j != nil {
			jobs.Go(func() {
				_ = p.do(ctx, j) // the observer has been told
				p.wake()
			})
			continue
		}
		_ = p.flush(ctx, false) // the observer has been told
		nap := longestNap
		if at.Known() {
			nap = max(0, min(nap, at.Sub(now).Duration()))
		}
		select {
		case <-ctx.Done():
		case <-p.woken:
		case <-p.clock.After(nap):
			_ = p.flush(ctx, true)
		}
	}
	return nil
}

// Step does one job that is due, and says whether there was one. The error says that what
// was learned could not be recorded for good. It is for programs that bring time along themselves.
func (p *Poller) Step(ctx context.Context) (bool, error) {
	if err := errors.Join(p.load(ctx), ctx.Err()); err != nil {
		return false, err
	}
	j, _ := p.next(p.now())
	if j == nil {
		return false, p.flush(ctx, false)
	}
	return true, p.do(ctx, j)
}

// NextDue tells when the next job falls due; false: nothing will, as things are.
func (p *Poller) NextDue() (time.Time, bool) {
	if p.load(context.Background()) != nil {
		return time.Time{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.schedule.nextDue(p.now())
	return at.Time(), at.Known()
}

// mostEarly is how many webhooks are remembered until the tickets are loaded.
const mostEarly = 10_000

// Notify makes a read of a ticket due, since a webhook has named it; false: the ticket is
// not followed. Reads that webhooks cause begin at least a second apart for each ticket,
// and wait where its reads have failed. Before the tickets are loaded, nobody knows which
// are followed: then the ticket is remembered.
func (p *Poller) Notify(ticket int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loading {
		if len(p.early) < mostEarly {
			p.early = append(p.early, ticket)
		}
		return true
	}
	ok := p.schedule.notify(ticket, p.now())
	if ok {
		p.wake()
	}
	return ok
}

// Seek has the selections read for what is new as soon as may be, since a webhook has
// named a ticket that is not followed; false: there are no selections. Readings that
// webhooks cause begin at least five seconds apart.
func (p *Poller) Seek() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ok := p.schedule.seek(p.now())
	if ok {
		p.wake()
	}
	return ok
}

// Notified gives the tickets that webhooks have named and no read has followed yet, for
// the Poller that comes after this one.
func (p *Poller) Notified() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(p.schedule.notified(), p.early...)
}

// load takes over the tickets from the Recorder, at first use. Scrapes do not wait for it.
func (p *Poller) load(ctx context.Context) error {
	p.recording.Lock()
	defer p.recording.Unlock()
	if p.loaded {
		return nil
	}
	err := p.recorder.Tickets(ctx, func(st State) {
		p.settle(func(s *schedule, now fact.Instant) { s.track(st, now) })
	})
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("polling cannot begin: the tickets cannot be read from the store", "err", err)
			p.observer.RecordFailed(err)
		}
		return err
	}
	p.loaded = true
	p.settle(func(s *schedule, now fact.Instant) {
		s.beginScans(now)
		for _, id := range p.early {
			if !s.notify(id, now) {
				s.seek(now)
			}
		}
		p.loading, p.early = false, nil
	})
	return nil
}

// Lag tells how overdue the most overdue look or read is; 0: none is. One that fails
// counts from when it first fell due.
func (p *Poller) Lag() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.schedule.lag(p.now())
}

// Ticket tells what is planned for a ticket; false: it is not followed.
func (p *Poller) Ticket(id int64) (Status, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.schedule.status(id, p.now())
}

// Paused gives the error for which polling has paused since nothing can be recorded;
// nil: it has not.
func (p *Poller) Paused() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.schedule.pause.err
}

func (p *Poller) now() fact.Instant { return fact.At(p.clock.Now()) }

func (p *Poller) next(now fact.Instant) (*job, fact.Instant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.schedule.next(now)
}

func (p *Poller) wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

// flush has what was recorded made durable when there is nothing to do, or when nothing
// has come of what is being done for a while.
func (p *Poller) flush(ctx context.Context, quiet bool) error {
	if ctx.Err() != nil || !p.mayFlush(quiet) {
		return nil
	}
	p.recording.Lock()
	defer p.recording.Unlock()
	err := p.recorder.Flush(ctx)
	if err != nil {
		p.settle(func(s *schedule, now fact.Instant) { s.pause.fail(nil, now, err) })
		p.log.Error("polling pauses: what was recorded cannot be made durable", "err", err)
		p.observer.RecordFailed(err)
	}
	return err
}

func (p *Poller) mayFlush(quiet bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.schedule
	return (quiet || len(s.hand) == 0) && !s.pause.blocks(p.now())
}

// do does a job, and settles it.
func (p *Poller) do(ctx context.Context, j *job) error {
	switch {
	case j.read != nil:
		return p.read(ctx, j)
	case j.scan != nil:
		return p.page(ctx, j)
	default:
		return p.look(ctx, j)
	}
}

// settle tells the schedule what came of a job.
func (p *Poller) settle(f func(s *schedule, now fact.Instant)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	paused := p.schedule.pause.err != nil
	f(p.schedule, p.now())
	if paused && p.schedule.pause.err == nil {
		p.log.Info("polling goes on: recording works again")
	}
}

// unrecorded settles a job the outcome of which could not be recorded. What was read is
// thrown away: it will be read again.
func (p *Poller) unrecorded(j *job, err error) error {
	p.settle(func(s *schedule, now fact.Instant) {
		s.unrecorded(j, now, err)
	})
	p.log.Error("polling pauses: what was read cannot be recorded", "err", err)
	p.observer.RecordFailed(err)
	return err
}

// abandoned says whether a job failed because polling ends, and then puts it back.
func (p *Poller) abandoned(ctx context.Context, j *job) bool {
	if ctx.Err() == nil {
		return false
	}
	p.settle(func(s *schedule, now fact.Instant) { s.putBack(j, now) })
	return true
}
