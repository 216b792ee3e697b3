package logging

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// plain writes lines in which nothing steers a terminal, or shows text in another order
// than it has: names come from the API. What the formats themselves leave as it is (DEL,
// the controls from U+0080 on, marks for the direction of text) becomes an escape, which
// JSON reads back.
type plain struct{ to io.Writer }

// Write takes a whole line.
func (p plain) Write(line []byte) (int, error) {
	text := string(line)
	if !strings.ContainsFunc(text, steers) {
		return p.to.Write(line)
	}
	var b strings.Builder
	for _, r := range text {
		if steers(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	if _, err := io.WriteString(p.to, b.String()); err != nil {
		return 0, err
	}
	return len(line), nil
}

func steers(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
