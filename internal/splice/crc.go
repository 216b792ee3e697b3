package splice

import "hash/crc32"

// combine gives the CRC-32 of two texts one after the other, from that of each and the
// length of the second.
//
// A CRC is the remainder of the text, taken as a polynomial, by a fixed one. Text that
// follows multiplies what is before it by x⁸ a byte, which can be done to the remainder.
func combine(first, second uint32, length int64) uint32 {
	return multiply(first, power(length)) ^ second
}

// one is the polynomial 1: remainders are written with the highest power in the lowest bit.
const one uint32 = 1 << 31

// squares holds x to the power of 8·2ⁿ for each n.
//
//nolint:gochecknoglobals // an immutable table
var squares = func() (table [63]uint32) {
	p := one >> 8
	for n := range table {
		table[n] = p
		p = multiply(p, p)
	}
	return table
}()

// power gives x to the power of 8·n.
func power(n int64) uint32 {
	p := one
	for i := 0; n > 0; i, n = i+1, n>>1 {
		if n&1 == 1 {
			p = multiply(p, squares[i])
		}
	}
	return p
}

// multiply gives the remainder of a·b.
func multiply(a, b uint32) uint32 {
	var product uint32
	for bit := one; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := -(b & 1) & crc32.IEEE
		b = b>>1 ^ carry
	}
	return product
}
