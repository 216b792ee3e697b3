package eventstore

import "context"

// Exec runs SQL on the store's own connection, to set limits and make faults.
func (s *Store) Exec(ctx context.Context, statement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.db.conn.ExecContext(ctx, statement)
	return err
}
