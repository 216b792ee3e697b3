package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"socialboards_exporter/internal/fact"
)

// CommitUnsynced is like Commit but does not wait for the disk: a power cut, though not the
// end of the process, may take b away, and with it all that was committed after it. The
// next Commit makes everything durable that was committed before, even if its own batch is
// empty. The write-ahead log is not emptied meanwhile, so that one should come soon.
func (s *Store) CommitUnsynced(ctx context.Context, b fact.Batch) error {
	return s.commit(ctx, b, false)
}

// writable says whether a batch can be committed. The caller holds mu.
func (s *Store) writable() error {
	switch {
	case s.db == nil:
		return s.fail(ErrClosed, ErrClosed)
	case s.mode == readOnly:
		return s.fail(errors.New("it was opened for reading"), ErrWrite)
	case s.unsure:
		return &Error{Kind: ErrWrite, Path: s.path, Err: errors.New("the disk has failed to take in what was committed"),
			Advice: "see to the disk and start the exporter again; what is lost is read again"}
	}
	return s.present()
}

// synced takes note of a commit, durable or not, or of its error. When the disk reports
// that it failed to take something in, it does so once, and nobody can tell of which of the
// commits that were on their way to it. A start finds out: it reads the log anew and checks
// its sums.
func (s *Store) synced(durable bool, err error) {
	if err == nil {
		s.unsynced = !durable
		return
	}
	var failure *sqlite.Error
	if s.unsynced && errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_IOERR_FSYNC {
		s.unsure = true
	}
}

// waitForDisk says whether commits return only once the disk has them. Those that do not
// wait keep their order, since SQLite reads its log up to the first gap. Checkpoints are
// left to those that wait: SQLite does not report what fails in a checkpoint of its own.
func (d *database) waitForDisk(ctx context.Context, wait bool) error {
	if d.lax == !wait {
		return nil
	}
	d.lax = true
	// Not by prepared statements: these settings take effect when they are compiled.
	if _, err := d.conn.ExecContext(ctx, "PRAGMA "+strings.Join(syncing(wait), "; PRAGMA ")); err != nil {
		return err
	}
	d.lax = !wait
	return nil
}

// syncing gives the settings of a connection by which commits wait for the disk, or not.
//
// synchronous=FULL makes every commit reach the disk before it returns: what was published
// must not be forgotten by a power cut. Checkpoints keep the write-ahead log at about 4 MB.
func syncing(wait bool) []string {
	if wait {
		return []string{"synchronous(FULL)", "wal_autocheckpoint(1000)"}
	}
	return []string{"synchronous(NORMAL)", "wal_autocheckpoint(0)"}
}

// touch writes the first page as it is, inside a transaction: one that changes nothing
// would not be synced.
func (d *database) touch(ctx context.Context) error {
	_, err := d.conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}
