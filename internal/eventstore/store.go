// Package eventstore is the durable copy: it keeps what was read of the tickets' logs and
// what was counted of it, in one SQLite file, and gives it back as it was. It knows
// records and keys; what they mean is judged elsewhere.
package eventstore

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"socialboards_exporter/internal/fact"
)

// Account is whose tickets a store holds. Neither part is secret.
type Account struct{ BaseURL, ClientID string }

// Options say which store is opened, and for whom.
type Options struct {
	Dir      string // empty or ":memory:": kept in memory, gone at Close
	Account  Account
	ReadOnly bool             // beside a running exporter: no lock is taken, nothing is written or mended
	Logger   *slog.Logger     // nil: nothing is logged
	Now      func() time.Time // nil: time.Now
}

// Store is an open store. It may be used by several goroutines at once; its methods wait
// for one another, as there is one connection to the file.
type Store struct {
	options Options
	path    string // of the database; empty in memory
	mode    access
	lock    *os.File
	about   atomic.Pointer[about] // readable while a long Load is under way

	mu    sync.Mutex
	db    *database // nil: closed
	words *words
	files []os.FileInfo // the database and its write-ahead log, as they were opened
	// content is the database, read beside SQLite. It is closed last: with the first close
	// of a file, a process loses all locks that it has on it.
	content *os.File
	pages   pageSums
	seal    seal  // what the lock says of the database; zero: nothing that holds
	due     int64 // how many bytes the write-ahead log is to have at the next checkpoint
	// begun: a transaction is in hand, which holds what is staged.
	begun  bool
	staged []fact.Batch // in their order; see Stage
}

// about is what is told of a store without asking the database.
type about struct {
	created time.Time
	damaged string
}

// Open opens the store in the directory, or begins one. A damaged store is moved aside,
// which is logged as an error, and a new one is begun that counts from 0. Errors are
// *Error with one of the kinds ErrLocked, ErrAccount, ErrVersion, ErrForeign and
// ErrUnusable (ErrDamaged only where nothing may be mended), or that of ctx.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := newStore(o, readWrite)
	var err error
	switch {
	case o.Dir == "" || o.Dir == ":memory:":
		s.mode = inMemory
		err = s.openMemory(ctx)
	case o.ReadOnly:
		s.mode = readOnly
		s.path = filepath.Join(o.Dir, fileName)
		err = s.openFile(ctx)
	default:
		s.path = filepath.Join(o.Dir, fileName)
		err = s.openDir(ctx)
	}
	if err != nil {
		return nil, s.fail(err, ErrUnusable)
	}
	return s, nil
}

func newStore(o Options, mode access) *Store {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{options: o, mode: mode}
	s.about.Store(&about{})
	return s
}

// Close commits what is staged, empties the write-ahead log into the database, and gives
// the directory free. The store cannot be used afterwards; closing it again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.db != nil && s.mode == readWrite {
		err = s.settle(context.Background())
		err = errors.Join(err, s.checkpoint(context.Background(), patience))
	}
	err = errors.Join(err, s.detach())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
		s.lock = nil
	}
	if err != nil {
		return s.fail(err, ErrWrite)
	}
	return nil
}

// Created is when the store was begun, to the tick.
func (s *Store) Created() time.Time { return s.about.Load().created }

// Damaged is the path to which a damaged store was moved aside since Open; empty: none was.
func (s *Store) Damaged() string { return s.about.Load().damaged }

// Dir is the directory of the store; empty when it is kept in memory.
func (s *Store) Dir() string {
	if s.Memory() {
		return ""
	}
	return s.options.Dir
}

// Memory says whether the store is kept in memory only.
func (s *Store) Memory() bool { return s.mode == inMemory }

// Size is how many bytes the store takes up, its write-ahead log included. It does not
// wait for other methods, unless the store is kept in memory.
func (s *Store) Size() (int64, error) {
	if !s.Memory() {
		return size(s.path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return 0, s.fail(ErrClosed, ErrClosed)
	}
	var pages, bytes int64
	ctx := context.Background()
	err := errors.Join(s.db.one(ctx, "PRAGMA page_count", &pages), s.db.one(ctx, "PRAGMA page_size", &bytes))
	return pages * bytes, err
}

// fail makes err an *Error that names the file, of the kind other unless it has one of
// its own. That ctx ended says nothing about the file.
func (s *Store) fail(err, other error) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		if known.Path == "" {
			known.Path = s.name()
		}
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, ErrClosed):
		return &Error{Kind: ErrClosed, Path: s.name()}
	}
	advice, kind := classify(err, other)
	if errors.Is(kind, ErrDamaged) && !errors.Is(other, ErrUnusable) {
		advice = "it is checked at the next start, and moved aside if it cannot be used"
	}
	return &Error{Kind: kind, Path: s.name(), Err: err, Advice: advice}
}

func (s *Store) name() string {
	if s.Memory() {
		return "store in memory"
	}
	return s.path
}

// detach closes the database. The caller holds mu.
func (s *Store) detach() error {
	db, content := s.db, s.content
	s.db, s.words, s.files, s.content = nil, nil, nil, nil
	s.begun, s.staged = false, nil
	var err error
	if db != nil {
		err = db.close()
	}
	if content != nil {
		err = errors.Join(err, content.Close())
	}
	return err
}

// now is the time to a tick, as it is stored.
func (s *Store) now() fact.Instant { return fact.At(s.options.Now()) }
