package eventstore

import (
	"context"
	"errors"

	"socialboards_exporter/internal/fact"
)

// Stage adds b to what the next Commit makes durable, even if its own batch is empty. The
// methods of this store see b at once; other processes, and a process that comes after this
// one was killed, do not. Of many small batches that costs much less than a Commit of each.
// For the rest it is like Commit. b is kept, and must not be changed before the next Commit.
func (s *Store) Stage(ctx context.Context, b fact.Batch) error {
	return s.add(ctx, b, func() error {
		s.staged = append(s.staged, b)
		return nil
	})
}

// add writes b inside the transaction in hand, and calls then with it.
func (s *Store) add(ctx context.Context, b fact.Batch, then func() error) error {
	if err := vet(b); err != nil {
		return s.fail(err, ErrRefused)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	err := s.include(ctx, func() error { return s.writer().batch(ctx, b) })
	if err == nil {
		err = then()
	}
	if err != nil {
		return s.fail(err, ErrWrite)
	}
	return nil
}

func (s *Store) writer() writer { return writer{db: s.db, words: s.words} }

// writable says whether a batch can be committed. The caller holds mu.
func (s *Store) writable() error {
	switch {
	case s.db == nil:
		return s.fail(ErrClosed, ErrClosed)
	case s.mode == readOnly:
		return s.fail(errors.New("it was opened for reading"), ErrWrite)
	}
	return s.present()
}

// enter makes sure that there is a transaction in hand that holds all that is staged. One
// that could not be committed, as the disk was full, was rolled back: then it is all
// written again.
func (s *Store) enter(ctx context.Context) error {
	if s.begun {
		return nil
	}
	if _, err := s.db.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	s.begun = true
	for _, b := range s.staged {
		if err := s.writer().batch(ctx, b); err != nil {
			s.rollBack()
			return err
		}
	}
	return nil
}

// include calls do inside the transaction in hand, and undoes it when it fails or ctx has
// ended: what is staged stays.
func (s *Store) include(ctx context.Context, do func() error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	whole, texts := context.WithoutCancel(ctx), s.words.mark()
	alone := len(s.staged) == 0
	var err error
	if !alone {
		_, err = s.db.exec(whole, "SAVEPOINT batch")
	}
	if err == nil {
		err = errors.Join(do(), ctx.Err())
	}
	if alone {
		if err != nil {
			s.rollBack()
		}
		return err
	}
	if err != nil {
		_, _ = s.db.exec(whole, "ROLLBACK TO batch")
		s.words.forget(texts)
	}
	if _, failed := s.db.exec(whole, "RELEASE batch"); failed != nil {
		s.rollBack() // SQLite has done so already, as it does when the disk is full
		if err == nil {
			err = failed
		}
	}
	return err
}

// finish makes durable what the transaction in hand holds. It is not interrupted, because
// nobody could tell then whether it took effect.
func (s *Store) finish() error {
	if _, err := s.db.exec(context.Background(), "COMMIT"); err != nil {
		s.rollBack()
		return err
	}
	s.begun, s.staged = false, nil
	s.words.keep()
	s.tend(context.Background())
	return nil
}

// settle makes durable what is staged.
func (s *Store) settle(ctx context.Context) error {
	if len(s.staged) == 0 {
		return nil
	}
	if err := errors.Join(s.present(), s.enter(ctx)); err != nil {
		return err
	}
	return s.finish()
}

func (s *Store) rollBack() {
	_, _ = s.db.exec(context.Background(), "ROLLBACK") // it fails when SQLite has done so already
	s.begun = false
	s.words.forget(0)
}
