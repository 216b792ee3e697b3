package eventstore

import (
	"context"
)

// reader reads rows of one call.
type reader struct {
	db    *database
	words *words
}

// reading calls do, alone with the store, and with what it holds at one moment.
func (s *Store) reading(ctx context.Context, do func(reader) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return ErrClosed
	}
	if s.mode == readOnly { // another process commits meanwhile
		if err := s.snapshot(ctx); err != nil {
			return err
		}
		defer func() { _, _ = s.db.exec(context.WithoutCancel(ctx), "ROLLBACK") }()
	}
	return do(reader{db: s.db, words: s.words})
}

// snapshot begins a transaction that sees nothing of later commits, with the texts that
// have come since the last one.
func (s *Store) snapshot(ctx context.Context) error {
	if _, err := s.db.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	texts, err := s.db.loadWords(ctx)
	if err != nil {
		_, _ = s.db.exec(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	}
	s.words = texts
	return nil
}

// query calls do for each row of the answer until ctx ends. It looks at ctx itself: the
// driver would start a goroutine for each query, which takes longer than a short answer.
func (r reader) query(ctx context.Context, query string, do func(*row) error, args ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.db.query(context.WithoutCancel(ctx), query, func(rows *row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return do(rows)
	}, args...)
}

// all scans the rows of the answer into records.
func all[T any](ctx context.Context, r reader, scan func(reader, *row, *T) error, query string, args ...any) ([]T, error) {
	var records []T
	err := r.query(ctx, query, func(rows *row) error {
		var record T
		err := scan(r, rows, &record)
		records = append(records, record)
		return err
	}, args...)
	return records, err
}
