package eventstore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"socialboards_exporter/internal/fact"
)

const (
	ticketColumns = `id, found, until, departed, origins, skipped, inherited, created, list_status, first_status, assignee, source, category, tags,
		looked_at, seen_at, read_at, full_read_at, last_entry, seen_print, read_print, status, since, done`
	entryColumns   = `ticket, time, action, ordinal, seq, user_type, user, from_label, to_label, result, series`
	changeColumns  = `ticket, seq, time, from_status, to_status, duration, decides, counted, inconsistent, unrecognized`
	outcomeColumns = `ticket, objective, start, breached, breach_seq, stopped, stop_seq, duration, counted, observed`
)

// History gives all that is stored of the ticket, as of one moment. When nothing is
// stored of the ticket itself, the ID of its Ticket is 0 and its instants are Never. The
// result is the caller's. Errors are *Error, or that of ctx.
func (s *Store) History(ctx context.Context, ticket int64) (h fact.History, err error) {
	err = s.reading(ctx, func(r reader) error {
		h, err = r.history(ctx, ticket)
		return err
	})
	if err != nil {
		return fact.History{}, s.fail(err, ErrRead)
	}
	return h, nil
}

func (r reader) history(ctx context.Context, ticket int64) (h fact.History, err error) {
	h.Ticket = unknownTicket()
	err = r.query(ctx, `SELECT `+ticketColumns+` FROM tickets WHERE id = ?`, func(rows *row) error {
		return r.ticket(rows, &h.Ticket)
	}, ticket)
	if err != nil {
		return h, err
	}
	if h.Entries, err = all(ctx, r, reader.entry, `SELECT `+entryColumns+` FROM entries WHERE ticket = ?`, ticket); err != nil {
		return h, err
	}
	slices.SortFunc(h.Entries, func(a, b fact.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	if h.Changes, err = all(ctx, r, reader.change, `SELECT `+changeColumns+` FROM changes WHERE ticket = ? ORDER BY seq`, ticket); err != nil {
		return h, err
	}
	if h.Outcomes, err = all(ctx, r, reader.outcome, `SELECT `+outcomeColumns+` FROM outcomes WHERE ticket = ? ORDER BY objective, start`, ticket); err != nil {
		return h, err
	}
	if h.Views, err = all(ctx, r, reader.view, `SELECT ticket, since, source, category, tags FROM views WHERE ticket = ? ORDER BY since`, ticket); err != nil {
		return h, err
	}
	h.Corrections, err = all(ctx, r, reader.correction, `SELECT ticket, time, status, seq FROM corrections WHERE ticket = ? ORDER BY time`, ticket)
	return h, err
}

func unknownTicket() fact.Ticket {
	return fact.Ticket{Found: fact.Never, Until: fact.Never, Departed: fact.Never, Created: fact.Never,
		LookedAt: fact.Never, SeenAt: fact.Never, ReadAt: fact.Never, FullReadAt: fact.Never,
		LastEntry: fact.Never, Since: fact.Never}
}

func (r reader) ticket(rows *row, t *fact.Ticket) error {
	return rows.Scan(&t.ID, instant(&t.Found), instant(&t.Until), instant(&t.Departed), r.words.list(&t.Origins), &t.Skipped, &t.Inherited,
		instant(&t.Created), r.words.text(&t.ListStatus), r.words.text(&t.FirstStatus), r.words.text(&t.Assignee), r.words.text(&t.Source), &t.Category,
		r.words.list(&t.Tags), instant(&t.LookedAt), instant(&t.SeenAt), instant(&t.ReadAt), instant(&t.FullReadAt),
		instant(&t.LastEntry), printColumn{&t.SeenPrint}, printColumn{&t.ReadPrint}, r.words.text(&t.Status),
		instant(&t.Since), &t.Done)
}

// entry does without Scan, which takes twice as long: most rows are entries.
func (r reader) entry(rows *row, e *fact.Entry) error {
	var n [11]int64
	if err := rows.numbers(n[:]); err != nil {
		return err
	}
	e.Ticket, e.Time, e.Ordinal, e.Seq, e.Series = n[0], fact.Instant(n[1]), int(n[3]), n[4], n[10]
	var errs [6]error
	e.Action, errs[0] = r.words.of(n[2])
	e.UserType, errs[1] = r.words.of(n[5])
	e.UserID, errs[2] = r.words.of(n[6])
	e.From, errs[3] = r.words.of(n[7])
	e.To, errs[4] = r.words.of(n[8])
	result, err := r.words.of(n[9])
	e.Result, errs[5] = fact.Result(result), err
	return errors.Join(errs[:]...)
}

func (r reader) change(rows *row, c *fact.Change) error {
	return rows.Scan(&c.Ticket, &c.Seq, &c.Time, r.words.text(&c.From), r.words.text(&c.To), length(&c.Duration),
		&c.Decides, &c.Counted, &c.Inconsistent, &c.Unrecognized)
}

func (r reader) outcome(rows *row, o *fact.Outcome) error {
	return rows.Scan(&o.Ticket, r.words.text(&o.Objective), &o.Start, instant(&o.Breached), &o.BreachSeq,
		instant(&o.Stopped), &o.StopSeq, length(&o.Duration), &o.Counted, &o.Observed)
}

func (r reader) view(rows *row, v *fact.View) error {
	return rows.Scan(&v.Ticket, &v.Since, r.words.text(&v.Source), &v.Category, r.words.list(&v.Tags))
}

func (r reader) correction(rows *row, c *fact.Correction) error {
	return rows.Scan(&c.Ticket, &c.Time, r.words.text(&c.Status), &c.Seq)
}
