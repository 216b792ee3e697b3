package recorder

import (
	"context"
	"slices"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
)

// Read records a complete reading. In one transaction go the new entries, what they are
// counted as, and how far the ticket has been read.
func (r *Recorder) Read(ctx context.Context, id int64, reading apiclient.Reading) (poll.State, bool, error) {
	defer r.turn()()
	h, err := r.history(context.WithoutCancel(ctx), id)
	if err != nil {
		return poll.State{}, false, err
	}
	t := r.of(h)
	if t == nil {
		return gone(id), false, nil
	}
	c := compare(h.Entries, r.shown(id, reading, t.Until), covered(reading))
	if c.rewritten {
		return r.readButRewritten(ctx, t, reading)
	}
	rec := r.begin(t, h, r.draft())
	rec.take(reading, c)
	rec.judge(fact.At(reading.Begun))
	rec.hear(fact.At(reading.Begun))
	if err := rec.commit(context.WithoutCancel(ctx)); err != nil {
		return poll.State{}, false, err
	}
	if t.Until.Known() && fact.At(reading.Begun) > t.Until {
		return gone(id), false, r.handedOver(ctx, t)
	}
	return r.state(t), false, r.afterRead(ctx, t)
}

// afterRead ends the first pass if this was what it waited for.
func (r *Recorder) afterRead(ctx context.Context, t *ticket) error {
	if _, waitedFor := r.pass.waiting[t.ID]; waitedFor && t.failures.final(fact.At(r.now()), r.pass.lastOK) {
		return r.skip(ctx, t)
	}
	return r.settle(ctx)
}

func covered(reading apiclient.Reading) fact.Instant {
	if reading.ReachedEnd {
		return fact.Never
	}
	return fact.At(reading.Covered)
}

// readButRewritten remembers only that there is nothing to learn from the log for now. It
// is not stored: what is known of the ticket does not reach further than before.
func (r *Recorder) readButRewritten(ctx context.Context, t *ticket, reading apiclient.Reading) (poll.State, bool, error) {
	begun := fact.At(reading.Begun)
	t.triedAt = begun
	if t.printSince <= begun {
		t.ReadPrint = t.SeenPrint
	}
	if t.missing < begun {
		t.missing = fact.Never
	}
	delete(r.pass.waiting, t.ID)
	r.remember(t)
	return r.state(t), true, r.settle(ctx)
}

// readRow is the ticket's row after a reading, apart from what the entries say.
func (r *Recorder) readRow(t *ticket, reading apiclient.Reading) fact.Ticket {
	row := t.Ticket
	begun := fact.At(reading.Begun)
	row.ReadAt = begun
	if reading.ReachedEnd {
		row.FullReadAt = begun
	}
	row.Skipped = row.Skipped && (r.ready || len(reading.Entries) == 0)
	if t.printSince <= begun {
		row.ReadPrint = row.SeenPrint
	}
	return row
}

func (r *Recorder) wasRead(t *ticket, row fact.Ticket, reading apiclient.Reading) {
	t.Ticket = row
	if t.missing < fact.At(reading.Begun) {
		t.missing = fact.Never
	}
	t.failures.read(len(reading.Entries), fact.At(reading.Begun))
	if t.failures.count == 0 {
		delete(r.pass.waiting, t.ID)
	}
	r.pass.lastOK = max(r.pass.lastOK, fact.At(reading.Begun))
}

// recording is one reading on its way to the store.
type recording struct {
	*Recorder
	t      *ticket
	h      fact.History // as it will be
	d      *draft
	b      fact.Batch
	counts map[int64]uint64 // newly counted entries by series
	j      ledger.Judgement
	seq    int64 // the last that will have arrived
	before map[outcomeKey]fact.Outcome
	after  []func() // what to remember once it is committed
}

type outcomeKey struct {
	objective string
	start     fact.Instant
}

func (r *Recorder) begin(t *ticket, h fact.History, d *draft) *recording {
	h.Ticket = t.Ticket
	rec := &recording{Recorder: r, t: t, h: h, d: d, counts: map[int64]uint64{}, seq: r.lastSeq,
		before: make(map[outcomeKey]fact.Outcome, len(h.Outcomes))}
	for _, o := range h.Outcomes {
		rec.before[outcomeKey{o.Objective, o.Start}] = o
	}
	return rec
}

// take adds what is fresh in a reading.
func (rec *recording) take(reading apiclient.Reading, c comparison) {
	rec.names(rec.d, reading)
	newest := fact.Never
	for _, e := range rec.h.Entries {
		newest = max(newest, e.Time)
	}
	rec.b.Counts = map[string]uint64{}
	if c.known > 0 {
		rec.b.Counts[string(tally.Known)] = uint64(c.known)
	}
	row := rec.readRow(rec.t, reading)
	rec.b.Entries = slices.Grow(rec.b.Entries, len(c.fresh))
	for _, e := range c.fresh {
		rec.seq++
		e.Seq = rec.seq
		e.Result = result(e, rec.t.Found, newest)
		if e.Result != fact.Backlog {
			e.Series = rec.d.event(e)
			rec.counts[e.Series]++
		}
		rec.b.Counts[string(e.Result)]++
		rec.b.Entries = append(rec.b.Entries, e)
		if e.Action != fact.TicketRead {
			row.LastEntry = max(row.LastEntry, e.Time)
		}
	}
	rec.h.Entries = append(rec.h.Entries, rec.b.Entries...)
	rec.h.Ticket = row
	rec.after = append(rec.after, func() { rec.wasRead(rec.t, rec.h.Ticket, reading) })
}

// result says how an entry is taken that was not known before.
func result(e fact.Entry, found, newest fact.Instant) fact.Result {
	switch {
	case e.Time < found:
		return fact.Backlog
	case e.Time < newest:
		return fact.Late
	default:
		return fact.New
	}
}

// commit makes the recording durable, and only then adds it to the totals.
func (rec *recording) commit(ctx context.Context) error {
	if !rec.d.open {
		rec.d.zeros()
	}
	rec.d.batch(&rec.b)
	rec.b.Tickets = append(rec.b.Tickets, rec.h.Ticket)
	if err := rec.write(ctx, rec.b); err != nil {
		rec.d.discard()
		return err
	}
	rec.committed()
	return nil
}

// committed takes over what is durable now, and shows it.
func (rec *recording) committed() {
	rec.lastSeq = rec.seq
	rec.t.shownOnly = nil
	for _, f := range rec.after {
		f()
	}
	rec.publish(rec.t, rec)
	rec.remember(rec.t)
}
