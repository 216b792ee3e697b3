package recorder

import (
	"context"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// entriesACommit is about how many entries the histories hold that are judged anew before
// what comes of it is committed. It bounds memory, and how long a stop has to wait.
const entriesACommit = 10_000

// judgeAll judges the history of every ticket, followed or departed: at the end of the
// first pass, or when an objective has come that never has.
func (r *Recorder) judgeAll(ctx context.Context) error {
	followed, err := r.store.TicketIDs(ctx, false)
	if err != nil {
		return err
	}
	departed, err := r.store.TicketIDs(ctx, true)
	if err != nil {
		return err
	}
	return r.rejudge(ctx, append(followed, departed...))
}

// rejudge judges tickets anew from what is stored: at a start, when time has passed in
// which their clocks ran, or the rules have changed. It may stop after any commit, and be
// done again.
func (r *Recorder) rejudge(ctx context.Context, ids []int64) error {
	for len(ids) > 0 {
		r.report(len(ids))
		n, err := r.rejudgeSome(ctx, ids)
		if err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// rejudgeSome judges the first of the tickets, and gives how many these are.
func (r *Recorder) rejudgeSome(ctx context.Context, ids []int64) (n int, err error) {
	rd := &round{Recorder: r, d: r.draft()}
	for entries := 0; n < len(ids) && entries < entriesACommit; n++ {
		h, err := r.store.History(ctx, ids[n])
		if err != nil {
			rd.d.discard()
			return 0, err
		}
		entries += 1 + len(h.Entries)
		rd.judge(h)
	}
	return n, rd.commit(ctx)
}

// round is several tickets that are judged anew and committed together.
type round struct {
	*Recorder
	d    *draft
	recs []*recording
	b    fact.Batch
}

func (rd *round) judge(h fact.History) {
	t := rd.of(h)
	if t == nil { // departed
		t = follow(h.Ticket)
	}
	rec := rd.begin(t, h, rd.d)
	rec.judge(t.ReadAt)
	if !rd.ready && !rd.pass.ending {
		label := latestChange(h.Entries).To
		_, recognized := rd.statuses.Resolve(label)
		rd.pass.puzzle(t, label, recognized, false)
	}
	rd.recs = append(rd.recs, rec)
	if rec.news() {
		rd.b.Changes = append(rd.b.Changes, rec.b.Changes...)
		rd.b.Outcomes = append(rd.b.Outcomes, rec.b.Outcomes...)
		rd.b.Tickets = append(rd.b.Tickets, rec.h.Ticket)
	}
}

// news says whether judging anew has brought anything: so a start writes little, and does
// not fail where nothing can be written.
func (rec *recording) news() bool {
	now, before := &rec.h.Ticket, &rec.t.Ticket
	return len(rec.b.Changes)+len(rec.b.Outcomes) > 0 ||
		now.Status != before.Status || now.Since != before.Since || now.Done != before.Done
}

// commit makes what is new durable, and only then adds it to the totals.
func (rd *round) commit(ctx context.Context) error {
	if len(rd.b.Tickets) > 0 {
		if !rd.d.open {
			rd.d.zeros()
		}
		rd.d.batch(&rd.b)
		if err := rd.write(ctx, rd.b); err != nil {
			rd.d.discard()
			return err
		}
		rd.tally.Update(func(u *tally.Update) {
			for _, s := range rd.b.Series {
				u.Series(s)
			}
		})
	}
	for _, rec := range rd.recs {
		rec.committed()
	}
	return nil
}
