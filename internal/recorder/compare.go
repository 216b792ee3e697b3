package recorder

import (
	"slices"

	"socialboards_exporter/internal/fact"
)

// comparison is what a reading adds to what was known of a log.
type comparison struct {
	fresh     []fact.Entry // oldest first, each with its Ordinal
	known     int          // entries that were known already
	rewritten bool         // most of what was known is gone, as much that is unknown appeared
}

// group is the identity of entries as far as they have one: an entry carries no id, its
// sentence depends on a language setting, and its user may be made anonymous later.
type group struct {
	at     fact.Instant
	action string
}

func groupOf(e fact.Entry) group { return group{e.Time, e.Action} }

// compare holds a complete reading against the known entries of the log. A group counts
// as many entries as the most that one reading showed, so the fresh entries of a group
// are those by which it has grown. shown is in order of time, oldest first; covered is
// how far back the reading reached, Never: to the end.
func compare(known, shown []fact.Entry, covered fact.Instant) comparison {
	before, now := sizes(known), sizes(shown)
	var c comparison
	inSpan, gone, appeared := 0, 0, 0
	for g, old := range before {
		if g.at <= covered {
			continue
		}
		inSpan += old
		gone += max(0, old-now[g])
	}
	for g, n := range now {
		grown := max(0, n-before[g])
		c.known += n - grown
		if g.at > covered {
			appeared += grown
		}
	}
	if 2*gone > inSpan && appeared >= gone {
		c.rewritten = true
		return c
	}
	c.fresh = grown(known, shown, before, now)
	return c
}

// grown picks the entries by which each group has grown, in the order of shown.
func grown(known, shown []fact.Entry, before, now map[group]int) (fresh []fact.Entry) {
	inPart := make(map[group]bool) // groups of which some entries were known, and not all
	more := 0
	for g, n := range now {
		if old := before[g]; old < n {
			more += n - old
			if old > 0 {
				inPart[g] = true
			}
		}
	}
	fresh = slices.Grow(fresh, more)
	old, of := among(known, inPart), among(shown, inPart)
	taken := make(map[group]int)
	for _, e := range shown {
		g := groupOf(e)
		n := taken[g]
		if n >= now[g]-before[g] {
			continue
		}
		if inPart[g] {
			if n == 0 {
				of[g] = unmatched(of[g], old[g])
			}
			e = of[g][n]
		}
		e.Ordinal = before[g] + n
		taken[g]++
		fresh = append(fresh, e)
	}
	return fresh
}

// unmatched gives len(of)-len(old) entries of a group: first those with labels that no
// old entry has, so that each entry is counted under the labels with which it was first
// shown; then, where labels have changed, the last ones.
func unmatched(of, old []fact.Entry) []fact.Entry {
	rest := slices.Clone(old)
	var fresh, doubtful []fact.Entry
	for _, e := range of {
		i := slices.IndexFunc(rest, func(o fact.Entry) bool { return sameLabels(o, e) })
		if i < 0 {
			fresh = append(fresh, e)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
		doubtful = append(doubtful, e)
	}
	want := len(of) - len(old)
	if len(fresh) >= want {
		return fresh[len(fresh)-want:]
	}
	return append(fresh, doubtful[len(doubtful)-(want-len(fresh)):]...)
}

func sameLabels(a, b fact.Entry) bool {
	return a.UserType == b.UserType && a.UserID == b.UserID && a.From == b.From && a.To == b.To
}

// sizes counts the entries of each group.
func sizes(entries []fact.Entry) map[group]int {
	m := make(map[group]int, len(entries))
	for _, e := range entries {
		m[groupOf(e)]++
	}
	return m
}

// among sorts the entries of some groups into these.
func among(entries []fact.Entry, groups map[group]bool) map[group][]fact.Entry {
	m := make(map[group][]fact.Entry, len(groups))
	if len(groups) == 0 {
		return m
	}
	for _, e := range entries {
		if g := groupOf(e); groups[g] {
			m[g] = append(m[g], e)
		}
	}
	return m
}
