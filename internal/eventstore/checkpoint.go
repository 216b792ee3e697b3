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
	_, bytes, err := exists(s.logPath())
	switch {
	case err != nil:
	case bytes >= s.due:
		s.due = bytes + checkpointEvery // if somebody reads what stands in the log
		err = s.checkpoint(ctx, 0)
	case s.seal.log == 0 && s.seal != (seal{}):
		err = s.sealLog()
	}
	if err != nil {
		s.options.Logger.Warn("The write-ahead log cannot be taken into the store. It goes on growing.", "file", s.path, "err", err)
	}
}

// checkpoint takes the write-ahead log into the database, empties it, and seals what that
// came to. While others read what stands in the log, or write, it is waited for them; if
// they do not come to an end the log stays, and there is no new seal.
//
// The log has to be empty for that: of one that was taken in and stays, a crash and damage
// may leave the first part alone, and it would bring older pages back.
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
func (s *Store) sealLog() error {
	log, err := logMark(s.logPath())
	if err != nil || log == 0 {
		return err
	}
	now := s.seal
	now.log = log
	s.sealAs(now)
	return nil
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
