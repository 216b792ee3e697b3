package eventstore

import (
	"context"
	"database/sql"
	"errors"

	"socialboards_exporter/internal/fact"
)

// Sums are what changes and outcomes came to at some moment, and those that are not in
// there: together they stand for all.
type Sums struct {
	Text     string        // what KeepSums was given; empty: nothing that still holds
	Changes  []fact.Change // that came since
	Outcomes []Outcome     // that came or were replaced since
}

// Outcome is an outcome as it was when sums were stored, as far as it was counted then, and
// as it is now.
type Outcome struct{ Before, After fact.Outcome }

// KeepSums stores durably what all changes and outcomes come to, as the caller has summed
// them up. From then on those that come are noted. Errors are *Error, or that of ctx.
func (s *Store) KeepSums(ctx context.Context, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return s.fail(ErrClosed, ErrClosed)
	}
	if err := s.present(); err != nil {
		return err
	}
	err := s.include(ctx, func() error {
		_, err := s.db.exec(ctx, "INSERT OR REPLACE INTO sums (id, text) VALUES (1, ?)", text)
		for _, table := range []string{"unsummed_changes", "unsummed_outcomes"} {
			if err == nil {
				_, err = s.db.exec(ctx, "DELETE FROM "+table)
			}
		}
		return err
	})
	if err == nil {
		err = s.finish()
	}
	if err != nil {
		return s.fail(err, ErrWrite)
	}
	return nil
}

// Sums gives what KeepSums has stored, with what came since, as of one moment. Errors are
// *Error, or that of ctx.
func (s *Store) Sums(ctx context.Context) (sums Sums, err error) {
	err = s.reading(ctx, func(r reader) error {
		sums, err = r.sums(ctx)
		return err
	})
	if err != nil {
		return Sums{}, s.fail(err, ErrRead)
	}
	return sums, nil
}

// sums has SQLite begin with the rows that came since, of which there are few.
func (r reader) sums(ctx context.Context) (sums Sums, err error) {
	err = r.db.one(ctx, "SELECT text FROM sums", &sums.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return Sums{}, nil
	}
	if err != nil {
		return Sums{}, err
	}
	sums.Changes, err = all(ctx, r, reader.change,
		`SELECT `+changeColumns+` FROM unsummed_changes CROSS JOIN changes USING (ticket, seq)`)
	if err != nil {
		return Sums{}, err
	}
	sums.Outcomes, err = all(ctx, r, reader.replaced,
		`SELECT `+outcomeColumns+`, was_counted, was_breached, was_observed
		FROM unsummed_outcomes CROSS JOIN outcomes USING (ticket, objective, start)`)
	return sums, err
}

func (r reader) replaced(rows *row, o *Outcome) error {
	n := len(rows.columns) - 3
	was := row{rows.columns[n:]}
	return errors.Join(
		r.outcome(&row{rows.columns[:n]}, &o.After),
		was.Scan(&o.Before.Counted, instant(&o.Before.Breached), &o.Before.Observed))
}
