package recorder

import (
	"context"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// In the first pass nothing is shown of what was counted, and what a power cut takes away
// is read again. So commits need not wait for the disk there, which is what takes longest
// in them. But the exporter's own stored counters are shown all the time, and must not fall
// either: they are shown once the disk has them. From the moment when everything is read
// every commit waits, so that nothing is declared ready that is not durable.

// How far the disk may lag behind. What a power cut takes away has to be read again, and
// SQLite's log grows meanwhile.
const (
	longestLag = time.Second
	mostLag    = 200 // batches
)

// unsynced is what was committed and may not be on the disk yet.
type unsynced struct {
	since   fact.Instant // the disk has all that was committed until then; Never: by another recorder
	batches int
	counts  map[string]uint64 // of these batches
}

// mayLag says whether the next commit need not wait for the disk.
func (r *Recorder) mayLag() bool {
	u, now := r.unsynced, fact.At(r.now())
	return !r.ready && !r.pass.ending && u.batches < mostLag &&
		u.since.Known() && u.since <= now && now.Sub(u.since) < fact.TicksOf(longestLag)
}

// write commits b, durably where it has to be. Every batch that changes something of a
// ticket holds its row.
func (r *Recorder) write(ctx context.Context, b fact.Batch) error {
	for _, t := range b.Tickets {
		delete(r.histories, t.ID)
	}
	if r.mayLag() {
		r.unsynced.batches++
		return r.noted(r.store.CommitUnsynced(ctx, b))
	}
	return r.writeThrough(ctx, b)
}

// writeThrough commits b durably, and so all that was committed before.
func (r *Recorder) writeThrough(ctx context.Context, b fact.Batch) error {
	if err := r.noted(r.store.Commit(ctx, b)); err != nil {
		return err
	}
	counts := r.unsynced.counts
	r.unsynced = unsynced{since: fact.At(r.now())}
	if len(counts) > 0 {
		r.tally.Update(func(u *tally.Update) { addCounts(u, counts) })
	}
	return nil
}

// Flush makes durable, and shows, what the disk may not have yet.
func (r *Recorder) Flush(ctx context.Context) error {
	defer r.turn()()
	if r.unsynced.batches == 0 {
		return nil
	}
	return r.writeThrough(context.WithoutCancel(ctx), fact.Batch{})
}

func (r *Recorder) noted(err error) error {
	r.doubtful = r.doubtful || err != nil
	return err
}

// count shows stored counters that the last commit has added to, once they are durable.
func (r *Recorder) count(u *tally.Update, counts map[string]uint64) {
	if r.unsynced.batches == 0 {
		addCounts(u, counts)
		return
	}
	if r.unsynced.counts == nil {
		r.unsynced.counts = map[string]uint64{}
	}
	for name, n := range counts {
		r.unsynced.counts[name] += n
	}
}
