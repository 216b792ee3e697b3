package eventstore

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// seal says how a regular stop left the database. A start that finds it the same, bit by
// bit, need not check the structure of its pages, which takes ten times as long. It stands
// in the file that is locked, and is taken away at each start.
type seal struct {
	bytes int64
	sum   uint32 // CRC-32C
}

const sealFormat = "stopped regularly, events.db has %d bytes and CRC-32C %08x\n"

// unseal takes the seal from the lock; the zero seal: there is none.
func unseal(lock *os.File) (s seal, err error) {
	text, err := io.ReadAll(io.LimitReader(lock, 200))
	if err != nil {
		return seal{}, err
	}
	if n, _ := fmt.Sscanf(string(text), sealFormat, &s.bytes, &s.sum); n != 2 {
		s = seal{}
	}
	if len(text) == 0 {
		return s, nil
	}
	return s, errors.Join(lock.Truncate(0), lock.Sync())
}

// seal writes down how the database was left. Where that would hold up the stop, or fails,
// the next start checks all pages.
func (s *Store) seal() {
	left, err := sealOf(s.path, time.Now().Add(3*time.Second))
	if err == nil {
		_, err = s.lock.WriteAt(fmt.Appendf(nil, sealFormat, left.bytes, left.sum), 0)
	}
	if err = errors.Join(err, s.lock.Sync()); err != nil {
		s.options.Logger.Debug("the store is not sealed; the next start will check it", "file", s.path, "err", err)
	}
}

// unchanged says whether the database is as the last regular stop left it.
func (s *Store) unchanged(left seal) (bool, error) {
	_, log, err := exists(s.path + "-wal")
	if err != nil || log > 0 || left == (seal{}) {
		return false, err
	}
	now, err := sealOf(s.path, time.Time{})
	if err == nil && now != left {
		s.options.Logger.Warn("The store was changed since the exporter was last stopped.", "file", s.path)
	}
	return err == nil && now == left, err
}

// sealOf reads the file at path. A deadline that is not zero is not exceeded by much.
func sealOf(path string, deadline time.Time) (s seal, err error) {
	f, err := os.Open(path)
	if err != nil {
		return seal{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	table := crc32.MakeTable(crc32.Castagnoli)
	piece := make([]byte, 1<<20)
	for {
		n, err := f.Read(piece)
		s.bytes += int64(n)
		s.sum = crc32.Update(s.sum, table, piece[:n])
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return seal{}, err
		case !deadline.IsZero() && time.Now().After(deadline):
			return seal{}, errors.New("it is too large to be read at a stop")
		}
	}
}
