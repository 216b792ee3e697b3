package config

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File         string
	Line, Column int    // from 1; Column 0: not known
	Key          string // path of the key, such as sla.objectives[1].target; empty: the whole file
	Text         string // what is wrong with which value, and how to mend it
}

// String gives the problem in one line, in the form in which editors jump to it.
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:", p.File, p.Line)
	if p.Column > 0 {
		s += strconv.Itoa(p.Column) + ":"
	}
	if p.Key != "" {
		s += " " + p.Key + ":"
	}
	return s + " " + p.Text
}

// Error is everything that is wrong in a file, in the order of its lines. It never holds a secret.
type Error struct{ Problems []Problem }

// Error gives a line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// besideToken finds what stands beside the name of the token, in whatever broken syntax: up
// to the quote that ends it, or else the next sign that YAML may take for its end.
var besideToken = regexp.MustCompile(`(?:refresh|verify)_token["']?[ \t:=]+(?:"([^"\n]{4,})|'([^'\n]{4,})|([^\s"',\]}]{4,}))`)

// newError sorts the problems. Errors do not quote secrets, but a misplaced colon or quote
// can turn a secret into a key, or into a part of another value; hence the second net.
func newError(problems []Problem, data []byte) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for _, m := range besideToken.FindAllSubmatch(data, -1) {
		token := string(bytes.Join(m[1:], nil)) // one of them matched
		for i, p := range problems {
			problems[i].Key = strings.ReplaceAll(p.Key, token, masked)
			problems[i].Text = strings.ReplaceAll(p.Text, token, masked)
		}
	}
	return &Error{problems}
}

// quote gives a value as errors show it. What looks like a secret was written in a wrong
// place, and is not shown.
func quote(value string) string {
	const most = 60
	if looksSecret(value) {
		return masked
	}
	if runes := []rune(value); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(value)
}

// looksSecret says whether a word of value is as keys and tokens are made by machines: long,
// of digits and letters, and of both cases where it is not hexadecimal. It cannot know a
// password that somebody thought of.
func looksSecret(value string) bool {
	const least = 20
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || r == ':' || r == '"' || r == '\'' }) {
		hasAny := func(set string) bool { return strings.ContainsAny(word, set) }
		switch {
		case len(word) < least || !hasAny("0123456789"):
		case hasAny("abcdefghijklmnopqrstuvwxyz") && hasAny("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
			return true
		case strings.Trim(strings.ToLower(word), "0123456789abcdef-") == "":
			return true
		}
	}
	return false
}
