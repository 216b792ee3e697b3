package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// checkpointEvery is by how many bytes the write-ahead log grows until it is taken into the
// database: 1000 pages.
const checkpointEvery = 1000 * (walFrame + pageSize)

// patience is how long SQLite waits for other programs' locks on the file.
const patience = 5 * time.Second

// tend looks after the write-ahead log and the seal once something was committed. What
// fails here takes nothing of the commit back, and is tried again.
func (s *Store) tend(ctx context.Context) {
	if s.mode != readWrite {
		return
	}
	if s.seal.log == 0 && s.seal != (seal{}) {
		s.sealLog()
	}
	_, bytes, err := exists(s.logPath())
	if err == nil && bytes >= s.due {
		s.due = bytes + checkpointEvery // if somebody reads what stands in the log
		err = s.checkpoint(ctx, 0)
	}
	if err != nil {
		s.options.Logger.Warn("The write-ahead log cannot be taken into the store. It goes on growing.", "file", s.path, "err", err)
	}
}

// checkpoint takes the write-ahead log into the database, empties it, and seals what that
// came to. For others that read what stands in the log, or write, it waits that long at
// most; then the log stays, and there is no new seal.
//
// There is none because damage may leave only the first part of a log. On the database that
// it was begun on, that is an earlier state; on one that has the rest already, it is none.
func (s *Store) checkpoint(ctx context.Context, wait time.Duration) error {
	pages, unlisted := loggedPages(s.logPath())
	emptied, err := s.db.checkpoint(ctx, wait)
	if err != nil {
		return err
	}
	s.seal = seal{}
	if s.pages, err = s.pages.renewed(s.content, pages, unlisted == nil); err != nil {
		s.unsealed(err)
	}
	if !emptied {
		return nil
	}
	s.due = checkpointEvery
	if err == nil {
		s.sealAs(seal{bytes: s.pages.bytes, sum: s.pages.sum()})
	}
	return nil
}

// sealLog adds to the seal which log was begun on the database.
func (s *Store) sealLog() {
	log, err := logMark(s.logPath())
	switch {
	case err != nil:
		s.unsealed(err)
	case log != 0: // else nothing was written
		s.sealAs(seal{s.seal.bytes, s.seal.sum, log})
	}
}

// checkpoint says whether the write-ahead log is empty then.
func (d *database) checkpoint(ctx context.Context, wait time.Duration) (emptied bool, err error) {
	if err := d.wait(ctx, wait); err != nil {
		return false, err
	}
	var busy, logged, taken int
	err = d.one(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, &logged, &taken)
	return err == nil && busy == 0, errors.Join(err, d.wait(ctx, patience))
}

// wait sets how long locks of others are waited for.
func (d *database) wait(ctx context.Context, most time.Duration) error {
	var set int
	return d.one(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", most.Milliseconds()), &set)
}

func (s *Store) logPath() string { return s.path + "-wal" }
