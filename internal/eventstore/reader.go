package eventstore

import "context"

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
	end, err := s.view(ctx)
	if err != nil {
		return err
	}
	defer end()
	return do(reader{db: s.db, words: s.words})
}

// view makes sure that all is read in one transaction, without which SQLite would take and
// give back its locks for each query: that in hand if something is staged in it, else one
// that end ends.
func (s *Store) view(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	whole := context.WithoutCancel(ctx)
	if len(s.staged) > 0 {
		return func() {}, s.enter(whole)
	}
	if _, err := s.db.exec(whole, "BEGIN"); err != nil {
		return nil, err
	}
	end = func() { _, _ = s.db.exec(whole, "ROLLBACK") }
	if s.mode == readOnly { // another process adds texts meanwhile
		texts, err := s.db.loadWords(ctx)
		if err != nil {
			end()
			return nil, err
		}
		s.words = texts
	}
	return end, nil
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
