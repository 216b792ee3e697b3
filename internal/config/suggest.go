package config

import (
	"slices"
	"strings"
)

// suggest says which of the known words was probably meant.
func suggest(word string, known []string) string {
	sorted := slices.Sorted(slices.Values(known))
	sorted = slices.Compact(sorted)
	best, least := "", len(word)/2+1
	for _, k := range sorted {
		if d := distance(strings.ToLower(word), k); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return "did you mean " + best + "?"
	case len(sorted) == 0:
		return "none can stand here"
	default:
		return "known are " + strings.Join(sorted, ", ")
	}
}

// distance is how many letters have to be added, removed or replaced to get from a to b.
// Words that are far too long to be a slip of the pen are told apart by length alone.
func distance(a, b string) int {
	if len(a) > 2*len(b)+8 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
