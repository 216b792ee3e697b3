package recorder

import (
	"context"
	"fmt"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
)

// firstPass is the time until a store is ready for the first time: until each ticket
// selected at its first start has been read once. It goes on across restarts.
type firstPass struct {
	waiting map[int64]struct{} // tickets that readiness waits for
	closed  bool               // all selections were read: tickets that come later are not waited for
	ending  bool               // everything is read: what it means is being counted
	over    bool               // the store is ready
	lastOK  fact.Instant       // when any answer was last recorded

	probing map[int64]string // tickets that may settle a label no table knows, and that label
	probes  map[string]int   // how many tickets were tried, by label
	settled map[string]bool  // labels that were settled, or cannot be
}

func newFirstPass() firstPass {
	return firstPass{waiting: map[int64]struct{}{}, lastOK: fact.Never,
		probing: map[int64]string{}, probes: map[string]int{}, settled: map[string]bool{}}
}

// await makes readiness wait for a ticket that is to be read, also if its log has shown
// nothing readable yet.
func (p *firstPass) await(t *ticket) {
	if read := t.ReadAt.Known() && t.LastEntry.Known(); !p.closed && !read && !t.Skipped {
		p.waiting[t.ID] = struct{}{}
	}
}

// A ticket that itself cannot be read does not hold readiness back for ever: it is
// skipped when its own answer was the same so many times in a row, over so long a time,
// while others were answered.
const (
	skipAfter = 3
	skipOver  = time.Minute
)

// ownFailures counts the failures in a row that are a ticket's own.
type ownFailures struct {
	count int
	since fact.Instant
}

func (f *ownFailures) fail(at fact.Instant) {
	if f.count == 0 {
		f.since = at
	}
	f.count++
}

// read takes note of a complete reading: without a readable entry it is a failure, too.
func (f *ownFailures) read(entries int, at fact.Instant) {
	if entries > 0 {
		*f = ownFailures{}
		return
	}
	f.fail(at)
}

// final says whether the ticket is to be skipped.
func (f *ownFailures) final(now, lastOK fact.Instant) bool {
	return f.count >= skipAfter && now.Sub(f.since) >= fact.TicksOf(skipOver) && lastOK >= f.since
}

// again says whether readiness waits for another try.
func (r *Recorder) again(t *ticket) bool {
	_, waitedFor := r.pass.waiting[t.ID]
	return waitedFor && (t.failures.count > 0 || t.ReadAt.Known())
}

// ReadFailed records that a ticket's own answer was a failure. Once the store is ready
// a ticket that is not found departs at once; before, it has to be so again and again.
func (r *Recorder) ReadFailed(ctx context.Context, id int64, begun time.Time, kind apiclient.Kind) (poll.State, error) {
	defer r.turn()()
	t, err := r.find(context.WithoutCancel(ctx), id)
	if err != nil {
		return poll.State{}, err
	}
	if t == nil {
		return gone(id), nil
	}
	t.failures.fail(fact.At(begun))
	r.remember(t)
	_, waitedFor := r.pass.waiting[id]
	final := t.failures.final(fact.At(r.now()), r.pass.lastOK)
	switch {
	case kind == apiclient.NotFound && (final || !waitedFor):
		return gone(id), r.leave(ctx, t)
	case final && waitedFor:
		return r.state(t), r.skip(ctx, t)
	}
	return r.state(t), nil
}

// skip lets readiness come without the ticket.
func (r *Recorder) skip(ctx context.Context, t *ticket) error {
	row := t.Ticket
	row.Skipped = true
	if err := r.write(context.WithoutCancel(ctx), fact.Batch{Tickets: []fact.Ticket{row}}); err != nil {
		return err
	}
	t.Ticket = row
	delete(r.pass.waiting, t.ID)
	r.log.Warn("a ticket cannot be read and is skipped; what it shows later counts from readiness on", "ticket", t.ID)
	return r.settle(ctx)
}

// settle ends the first pass when nothing is waited for any more. That takes a while, and is
// cut short when ctx ends: the next start ends the first pass then.
func (r *Recorder) settle(ctx context.Context) error {
	if r.ready || r.pass.ending {
		return nil
	}
	for _, key := range r.set.Selections {
		if !r.selections[key].Complete.Known() {
			return nil
		}
	}
	r.pass.closed = true
	if len(r.pass.waiting)+len(r.pass.probing) > 0 {
		return nil
	}
	r.pass.ending = true
	defer func() { r.pass.ending = false }()
	if err := r.endFirstPass(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("end the first pass: %w", err)
	}
	return nil
}

// endFirstPass counts what the whole history means, and declares the store ready. When it
// is cut short, it is done again: what was counted then is known, and stays.
func (r *Recorder) endFirstPass(ctx context.Context) error {
	if err := r.judgeAll(ctx); err != nil {
		return err
	}
	now := fact.At(r.now())
	b := fact.Batch{Meta: map[string]string{metaReady: text(now)}, Objectives: r.newObjectives}
	for _, t := range r.tickets {
		if t.Skipped && !t.Found.Known() {
			row := t.Ticket
			row.Found = now
			b.Tickets = append(b.Tickets, row)
		}
	}
	if err := r.open(ctx, b); err != nil {
		return err
	}
	for _, row := range b.Tickets {
		r.tickets[row.ID].Found = now
	}
	r.ready, r.pass.over = true, true
	r.log.Info("first pass is over")
	return nil
}

// open publishes the totals, with the series that are known beforehand to come. b goes
// to the store with them.
func (r *Recorder) open(ctx context.Context, b fact.Batch) error {
	d := r.draft()
	r.knownSeries(d)
	d.zeros()
	d.batch(&b)
	r.noteStart(&b)
	if err := r.write(ctx, b); err != nil {
		d.discard()
		return err
	}
	r.passStarts(b.Meta)
	r.tally.Update(func(u *tally.Update) {
		for _, s := range b.Series {
			u.Series(s)
		}
		u.Ready(true)
	})
	return nil
}

// knownSeries adds the series whose labels are known beforehand, so that the first event
// of each shows as an increase.
func (r *Recorder) knownSeries(d *draft) {
	known := r.statuses.Known()
	for _, from := range known {
		for _, to := range known {
			if from != to {
				d.need(fact.Changes, [3]string{from, to}, d.now)
				d.need(fact.Durations, [3]string{from, to}, d.now)
			}
		}
	}
	for _, o := range r.set.Objectives {
		for _, kind := range []fact.Kind{fact.Clocks, fact.Breaches, fact.SLADurations} {
			d.need(kind, [3]string{o.Name}, d.now)
		}
	}
}
