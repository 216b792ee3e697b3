package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

func damaged(format string, args ...any) error {
	return &Error{Kind: ErrDamaged, Err: fmt.Errorf(format, args...)}
}

// checkPages lets SQLite look at the structure of every page. It does not see a changed
// value in a page whose structure is right.
func (d *database) checkPages(ctx context.Context) error {
	var finding string
	if err := d.one(ctx, "PRAGMA quick_check(1)", &finding); err != nil {
		return err
	}
	if finding != "ok" {
		return damaged("%s", finding)
	}
	return nil
}

// Renew moves the store aside that turned out to be damaged when it was read, and opens a
// new one in its place, as Open does it. cause is the error that said so; one that says
// something else, or of a store that is only read, is given back. Errors are *Error, or
// that of ctx.
func (s *Store) Renew(ctx context.Context, cause error) error {
	if !errors.Is(cause, ErrDamaged) || s.mode != readWrite {
		return cause
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.renew(ctx, cause); err != nil {
		return s.fail(err, ErrUnusable)
	}
	return nil
}

// renew moves the damaged store aside and opens a new one. The caller holds the lock on
// the directory, and mu where the store is in use.
func (s *Store) renew(ctx context.Context, cause error) error {
	_ = s.detach() // of a damaged database; what it could not write is lost either way
	aside, err := s.setAside()
	if err != nil {
		return errors.Join(cause, err)
	}
	s.options.Logger.Error("The store is damaged. It was moved aside; a new one is begun, and all counters start from 0.",
		"file", s.path, "moved_to", aside, "err", cause)
	s.describe(time.Time{}, aside)
	return s.openFile(ctx)
}

// setAside renames the database and what belongs to it. The database goes first: should
// the process end in between, a write-ahead log without its database is found, and moved
// aside too, while a database without its log would pass for a whole one.
func (s *Store) setAside() (string, error) {
	aside, err := s.freeName(s.path + ".damaged-" + s.stamp())
	if err != nil {
		return "", err
	}
	for _, suffix := range append([]string{""}, sqliteSuffixes()...) {
		err := os.Rename(s.path+suffix, aside+suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", unusable(s.path+suffix, err)
		}
	}
	return aside, syncDir(s.options.Dir)
}

// freeName gives name, or name with a number behind it when something has that name.
func (s *Store) freeName(name string) (string, error) {
	free := name
	for i := 2; ; i++ {
		taken := false
		for _, suffix := range append([]string{""}, sqliteSuffixes()...) {
			there, _, err := exists(free + suffix)
			if err != nil {
				return "", err
			}
			taken = taken || there
		}
		if !taken {
			return free, nil
		}
		free = fmt.Sprintf("%s-%d", name, i)
	}
}

// stamp is the time as part of a file's name.
func (s *Store) stamp() string { return s.options.Now().UTC().Format("20060102T150405Z") }

// remember notes which files were opened.
func (s *Store) remember() error {
	s.files = nil
	for _, path := range s.watched() {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		s.files = append(s.files, info)
	}
	return nil
}

// present makes sure that the files that were opened are still those at their paths: a
// commit to a file that was deleted succeeds, and is gone with the process.
func (s *Store) present() error {
	if s.mode != readWrite {
		return nil
	}
	for i, path := range s.watched() {
		info, err := os.Stat(path)
		if err == nil && os.SameFile(info, s.files[i]) {
			continue
		}
		return &Error{Kind: ErrGone, Path: path, Err: err,
			Advice: "stop the exporter, put the files back if you can, and start it again"}
	}
	return nil
}

func (s *Store) watched() []string { return []string{s.path, s.logPath()} }

// checkVersion makes sure that this program knows the schema. It reads the header only,
// since a newer schema may use what this program's SQLite would call malformed.
func (d *database) checkVersion(ctx context.Context, known int, mode access) error {
	var version int
	err := d.one(ctx, "PRAGMA user_version", &version)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case version > known:
		return &Error{Kind: ErrVersion, Err: fmt.Errorf("it has version %d, this program knows versions up to %d", version, known),
			Advice: "run a newer version of this program, or give this one another --storage.path"}
	case version < 1:
		return damaged("it has version %d", version)
	case version < known && mode == readOnly:
		return &Error{Kind: ErrUnusable, Err: fmt.Errorf("it has version %d, older than %d", version, known),
			Advice: "start this version of the exporter on it first"}
	}
	return nil
}
