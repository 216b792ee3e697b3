// Package splice compresses texts piece by piece, such that pieces put one after another
// are one body in the encoding of an HTTP response. A text of which little changed need not
// be compressed anew as a whole.
package splice

// Piece is a text in an encoding. It is immutable, and means something only beside pieces
// of the same encoding.
type Piece struct {
	data []byte
	text int64 // bytes of the text
	crc  uint32
}

// Text is how many bytes the text has.
func (p Piece) Text() int64 { return p.text }

// Size is how many bytes the piece takes.
func (p Piece) Size() int { return len(p.data) }

// Encoding makes pieces, and bodies of them. It may be used by several goroutines at once.
type Encoding interface {
	// Piece encodes a text, of which nothing is kept.
	Piece(text []byte) Piece
	// Body gives what is to be sent, in order. It shares the pieces' memory, and must not
	// be changed.
	Body(pieces ...Piece) [][]byte
}

// Join puts pieces of one encoding together, in memory of their own. It gives the pieces
// once more, as parts of that memory, so that what they were made in can be let go.
func Join(pieces []Piece) (whole Piece, parts []Piece) {
	size := 0
	for _, p := range pieces {
		size += len(p.data)
	}
	whole.data, parts = make([]byte, 0, size), make([]Piece, len(pieces))
	for i, p := range pieces {
		begin := len(whole.data)
		whole.data = append(whole.data, p.data...)
		whole.crc = combine(whole.crc, p.crc, p.text)
		whole.text += p.text
		parts[i] = Piece{whole.data[begin:len(whole.data):len(whole.data)], p.text, p.crc}
	}
	return whole, parts
}
