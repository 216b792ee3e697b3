package status

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSlug is the longest a label value may be, in bytes.
const maxSlug = 128

// Slug makes a status of a display label that stands for none of the known ones: the label
// in lower case, with _ for spaces, cut at 128 bytes between two characters. It is never
// empty.
func Slug(label string) string {
	s := strings.ToValidUTF8(strings.TrimSpace(label), string(utf8.RuneError))
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_'
		}
		return unicode.ToLower(r)
	}, s)
	if len(s) > maxSlug {
		n := maxSlug
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	if s == "" {
		return "unknown"
	}
	return s
}
