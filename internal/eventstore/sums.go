package eventstore

import (
	"context"
	"database/sql"
	"errors"
)

// KeepSums stores what all changes and outcomes come to, as the caller has summed them up,
// durably. It is gone as soon as one of them is added or altered. Errors are *Error, or
// that of ctx.
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

// Sums gives what KeepSums has stored, if it still holds; empty: it does not. Errors are
// *Error, or that of ctx.
func (s *Store) Sums(ctx context.Context) (text string, err error) {
	err = s.reading(ctx, func(r reader) error {
		err := r.db.one(ctx, "SELECT text FROM sums", &text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return "", s.fail(err, ErrRead)
	}
	return text, nil
}
