package status

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Parse takes the two display labels out of the sentence by which a log tells that a
// status was changed: what stands in quotes first is what it was changed from, what stands
// there second is what it was changed to. Straight and typographic double quotes and
// guillemets are known, in the ways in which European languages set them. A label may hold
// quotes of another kind, or of its own kind behind a backslash.
//
// It is false for what cannot be understood for certain: anything but two labels in quotes
// of one kind. Where more is quoted, as a user's name may be, the words for "from" and "to"
// in the known languages decide.
func Parse(sentence string) (from, to string, ok bool) {
	quotes, ok := quotesOf(sentence)
	if !ok {
		return "", "", false
	}
	if len(quotes) != 2 {
		quotes = joinedByWords(sentence, quotes)
	}
	if len(quotes) != 2 || quotes[0].open != quotes[1].open {
		return "", "", false
	}
	from, to = quotes[0].label(), quotes[1].label()
	if from == "" || to == "" {
		return "", "", false
	}
	return from, to, true
}

// quote is a quoted part of a sentence.
type quote struct {
	open       rune   // the mark it begins with
	text       string // between the marks
	begin, end int    // bytes of the sentence, marks included
}

// label is the text without the backslashes that guard its marks.
func (q quote) label() string {
	return strings.TrimSpace(strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(q.text))
}

// closing gives the marks that may end what open begins; empty: open begins nothing.
func closing(open rune) string {
	switch open {
	case '"':
		return `"`
	case '«':
		return "»"
	case '»': // Danish and German books
		return "«»"
	case '“':
		return "”"
	case '„': // German, and Polish or Dutch
		return "“”"
	case '”': // Swedish and Finnish
		return "”"
	default:
		return ""
	}
}

// quotesOf gives the quoted parts of a sentence, in order. It is false if a quote does not
// end.
func quotesOf(sentence string) ([]quote, bool) {
	var quotes []quote
	for i := 0; i < len(sentence); {
		open, size := utf8.DecodeRuneInString(sentence[i:])
		ends := closing(open)
		if ends == "" {
			i += size
			continue
		}
		length, mark := ending(sentence[i+size:], ends)
		if mark == 0 {
			return nil, false
		}
		end := i + size + length + mark
		quotes = append(quotes, quote{open, sentence[i+size : i+size+length], i, end})
		i = end
	}
	return quotes, true
}

// ending gives the bytes before the first mark of ends that no backslash guards, and the
// bytes of that mark; 0: there is none.
func ending(s, ends string) (length, mark int) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			size = 2
		case strings.ContainsRune(ends, r):
			return i, size
		}
		i += size
	}
	return len(s), 0
}

var (
	fromWord = regexp.MustCompile(`(?i)(^|\s)(from|fra|frå|från|von)\s*:?\s*$`)
	toWord   = regexp.MustCompile(`(?i)^\s*(to|til|till|auf|zu)\s*:?\s*$`)
)

// joinedByWords finds the two quotes before which "from" and "to" stand, if they are the
// only two.
func joinedByWords(sentence string, quotes []quote) []quote {
	var found []quote
	for i := 0; i+1 < len(quotes); i++ {
		q, next := quotes[i], quotes[i+1]
		if fromWord.MatchString(sentence[:q.begin]) && toWord.MatchString(sentence[q.end:next.begin]) {
			if found != nil {
				return nil
			}
			found = []quote{q, next}
		}
	}
	return found
}
