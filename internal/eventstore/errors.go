package eventstore

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What an Error is about. Each is found with errors.Is.
var (
	ErrLocked   = errors.New("in use by another process")
	ErrAccount  = errors.New("belongs to another account")
	ErrVersion  = errors.New("written by a newer version")
	ErrForeign  = errors.New("not a store of this program")
	ErrUnusable = errors.New("cannot be used")
	ErrDamaged  = errors.New("damaged")
	ErrGone     = errors.New("deleted or replaced while in use")
	ErrWrite    = errors.New("cannot be written")
	ErrRead     = errors.New("cannot be read")
	ErrRefused  = errors.New("batch refused")
	ErrClosed   = errors.New("closed")
)

// Error is a failure of the store. It unwraps to one of the sentinels above and to its cause.
type Error struct {
	Kind   error
	Path   string // the file or directory that it is about
	Advice string // what to do, or what it means; may be empty
	Err    error  // the cause; may be nil
}

// Error names the file, what is wrong with it, why, and what to do.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Path, e.Kind)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Advice != "" {
		text += " (" + e.Advice + ")"
	}
	return text
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// errRow is the cause of an error that a stored value makes which no version ever wrote.
var errRow = errors.New("unreadable value")

const (
	adviceSpace   = "free some space; nothing was stored, and the next attempt goes on"
	adviceNetwork = "if this is a network file system, use a local directory: SQLite needs shared memory and reliable locks"
)

// classify says what kind of failure err is, other being the kind of those that have no
// kind of their own, and what to advise.
func classify(err, other error) (advice string, kind error) {
	if errors.Is(err, errRow) {
		return "", ErrDamaged
	}
	if errors.Is(err, syscall.ENOSPC) {
		return adviceSpace, other
	}
	if errors.Is(err, fs.ErrPermission) {
		return "the user of this process needs to own the directory and the files in it", other
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return "", other
	}
	switch failure.Code() & 0xff { // the high bytes tell variants of the same result
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return "", ErrDamaged
	case sqlite3.SQLITE_FULL:
		return adviceSpace, other
	case sqlite3.SQLITE_BUSY:
		return "another program holds a write lock on the file; end its transaction", other
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return "the user of this process needs write permission, and the file system must not be mounted read-only", other
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS:
		return adviceNetwork, other
	case sqlite3.SQLITE_CONSTRAINT:
		return "", ErrRefused
	}
	return "", other
}
