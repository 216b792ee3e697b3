package eventstore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// walMagic begins every write-ahead log; its last bit tells the byte order of checksums.
const walMagic = 0x377f0682

// The lengths of the header of the log, and of each frame in it, in bytes. A page follows
// each frame's header.
const (
	walHeader = 32
	walFrame  = 24
)

// checkLog moves a write-ahead log aside that has no readable header. SQLite would take
// it for an empty one and say nothing. The database without it is whole, but as old as
// its last checkpoint.
func (s *Store) checkLog() error {
	path := s.logPath()
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

// logMark gives what tells the write-ahead log at path from those before and after it, a
// random number that all its frames carry, too; 0: there is none, or nothing is in it.
func logMark(path string) (uint64, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	head := make([]byte, walHeader+1)
	_, err = io.ReadFull(f, head)
	switch err = errors.Join(err, f.Close()); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return binary.BigEndian.Uint64(head[16:]), nil
}

// loggedPages gives the numbers of the pages that the write-ahead log at path holds, and
// perhaps of some that a log before it held.
func loggedPages(path string) (pages []uint32, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := bufio.NewReaderSize(f, 1<<18)
	head := make([]byte, walHeader)
	n, err := io.ReadFull(r, head)
	if n == walHeader && binary.BigEndian.Uint32(head[8:]) != pageSize {
		return nil, errors.New("its pages have another size")
	}
	for err == nil {
		if _, err = io.ReadFull(r, head[:walFrame]); err == nil {
			pages = append(pages, binary.BigEndian.Uint32(head))
			_, err = r.Discard(pageSize)
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	slices.Sort(pages)
	return slices.Compact(pages), err
}
