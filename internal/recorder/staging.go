package recorder

import (
	"context"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// In the first pass nothing is shown of what was counted, and what is lost is read again. So
// readings are staged there, and many of them made durable at once: to wait for the disk is
// what takes longest in a commit. But the exporter's own stored counters are shown all the
// time, and must not fall either: they are shown once they are durable. From the moment
// when everything is read nothing is staged any more, so that nothing is declared ready that
// is not durable.

// How far the disk may lag behind: what a kill or a power cut takes away is read again.
const (
	longestLag = time.Second
	mostStaged = 20_000 // rows, about: they are kept in memory
)

// staged is what was recorded and is not durable yet.
type staged struct {
	since  fact.Instant // all is durable that was recorded until then; Never: by another recorder
	rows   int
	counts map[string]uint64 // that go with these rows
}

// mayStage says whether the next batch need not be durable at once.
func (r *Recorder) mayStage() bool {
	s, now := r.staged, fact.At(r.now())
	return !r.ready && !r.pass.ending && s.rows < mostStaged &&
		s.since.Known() && s.since <= now && now.Sub(s.since) < fact.TicksOf(longestLag)
}

// write stores b, durably where it has to be. Every batch that changes something of a
// ticket holds its row.
func (r *Recorder) write(ctx context.Context, b fact.Batch) error {
	for _, t := range b.Tickets {
		delete(r.histories, t.ID)
	}
	r.unsummed += len(b.Changes) + len(b.Outcomes)
	if r.mayStage() {
		r.staged.rows += 1 + len(b.Entries) + len(b.Tickets)
		return r.noted(r.store.Stage(ctx, b))
	}
	return r.writeThrough(ctx, b)
}

// writeThrough commits b, and all that is staged.
func (r *Recorder) writeThrough(ctx context.Context, b fact.Batch) error {
	if err := r.noted(r.store.Commit(ctx, b)); err != nil {
		return err
	}
	counts := r.staged.counts
	r.staged = staged{since: fact.At(r.now())}
	if len(counts) > 0 {
		r.tally.Update(func(u *tally.Update) { addCounts(u, counts) })
	}
	return nil
}

// Flush makes durable, and shows, what is staged.
func (r *Recorder) Flush(ctx context.Context) error {
	defer r.turn()()
	if r.staged.rows == 0 {
		return nil
	}
	return r.writeThrough(context.WithoutCancel(ctx), fact.Batch{})
}

func (r *Recorder) noted(err error) error {
	r.doubtful = r.doubtful || err != nil
	return err
}

// count shows stored counters that the last batch has added to, once they are durable.
func (r *Recorder) count(u *tally.Update, counts map[string]uint64) {
	if r.staged.rows == 0 {
		addCounts(u, counts)
		return
	}
	if r.staged.counts == nil {
		r.staged.counts = map[string]uint64{}
	}
	for name, n := range counts {
		r.staged.counts[name] += n
	}
}
