package splice

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		var err error
		n, err = strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("SEED=%d", n)
	return n
}

// opened undoes an encoding.
func opened(t *testing.T, e Encoding, body []byte) []byte {
	t.Helper()
	switch e.(type) {
	case *Gzip:
		in := bufio.NewReader(bytes.NewReader(body))
		z, err := gzip.NewReader(in)
		require.NoError(t, err)
		z.Multistream(false)
		text, err := io.ReadAll(z) // which checks CRC and length
		require.NoError(t, err)
		_, err = in.ReadByte()
		require.ErrorIs(t, err, io.EOF, "one member, and nothing after it")
		return text
	case Zstd:
		z, err := zstd.NewReader(bytes.NewReader(body))
		require.NoError(t, err)
		defer z.Close()
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		return text
	}
	return body
}

func encodings() []Encoding { return []Encoding{Identity{}, &Gzip{}, NewZstd()} }

// check cuts a text at the given places, joins some of the pieces, and expects to read the
// text again.
func check(t *testing.T, text []byte, cuts []int) {
	t.Helper()
	for _, e := range encodings() {
		var pieces []Piece
		last := 0
		for _, cut := range append(cuts, len(text)) {
			pieces = append(pieces, e.Piece(text[last:cut]))
			last = cut
		}
		whole, parts := Join(pieces[len(pieces)/2:])
		_, apart := Join(parts)
		require.Len(t, apart, len(parts))
		for _, all := range [][]Piece{pieces, append(pieces[:len(pieces)/2:len(pieces)/2], whole), append(pieces[:len(pieces)/2:len(pieces)/2], apart...)} {
			n, size := int64(0), 0
			for _, p := range all {
				n, size = n+p.Text(), size+p.Size()
			}
			require.EqualValues(t, len(text), n)
			body := bytes.Join(e.Body(all...), nil)
			require.LessOrEqual(t, size, len(body))
			got := opened(t, e, body)
			require.True(t, bytes.Equal(text, got), "%T, cut at %v", e, cuts)
		}
	}
}

func TestAnySplitReadsAsTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(seed(t), 1))
	for range 40 {
		var text []byte
		for n := r.IntN(2000); n > 0; n-- {
			if r.IntN(50) == 0 { // what does not compress
				text = append(text, byte(r.Uint32()))
				continue
			}
			text = fmt.Appendf(text, "socialboards_ticket_info{ticket_id=\"%d\"} 1\n", r.IntN(1000))
		}
		var cuts []int
		for last := 0; len(cuts) < r.IntN(20); cuts = append(cuts, last) {
			last += r.IntN(len(text) - last + 1)
		}
		check(t, text, cuts)
	}
}

func TestNothingIsABodyToo(t *testing.T) {
	for _, e := range encodings() {
		require.Empty(t, opened(t, e, bytes.Join(e.Body(), nil)))
	}
}

func TestCombinedCRC(t *testing.T) {
	r := rand.New(rand.NewPCG(seed(t), 2))
	for range 500 {
		text := make([]byte, r.IntN(1<<r.IntN(16)))
		for i := range text {
			text[i] = byte(r.Uint32())
		}
		cut := r.IntN(len(text) + 1)
		got := combine(crc32.ChecksumIEEE(text[:cut]), crc32.ChecksumIEEE(text[cut:]), int64(len(text)-cut))
		require.Equal(t, crc32.ChecksumIEEE(text), got)
	}
}

// TestCombinedCRCOfMoreThanFourGigabytes goes by a law: what one long text does to the CRC of
// the text before it is what many short ones do.
func TestCombinedCRCOfMoreThanFourGigabytes(t *testing.T) {
	const n, times = 1 << 28, 40
	first := crc32.ChecksumIEEE([]byte("socialboards"))
	step := first
	for range times {
		step = combine(step, 0, n)
	}
	require.Equal(t, step, combine(first, 0, n*times))
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("# TYPE a gauge\na 1\n"), uint16(3), uint16(9))
	f.Add([]byte{}, uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, text []byte, a, b uint16) {
		first := int(a) % (len(text) + 1)
		check(t, text, []int{first, first + int(b)%(len(text)-first+1)})
	})
}

func BenchmarkPiece(b *testing.B) {
	var text []byte
	for i := range 64 {
		text = fmt.Appendf(text, "socialboards_ticket_sla_due_timestamp_seconds{objective=\"first_response\",ticket_id=\"%d\"} 1.77245%d9e+09\n", 1e6+i*37, i*i)
	}
	for name, e := range map[string]Encoding{"identity": Identity{}, "gzip": &Gzip{}, "zstd": NewZstd()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var p Piece
			for b.Loop() {
				p = e.Piece(text)
			}
			b.ReportMetric(float64(p.Size())/64, "B/series")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/series")
		})
	}
}

func BenchmarkCombine(b *testing.B) {
	var crc uint32
	for b.Loop() {
		crc = combine(crc, 0x12345678, 6543)
	}
}
