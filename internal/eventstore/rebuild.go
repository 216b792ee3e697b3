package eventstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"socialboards_exporter/internal/fact"
)

// Rebuild puts a new store in the place of the one in o.Dir. fill is given the old one to
// read, and a new one of the same account and age to write to; both end with fill. When
// fill answers true the new one takes the place of the old one, which is kept beside it:
// kept is its path. Else, and after an error, everything is as it was.
//
// No other process may use the directory meanwhile. A damaged store is left where it is.
// Errors are *Error, that of ctx, or that of fill.
func Rebuild(ctx context.Context, o Options, fill func(ctx context.Context, old, fresh *Store) (bool, error)) (kept string, err error) {
	s := newStore(o, readWrite)
	s.path = filepath.Join(o.Dir, fileName)
	kept, err = s.rebuild(ctx, fill)
	var stop stopped
	switch {
	case errors.As(err, &stop):
		return "", stop.error
	case err != nil:
		return "", s.fail(err, ErrUnusable)
	}
	return kept, nil
}

func (s *Store) rebuild(ctx context.Context, fill func(context.Context, *Store, *Store) (bool, error)) (kept string, err error) {
	if there, _, err := exists(s.path); err != nil || !there {
		return "", errors.Join(err, &Error{Kind: ErrUnusable, Path: s.path, Err: os.ErrNotExist,
			Advice: "give the --storage.path of an exporter that has run"})
	}
	lock, err := lockDir(s.options.Dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := s.condense(ctx); err != nil {
		return "", err
	}
	draft := s.path + ".new"
	defer func() { err = errors.Join(err, removeAll(draft)) }()
	replace, err := s.refill(ctx, draft, fill)
	if err != nil || !replace {
		return "", err
	}
	return s.replaceBy(draft)
}

// condense has the store checked, brought to the present schema, and its write-ahead log
// taken in, so that it is one file.
func (s *Store) condense(ctx context.Context) error {
	if err := s.attach(ctx); err != nil {
		return err
	}
	return s.Close()
}

// refill makes a new store at path and has it filled from the old one.
func (s *Store) refill(ctx context.Context, path string, fill func(context.Context, *Store, *Store) (bool, error)) (replace bool, err error) {
	old := newStore(s.options, readOnly)
	old.path = s.path
	if err := old.attach(ctx); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, old.Close(), removeSuffixed(s.path)) }()
	fresh := newStore(s.options, readWrite)
	fresh.path = path
	if err := fresh.beginAt(ctx, fact.At(old.Created())); err != nil {
		return false, err
	}
	if replace, err = fill(ctx, old, fresh); err != nil {
		err = stopped{err}
	}
	return replace && err == nil, errors.Join(err, fresh.Close())
}

// beginAt makes a new store at the path that says it was begun at created.
func (s *Store) beginAt(ctx context.Context, created fact.Instant) error {
	if err := removeAll(s.path); err != nil {
		return err
	}
	if err := s.draft(ctx, s.path); err != nil {
		return err
	}
	if err := s.attach(ctx); err != nil {
		return err
	}
	if _, err := s.db.exec(ctx, "UPDATE store SET created = ?", int64(created)); err != nil {
		return errors.Join(err, s.detach())
	}
	s.describe(created.Time(), "")
	return nil
}

// replaceBy puts the database at path into the place of the store. There is a whole store
// in its place at every moment: first the old one gets a second name, then the new one
// takes over the first.
func (s *Store) replaceBy(path string) (kept string, err error) {
	kept, err = s.freeName(s.path + ".replaced-" + s.stamp())
	if err != nil {
		return "", err
	}
	if err := os.Link(s.path, kept); err != nil {
		return "", fmt.Errorf("keep the old store as %s: %w", kept, err)
	}
	if err := os.Rename(path, s.path); err != nil {
		return "", err
	}
	return kept, syncDir(s.options.Dir)
}

// removeAll removes the database at path, if there is one, and what belongs to it.
func removeAll(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return removeSuffixed(path)
}

// removeSuffixed removes what SQLite keeps beside the database at path. A reader leaves it
// behind; nothing is in it once condense has run.
func removeSuffixed(path string) error {
	for _, suffix := range sqliteSuffixes() {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
