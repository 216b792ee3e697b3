package recorder

import "context"

// mostUnsummed is how many changes and outcomes a start may have to add to the stored sums,
// give or take a batch: adding them takes some milliseconds, as does storing sums anew.
const mostUnsummed = 1000

// KeepSums spares the next start most of what it has to read. It is not needed for anything
// else, and comes by itself now and then.
func (r *Recorder) KeepSums(ctx context.Context) error {
	defer r.turn()()
	return r.keepSums(ctx)
}

// keepSums stores what all changes and outcomes come to. Where a commit has failed nobody
// knows for certain what came to be durable: the store goes on by what it has noted since
// the last sums. In the first pass nothing is summed up yet, and to note it all would cost
// more than to add it up.
func (r *Recorder) keepSums(ctx context.Context) error {
	if r.doubtful || !r.loaded || !r.ready {
		return nil
	}
	sums, err := r.tally.Sums()
	if err != nil {
		return err
	}
	r.unsummed = 0
	return r.store.KeepSums(ctx, string(sums))
}

// sumUp stores the sums anew when they lack much. If that fails it is done later: what they
// lack is noted either way.
func (r *Recorder) sumUp() {
	if r.unsummed < mostUnsummed {
		return
	}
	if err := r.keepSums(context.Background()); err != nil {
		r.log.Debug("the sums of what was counted are not stored", "err", err)
	}
}
