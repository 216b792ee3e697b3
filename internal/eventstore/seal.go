package eventstore

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// seal says what the database was when all of its write-ahead log had been taken in, and
// which log was begun on it since. A start that finds both as they were need not check the
// structure of the pages, which takes far longer than reading them: SQLite has written
// them, and nobody changed them; what stands in the log has checksums of its own, and any
// first part of it fits to the database that it was begun on.
//
// The seal stands in the file that is locked. It need not be taken away before a
// checkpoint: a database that holds a part of one is not the one that was sealed.
type seal struct {
	bytes int64
	sum   uint32 // see pageSums
	log   uint64 // see logMark; 0: none was begun
}

const sealFormat = "events.db has %d bytes, checksum %08x, and the write-ahead log %016x\n"

// readSeal gives what the lock says; the zero seal: nothing.
func readSeal(lock *os.File) (s seal, err error) {
	text, err := io.ReadAll(io.LimitReader(lock, 200))
	if err != nil {
		return seal{}, err
	}
	if n, _ := fmt.Sscanf(string(text), sealFormat, &s.bytes, &s.sum, &s.log); n != 3 {
		return seal{}, nil
	}
	return s, nil
}

// unchanged says whether the database is the one that was sealed, with the log that was
// begun on it.
func (s *Store) unchanged() (bool, error) {
	left := s.seal
	s.seal, s.pages = seal{}, pageSums{}
	if left == (seal{}) {
		return false, nil
	}
	log, err := logMark(s.logPath())
	if err != nil {
		return false, err
	}
	pages, err := sumPages(s.content)
	if err != nil {
		return false, err
	}
	if now := (seal{pages.bytes, pages.sum(), log}); now != left {
		if left.log == 0 && log == 0 {
			s.options.Logger.Warn("The store was changed since the exporter was last stopped.", "file", s.path)
		}
		return false, nil
	}
	s.pages = pages
	return true, nil
}

// sealAs writes a seal down. Without one the next start checks all pages, no more.
func (s *Store) sealAs(now seal) {
	s.seal = seal{}
	if s.lock == nil { // of a store that is not in its place yet
		return
	}
	text := fmt.Appendf(nil, sealFormat, now.bytes, now.sum, now.log)
	_, err := s.lock.WriteAt(text, 0)
	if err = errors.Join(err, s.lock.Truncate(int64(len(text))), s.lock.Sync()); err != nil {
		s.unsealed(err)
		return
	}
	s.seal = now
}

func (s *Store) unsealed(err error) {
	s.options.Logger.Debug("The store is not sealed; a start will check it.", "file", s.path, "err", err)
}
