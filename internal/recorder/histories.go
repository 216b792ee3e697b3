package recorder

import (
	"context"
	"slices"

	"socialboards_exporter/internal/fact"
)

// histories are those of the tickets whose logs are being read: what is loaded to tell a
// reading what is known is used again when the reading is recorded, unless something else
// was stored of the ticket meanwhile.
type histories map[int64]fact.History

// mostHistories is how many are kept. Readings that fail leave theirs behind.
const mostHistories = 16

func (hs histories) keep(id int64, h fact.History) {
	for other := range hs {
		if len(hs) < mostHistories {
			break
		}
		delete(hs, other)
	}
	hs[id] = h
}

// history gives all that is stored of a ticket, for the caller to add to.
func (r *Recorder) history(ctx context.Context, id int64) (fact.History, error) {
	if h, ok := r.histories[id]; ok {
		delete(r.histories, id)
		return h, nil
	}
	if t, ok := r.tickets[id]; ok && t.shownOnly != nil {
		return fact.History{Ticket: t.Ticket, Views: slices.Clone(*t.shownOnly)}, nil
	}
	return r.store.History(ctx, id)
}

// showed takes note of a stored view of a ticket of which nothing else is stored.
func (t *ticket) showed(v fact.View) {
	if t.shownOnly == nil || slices.ContainsFunc(*t.shownOnly, func(o fact.View) bool { return o.Since == v.Since }) {
		return
	}
	*t.shownOnly = append(*t.shownOnly, v)
}
