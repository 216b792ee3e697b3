package eventstore

import (
	"context"
	"fmt"

	"socialboards_exporter/internal/fact"
)

// Commit adds b, and all that is staged, in one transaction, durably: after an error nothing of it is stored, and
// it may be tried again. The records of b are idempotent by their keys; Counts are not,
// so a batch that was committed must not be committed again.
//
// Entries are known by ticket, time, action and ordinal, changes by ticket and seq, views
// by ticket and since, corrections by ticket and time, labels by their label: of these, a
// second one with the same key is ignored. Outcomes, known by ticket, objective and
// start, tickets, users, series, selections and objectives replace what has their key.
//
// Errors are *Error: of kind ErrWrite, where trying again later can help; ErrGone and
// ErrDamaged, where only a restart does; ErrRefused, where b itself is wrong. If ctx
// ends first, its error is returned, and nothing is stored either.
func (s *Store) Commit(ctx context.Context, b fact.Batch) error {
	return s.add(ctx, b, s.finish)
}

// vet refuses to store the identity of a customer, whatever let it come this far.
func vet(b fact.Batch) error {
	known := func(userType string) bool { return userType == fact.Team || userType == fact.Bot }
	for _, e := range b.Entries {
		if e.UserID != "" && !known(e.UserType) {
			return &Error{Kind: ErrRefused, Err: fmt.Errorf("an entry of ticket %d names a user of type %q", e.Ticket, e.UserType)}
		}
	}
	for _, u := range b.Users {
		if !known(u.Type) {
			return &Error{Kind: ErrRefused, Err: fmt.Errorf("a user has type %q", u.Type)}
		}
	}
	return nil
}

// writer writes one batch inside a transaction.
type writer struct {
	db    *database
	words *words
}

// batch writes everything. Series come first, as entries are added to their totals.
func (w writer) batch(ctx context.Context, b fact.Batch) error {
	steps := []func() error{
		func() error { return each(ctx, w, b.Series, writer.series) },
		func() error { return w.entries(ctx, b.Entries) },
		func() error { return w.lastSeq(ctx, b) },
		func() error { return each(ctx, w, b.Changes, writer.change) },
		func() error { return each(ctx, w, b.Outcomes, writer.outcome) },
		func() error { return each(ctx, w, b.Tickets, writer.ticket) },
		func() error { return each(ctx, w, b.Views, writer.view) },
		func() error { return each(ctx, w, b.Corrections, writer.correction) },
		func() error { return each(ctx, w, b.Labels, writer.label) },
		func() error { return each(ctx, w, b.Users, writer.user) },
		func() error { return each(ctx, w, b.Selections, writer.selection) },
		func() error { return each(ctx, w, b.Objectives, writer.objective) },
		func() error { return w.counts(ctx, b.Counts) },
		func() error { return w.meta(ctx, b.Meta) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// each writes the records one after the other until one fails or ctx ends.
func each[T any](ctx context.Context, w writer, records []T, write func(writer, context.Context, T) error) error {
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := write(w, ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement whose texts, given as word values, become their numbers. It is
// not interrupted by ctx, which would cost a goroutine for each row; each looks at ctx.
func (w writer) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	for i, arg := range args {
		text, ok := arg.(wordValue)
		if !ok {
			continue
		}
		id, err := w.words.id(ctx, w.db, string(text))
		if err != nil {
			return 0, err
		}
		args[i] = id
	}
	return w.db.exec(ctx, query, args...)
}

func (w writer) do(ctx context.Context, query string, args ...any) error {
	_, err := w.exec(ctx, query, args...)
	return err
}

// wordValue is a text that is stored as its number in strings.
type wordValue string

// lastSeq keeps the greatest number that was given out, so that a start need not look for it.
func (w writer) lastSeq(ctx context.Context, b fact.Batch) error {
	var last int64
	for _, e := range b.Entries {
		last = max(last, e.Seq)
	}
	for _, c := range b.Corrections {
		last = max(last, c.Seq)
	}
	if last == 0 {
		return nil // spare a look's commit the row
	}
	return w.do(ctx, "UPDATE store SET last_seq = ? WHERE last_seq < ?", last, last)
}
