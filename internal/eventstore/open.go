package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"socialboards_exporter/internal/fact"
)

// openMemory begins a store that ends with the process.
func (s *Store) openMemory(ctx context.Context) error {
	db, err := connect(ctx, "", inMemory)
	if err != nil {
		return err
	}
	if err := errors.Join(s.found(ctx, db), s.adopt(ctx, db)); err != nil {
		return errors.Join(err, db.close())
	}
	return nil
}

// openDir takes the lock on the directory and opens the store in it; if that is damaged,
// it opens a new one.
func (s *Store) openDir(ctx context.Context) error {
	if err := prepareDir(s.options.Dir); err != nil {
		return err
	}
	lock, err := lockDir(s.options.Dir)
	if err != nil {
		return err
	}
	if kind := networkFS(s.options.Dir); kind != "" {
		s.options.Logger.Warn("The storage directory is on a network file system, which SQLite cannot rely on. Use a local directory.",
			"dir", s.options.Dir, "filesystem", kind)
	}
	if s.seal, err = readSeal(lock); err != nil {
		return errors.Join(unusable(lock.Name(), err), lock.Close())
	}
	s.lock = lock
	err = s.openFile(ctx)
	if errors.Is(err, ErrDamaged) {
		err = s.renew(ctx, err)
	}
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	return nil
}

// openFile opens the store, or begins one where none is.
func (s *Store) openFile(ctx context.Context) error {
	there, bytes, err := exists(s.path)
	if err != nil {
		return err
	}
	if !there {
		if err := s.begin(ctx); err != nil {
			return err
		}
	} else if bytes == 0 {
		// A new store is renamed into its place when it is whole, so an empty file was cut.
		return &Error{Kind: ErrDamaged, Path: s.path, Err: errors.New("the file is empty")}
	}
	if err := s.attach(ctx); err != nil {
		return s.fail(err, ErrUnusable)
	}
	return nil
}

// begin makes a new, empty store beside its place, and moves it there once it is durable.
func (s *Store) begin(ctx context.Context) error {
	if s.mode == readOnly {
		return &Error{Kind: ErrUnusable, Path: s.path, Err: os.ErrNotExist, Advice: "run the exporter with this directory first"}
	}
	_, bytes, err := exists(s.logPath())
	if err != nil {
		return err
	}
	if bytes > 0 {
		// SQLite would replay the log of the lost database into the new one.
		return &Error{Kind: ErrDamaged, Path: s.path, Err: errors.New("it is missing, but its write-ahead log is there")}
	}
	draft := s.path + ".new"
	if err := removeAll(draft); err != nil {
		return err
	}
	if err := s.draft(ctx, draft); err != nil {
		return err
	}
	if err := os.Rename(draft, s.path); err != nil {
		return err
	}
	return syncDir(s.options.Dir)
}

// draft makes a new store at path.
func (s *Store) draft(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(fileMode), f.Close()); err != nil {
		return err
	}
	db, err := connect(ctx, path, readWrite)
	if err != nil {
		return err
	}
	return errors.Join(s.found(ctx, db), db.close())
}

// found writes into the empty database what makes it a store of the account.
func (s *Store) found(ctx context.Context, db *database) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA journal_mode = WAL", applicationID)); err != nil {
		return err
	}
	if err := db.migrate(ctx, steps); err != nil {
		return err
	}
	_, err = db.exec(ctx, "INSERT INTO store (id, created, base_url, client_id, last_seq) VALUES (1, ?, ?, ?, 0)",
		int64(s.now()), s.options.Account.BaseURL, s.options.Account.ClientID)
	return err
}

// attach connects to the store at its path after making sure that it is one, is whole,
// and is the account's.
func (s *Store) attach(ctx context.Context) error {
	whole, err := s.approach()
	if err != nil {
		return errors.Join(err, s.detach())
	}
	db, err := connect(ctx, s.path, s.mode)
	if err != nil {
		return errors.Join(err, s.detach())
	}
	if err := s.verify(ctx, db, whole); err != nil {
		s.db = db
		return errors.Join(err, s.detach())
	}
	return nil
}

// approach makes ready what SQLite is not asked for, and says whether the pages are known
// to be whole.
func (s *Store) approach() (whole bool, err error) {
	if s.mode != readWrite {
		return false, nil
	}
	if err := errors.Join(tighten(s.path), s.checkLog()); err != nil {
		return false, err
	}
	if s.content, err = os.Open(s.path); err != nil {
		return false, err
	}
	return s.unchanged()
}

// verify checks the pages unless they are known to be whole.
func (s *Store) verify(ctx context.Context, db *database, whole bool) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	if err := db.identify(ctx); err != nil {
		return err
	}
	if err := db.checkVersion(ctx, len(steps), s.mode); err != nil {
		return err
	}
	if !whole {
		s.options.Logger.Debug("The pages of the store are checked.", "file", s.path)
		if err := db.checkPages(ctx); err != nil {
			return err
		}
	}
	if s.mode == readWrite {
		if err := db.migrate(ctx, steps); err != nil {
			return err
		}
		if err := db.useWAL(ctx); err != nil {
			return err
		}
	}
	if err := db.checkSchema(ctx, steps); err != nil {
		return err
	}
	if err := s.adopt(ctx, db); err != nil {
		return err
	}
	if s.mode == readWrite {
		// What is in the log comes to be durable: a process that was killed within a commit
		// may have left it in the memory of the operating system only, where it is seen by who
		// opens the store next, and lost when the power fails.
		if err := s.checkpoint(ctx, 0); err != nil {
			return err
		}
	}
	return s.remember()
}

// useWAL brings the database into WAL mode, which a copy made by VACUUM INTO is not in.
func (d *database) useWAL(ctx context.Context) error {
	var mode string
	if err := d.one(ctx, "PRAGMA journal_mode = WAL", &mode); err != nil {
		return err
	}
	if mode != "wal" {
		return &Error{Kind: ErrUnusable, Err: fmt.Errorf("it cannot have a write-ahead log, only journal_mode=%s", mode), Advice: adviceNetwork}
	}
	return nil
}

// identify makes sure that the database is one of this program's.
func (d *database) identify(ctx context.Context) error {
	var id int64
	if err := d.one(ctx, "PRAGMA application_id", &id); err != nil {
		return err
	}
	if id != applicationID {
		return &Error{Kind: ErrForeign, Err: fmt.Errorf("its application_id is %d, not %d", id, applicationID),
			Advice: "move it away, or give another --storage.path"}
	}
	return nil
}

// adopt reads what belongs to the store as a whole, checks whose it is, and makes db the
// one in use.
func (s *Store) adopt(ctx context.Context, db *database) error {
	var created int64
	var owner Account
	err := db.one(ctx, "SELECT created, base_url, client_id FROM store", &created, &owner.BaseURL, &owner.ClientID)
	if errors.Is(err, sql.ErrNoRows) {
		return damaged("it does not say whose it is")
	}
	if err != nil {
		return err
	}
	if owner != s.options.Account {
		return &Error{Kind: ErrAccount, Advice: "use the account's own --storage.path", Err: fmt.Errorf(
			"it holds base_url %q, client_id %q; the configuration has base_url %q, client_id %q",
			owner.BaseURL, owner.ClientID, s.options.Account.BaseURL, s.options.Account.ClientID)}
	}
	texts, err := db.loadWords(ctx)
	if err != nil {
		return err
	}
	s.db, s.words = db, texts
	s.describe(fact.Instant(created).Time(), s.Damaged())
	return nil
}

func (s *Store) describe(created time.Time, damaged string) {
	s.about.Store(&about{created: created, damaged: damaged})
}
