package eventstore

import (
	"context"
	"errors"
)

// Exec runs SQL on the store's own connection, as a way to limits and faults.
func (s *Store) Exec(ctx context.Context, query string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.db.conn.ExecContext(ctx, query)
	return err
}

// Rows runs a query and gives how many rows it has.
func (s *Store) Rows(ctx context.Context, query string) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.db.conn.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, errors.Join(rows.Err(), rows.Close())
}
