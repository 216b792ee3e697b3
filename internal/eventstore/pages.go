package eventstore

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// pageSize is that of SQLite's pages, in bytes, as long as nobody asks for another one.
const pageSize = 4096

// pageSums are the checksums of a database's pages. Kept one by one, they follow a
// checkpoint at the price of the pages that it wrote. And a page that went bad on the disk
// meanwhile is not taken for what was written there.
type pageSums struct {
	bytes int64  // of the file
	sums  []byte // CRC-32C of each page, four bytes each; nil: not taken yet
}

const sumSize = 4

// sumPages reads the whole file.
func sumPages(f *os.File) (p pageSums, err error) {
	info, err := f.Stat()
	if err != nil {
		return pageSums{}, err
	}
	p.sums = make([]byte, 0, sumSize*(info.Size()/pageSize+1))
	piece := make([]byte, 256*pageSize)
	for {
		n, err := f.ReadAt(piece, p.bytes)
		for page := range slices.Chunk(piece[:n], pageSize) {
			p.sums = binary.LittleEndian.AppendUint32(p.sums, checksum(page))
		}
		p.bytes += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return p, nil
		case err != nil:
			return pageSums{}, err
		}
	}
}

// renewed takes the sums of these pages anew, and those of all pages that have come; those
// of all pages when it is not known which were written, or there are none yet. Pages are
// numbered from 1, and those that the file does not have are left out.
func (p pageSums) renewed(f *os.File, pages []uint32, listed bool) (pageSums, error) {
	if !listed || p.sums == nil {
		return sumPages(f)
	}
	info, err := f.Stat()
	if err != nil {
		return pageSums{}, err
	}
	p.bytes = info.Size()
	n, known := int((p.bytes+pageSize-1)/pageSize), len(p.sums)/sumSize
	for i := known; i < n; i++ {
		pages = append(pages, uint32(i)+1) //nolint:gosec // SQLite numbers pages in 32 bits
	}
	p.sums = append(p.sums, make([]byte, sumSize*max(0, n-known))...)[:sumSize*n]
	page := make([]byte, pageSize)
	for _, number := range pages {
		i := int(number) - 1
		if i < 0 || i >= n {
			continue
		}
		k, err := f.ReadAt(page, int64(i)*pageSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return pageSums{}, err
		}
		binary.LittleEndian.PutUint32(p.sums[sumSize*i:], checksum(page[:k]))
	}
	return p, nil
}

// sum is the checksum of all of them.
func (p pageSums) sum() uint32 { return checksum(p.sums) }

func checksum(bytes []byte) uint32 { return crc32.Checksum(bytes, crc32.MakeTable(crc32.Castagnoli)) }
