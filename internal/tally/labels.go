package tally

import (
	"strings"
	"unicode/utf8"
)

// maxLabel is how many bytes of a label value are shown.
const maxLabel = 128

// Label gives s as a label value: valid UTF-8 of at most 128 bytes, cut between runes. Two
// strings that look alike afterwards are one label value.
func Label(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	if len(s) <= maxLabel {
		return s
	}
	end := maxLabel
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// labels3 cuts each of three label values.
func labels3(l labels) labels {
	return labels{Label(l[0]), Label(l[1]), Label(l[2])}
}
