package status

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
)

// Evidence is what one ticket tells of a display label: that it was in Status when Label
// was the latest that its log named.
type Evidence struct {
	Ticket        int64
	Label, Status string
}

// Learn gives the labels that the evidence settles and that t does not know yet, sorted:
// those of which no ticket tells otherwise than another. at is when they were learned.
func Learn(evidence []Evidence, t *Table, at fact.Instant) []fact.Label {
	settled := map[string]Evidence{} // by folded label; no Status: tickets disagree
	for _, e := range evidence {
		if e.Label == "" || e.Status == "" {
			continue
		}
		key := fold(e.Label)
		before, ok := settled[key]
		if !ok {
			before = e
		}
		before.Label = min(before.Label, e.Label)
		if before.Status != e.Status {
			before.Status = ""
		}
		settled[key] = before
	}
	var learned []fact.Label
	for _, e := range settled {
		if _, known := t.Resolve(e.Label); !known && e.Status != "" {
			learned = append(learned, fact.Label{Label: e.Label, Status: e.Status, Learned: at})
		}
	}
	slices.SortFunc(learned, func(a, b fact.Label) int { return cmp.Compare(a.Label, b.Label) })
	return learned
}
