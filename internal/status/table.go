// Package status finds out which statuses a log speaks of. A log names them only by the
// labels that users see, inside a sentence of a language that nobody states.
package status

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Table tells which status a display label stands for. It is immutable and may be used by
// several goroutines at once.
type Table struct {
	labels map[string]string // folded label to status
	known  []string
}

// NewTable makes a table of the words known of five languages, of the labels that were
// configured and of those that were learned. Where they disagree, what is configured goes
// before what is built in, and that before what was learned.
func NewTable(configured, learned map[string]string) *Table {
	t := &Table{labels: map[string]string{}}
	t.add(learned)
	for _, language := range words {
		for status, labels := range language {
			for _, label := range labels {
				t.labels[fold(label)] = status
			}
		}
	}
	known := map[string]bool{Open: true, Pending: true, Completed: true}
	for status := range known {
		t.labels[fold(status)] = status
	}
	t.add(configured)
	for _, status := range configured {
		known[status] = true
	}
	t.known = slices.Sorted(maps.Keys(known))
	return t
}

// add takes labels in a fixed order, so that two that differ only in case always give the
// same table.
func (t *Table) add(labels map[string]string) {
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		t.labels[fold(label)] = labels[label]
	}
}

// Resolve gives the status that label stands for. If that is not known, it gives the
// label's slug, and false.
func (t *Table) Resolve(label string) (status string, recognized bool) {
	if s, ok := t.labels[fold(label)]; ok {
		return s, true
	}
	return Slug(label), false
}

// Known gives the statuses that are known beforehand, sorted: those of the API, and those
// that configured labels stand for.
func (t *Table) Known() []string { return slices.Clone(t.known) }

// fold gives labels that differ only in case, in spaces, or in whether an accent is a
// character of its own, the same form.
func fold(label string) string {
	folded := strings.Map(foldRune, strings.Join(strings.Fields(label), " "))
	for _, c := range compositions {
		folded = strings.ReplaceAll(folded, c.apart, c.together)
	}
	return folded
}

// foldRune gives the first of all runes that are the same but for case, in lower case.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return unicode.ToLower(least)
}

// compositions are the accented letters of the languages that the table knows.
//
//nolint:gochecknoglobals // an immutable table
var compositions = []struct{ apart, together string }{
	{"a\u030a", "å"}, {"a\u0308", "ä"}, {"o\u0308", "ö"}, {"u\u0308", "ü"}, {"e\u0301", "é"},
}
