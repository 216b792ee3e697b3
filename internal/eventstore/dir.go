package eventstore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	fileName = "events.db"
	lockName = "LOCK"
	dirMode  = 0o700
	fileMode = 0o600
)

// sqliteSuffixes are those of the files that SQLite keeps beside a database in WAL mode.
func sqliteSuffixes() []string { return []string{"-wal", "-shm"} }

// prepareDir makes dir if it is missing. A directory that exists keeps its permissions:
// its owner chose them.
func prepareDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &Error{Kind: ErrUnusable, Path: dir, Err: errors.New("not a directory")}
	case !errors.Is(err, fs.ErrNotExist):
		return unusable(dir, err)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return unusable(dir, err)
	}
	if err := os.Chmod(dir, dirMode); err != nil { // whatever the umask took away
		return unusable(dir, err)
	}
	return nil
}

// lockDir takes the lock on dir, which lasts until the file is closed or the process ends.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, unusable(path, err)
	}
	if err := errors.Join(f.Chmod(fileMode), lockFile(f)); err != nil {
		_ = f.Close()
		if errors.Is(err, errHeld) {
			return nil, &Error{Kind: ErrLocked, Path: dir,
				Advice: "stop the other process, or give this one a directory of its own with --storage.path"}
		}
		return nil, &Error{Kind: ErrUnusable, Path: path, Err: err, Advice: adviceNetwork}
	}
	return f, nil
}

// errHeld says that another process holds the lock.
var errHeld = errors.New("lock is held")

// tighten takes all permissions on the database at path away from everybody but its
// owner, as a copy that was restored by hand may carry more. SQLite gives the files that
// it makes beside a database the permissions of the database.
func tighten(path string) error {
	for _, suffix := range append([]string{""}, sqliteSuffixes()...) {
		err := os.Chmod(path+suffix, fileMode)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unusable(path+suffix, err)
		}
	}
	return nil
}

// exists tells whether there is a file at path, and its size in bytes.
func exists(path string) (bool, int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, 0, nil
	}
	if err != nil {
		return false, 0, unusable(path, err)
	}
	if !info.Mode().IsRegular() {
		return false, 0, &Error{Kind: ErrUnusable, Path: path, Err: errors.New("not a regular file")}
	}
	return true, info.Size(), nil
}

// size gives the bytes of the database at path with all that SQLite keeps beside it.
func size(path string) (int64, error) {
	var sum int64
	for _, suffix := range append([]string{""}, sqliteSuffixes()...) {
		_, n, err := exists(path + suffix)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func unusable(path string, err error) error {
	advice, kind := classify(err, ErrUnusable)
	return &Error{Kind: kind, Path: path, Err: err, Advice: advice}
}
