package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// document reads the whole file.
func (d *decoder) document(data []byte) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if i := invalidUTF8(data); i >= 0 {
		d.failLine(1+bytes.Count(data[:i], []byte("\n")), "this is not UTF-8 text; save the file as UTF-8")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		d.failLine(1, "the file is empty; it needs at least api.client_id, a refresh token and tickets to follow")
	case err != nil:
		d.failLine(d.syntax(err, data))
	default:
		d.alone(dec, data)
		d.root(node{Node: doc.Content[0]})
	}
}

// alone makes sure that no second document follows, which would be ignored in silence.
func (d *decoder) alone(dec *yaml.Decoder, data []byte) {
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.failLine(d.syntax(err, data))
	default:
		d.failLine(second.Line, "a second YAML document begins here; remove the line ---, or what follows it")
	}
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax turns an error of the YAML parser into a line and a sentence.
func (d *decoder) syntax(err error, data []byte) (int, string) {
	text, line := err.Error(), 1
	if m := syntaxLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	if strings.Contains(text, "anchor") { // it quotes the name, which may be a token that begins with *
		return line, "a value begins with * and names no anchor; put it in quotes"
	}
	if n := tabLine(data); n > 0 && (strings.Contains(text, "tab") || strings.Contains(text, "cannot start any token")) {
		return n, "the line is indented with a tab; YAML allows only spaces there"
	}
	return line, fmt.Sprintf("this is not YAML: %s; look for a missing colon, quote or bracket here or on the line before", text)
}

// tabLine gives the first line that is indented with a tab; 0: none.
func tabLine(data []byte) int {
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
			return i + 1
		}
	}
	return 0
}
