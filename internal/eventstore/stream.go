package eventstore

import (
	"context"
	"errors"

	"socialboards_exporter/internal/fact"
)

// EachEntry calls do with every entry, ticket by ticket, in the order of time. It stops
// at the first error of do and returns it. do must not call the store, which is
// otherwise waiting.
func (s *Store) EachEntry(ctx context.Context, do func(fact.Entry) error) error {
	return stream(ctx, s, reader.entry, `SELECT `+entryColumns+` FROM entries ORDER BY ticket, time, action, ordinal`, do)
}

// EachChange calls do with every change, ticket by ticket, in the order of arrival. For
// the rest it is like EachEntry.
func (s *Store) EachChange(ctx context.Context, do func(fact.Change) error) error {
	return stream(ctx, s, reader.change, `SELECT `+changeColumns+` FROM changes ORDER BY ticket, seq`, do)
}

// EachOutcome calls do with every outcome, ticket by ticket. For the rest it is like
// EachEntry.
func (s *Store) EachOutcome(ctx context.Context, do func(fact.Outcome) error) error {
	return stream(ctx, s, reader.outcome, `SELECT `+outcomeColumns+` FROM outcomes ORDER BY ticket, objective, start`, do)
}

// stopped carries an error of the callback past the store's own.
type stopped struct{ error }

func stream[T any](ctx context.Context, s *Store, scan func(reader, *row, *T) error, query string, do func(T) error, args ...any) error {
	err := s.reading(ctx, func(r reader) error {
		return r.query(ctx, query, func(rows *row) error {
			var record T
			if err := scan(r, rows, &record); err != nil {
				return err
			}
			if err := do(record); err != nil {
				return stopped{err}
			}
			return nil
		}, args...)
	})
	var stop stopped
	switch {
	case errors.As(err, &stop):
		return stop.error
	case err != nil:
		return s.fail(err, ErrRead)
	}
	return nil
}
