package eventstore

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
)

// walMagic begins every write-ahead log; its last bit tells the byte order of checksums.
const walMagic = 0x377f0682

// walHeader is the length of the header in bytes.
const walHeader = 32

// checkLog moves a write-ahead log aside that has no readable header. SQLite would take
// it for an empty one and say nothing. The database without it is whole, but as old as
// its last checkpoint.
func (s *Store) checkLog() error {
	path := s.path + "-wal"
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unusable(path, err)
	}
	head := make([]byte, walHeader+1)
	_, err = io.ReadFull(f, head)
	switch err = errors.Join(err, f.Close()); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil // no commit in it: the header is made durable before the first one
	case err != nil:
		return unusable(path, err)
	}
	if magic := binary.BigEndian.Uint32(head); magic == walMagic || magic == walMagic+1 {
		return nil
	}
	aside, err := s.freeName(path + ".damaged-" + s.stamp())
	if err != nil {
		return err
	}
	if err := os.Rename(path, aside); err != nil {
		return unusable(path, err)
	}
	s.options.Logger.Error("The write-ahead log of the store is damaged. It was moved aside; what was committed since the last checkpoint is lost.",
		"file", path, "moved_to", aside)
	s.describe(time.Time{}, aside)
	return syncDir(s.options.Dir)
}
