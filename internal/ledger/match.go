package ledger

import (
	"slices"

	"socialboards_exporter/internal/fact"
)

// Holds says whether m holds for what the list said.
func (m Match) Holds(v fact.View) bool {
	return (len(m.Sources) == 0 || slices.Contains(m.Sources, v.Source)) &&
		(len(m.Categories) == 0 || slices.Contains(m.Categories, v.Category)) &&
		(len(m.Tags) == 0 || slices.ContainsFunc(m.Tags, func(t string) bool { return slices.Contains(v.Tags, t) }))
}

// everybody says whether m limits nothing.
func (m Match) everybody() bool { return len(m.Sources)+len(m.Categories)+len(m.Tags) == 0 }

// span is a stretch of time from from up to, but not including, to.
type span struct{ from, to fact.Instant } // from Never: ever since; to Never: still

// membership is when a ticket belonged to an objective, in order. What the first look
// showed is taken to have been so from the beginning. As long as the list has said nothing
// of a ticket, it belongs only where no match is asked for.
func membership(views []fact.View, m Match) []span {
	if m.everybody() {
		return []span{{fact.Never, fact.Never}}
	}
	var spans []span
	inside := false
	for i, v := range views {
		since := v.Since
		if i == 0 {
			since = fact.Never
		}
		switch now := m.Holds(v); {
		case now && !inside:
			spans = append(spans, span{since, fact.Never})
			inside = true
		case !now && inside:
			spans[len(spans)-1].to = since
			inside = false
		}
	}
	return spans
}

// since gives the first instant from at on at which spans hold; false: never again.
func since(spans []span, at fact.Instant) (fact.Instant, bool) {
	for _, s := range spans {
		if !s.to.Known() || s.to > at {
			return max(s.from, at), true
		}
	}
	return fact.Never, false
}

// joined says whether a clock that stops at at had joined before, and not left.
func joined(spans []span, at fact.Instant) bool {
	return slices.ContainsFunc(spans, func(s span) bool {
		return s.from < at && (!s.to.Known() || at < s.to)
	})
}

// present says whether spans hold to this day.
func present(spans []span) bool {
	return len(spans) > 0 && !spans[len(spans)-1].to.Known()
}
