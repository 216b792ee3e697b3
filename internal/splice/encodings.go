package splice

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// Identity leaves texts as they are.
type Identity struct{}

// Piece implements Encoding.
func (Identity) Piece(text []byte) Piece { return piece(slices.Clone(text), text) }

// Body implements Encoding.
func (Identity) Body(pieces ...Piece) [][]byte { return data(nil, pieces) }

// Gzip makes a gzip file of one member, since curl and browsers read no further than the
// first. Its pieces are raw deflate, each flushed to a byte boundary.
type Gzip struct{ writers sync.Pool }

// gzipLevel is the fastest. Metrics are so repetitive that higher ones gain little.
const gzipLevel = flate.BestSpeed

// Piece implements Encoding.
func (g *Gzip) Piece(text []byte) Piece {
	var out bytes.Buffer
	w, ok := g.writers.Get().(*flate.Writer)
	if ok {
		w.Reset(&out)
	} else {
		w, _ = flate.NewWriter(&out, gzipLevel) // fails at levels that do not exist
	}
	_, _ = w.Write(text) // fails only where the buffer does
	_ = w.Flush()
	g.writers.Put(w)
	return piece(slices.Clip(out.Bytes()), text)
}

// Body implements Encoding.
func (g *Gzip) Body(pieces ...Piece) [][]byte {
	var all Piece
	for _, p := range pieces {
		all.crc = combine(all.crc, p.crc, p.text)
		all.text += p.text
	}
	// Deflate, no name, no time, made anywhere (RFC 1952).
	header := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	// The last block is empty (RFC 1951), then comes what the text is checked by.
	trailer := []byte{0x03, 0x00}
	trailer = binary.LittleEndian.AppendUint32(trailer, all.crc)
	trailer = binary.LittleEndian.AppendUint32(trailer, uint32(all.text)) //nolint:gosec // modulo 2^32, as the format wants it
	return append(data([][]byte{header}, pieces), trailer)
}

// Zstd makes a frame of each piece, and any number of frames is a file.
type Zstd struct{ encoder *zstd.Encoder }

// NewZstd gives the encoding.
func NewZstd() Zstd {
	e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true)) // fails with options that do not exist
	return Zstd{e}
}

// Piece implements Encoding.
func (z Zstd) Piece(text []byte) Piece { return piece(z.encoder.EncodeAll(text, nil), text) }

// Body implements Encoding.
func (Zstd) Body(pieces ...Piece) [][]byte { return data(nil, pieces) }

func piece(data, text []byte) Piece {
	return Piece{data, int64(len(text)), crc32.ChecksumIEEE(text)}
}

func data(to [][]byte, pieces []Piece) [][]byte {
	for _, p := range pieces {
		to = append(to, p.data)
	}
	return to
}
