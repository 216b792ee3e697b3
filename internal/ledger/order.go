package ledger

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
)

// place is where something stands in the order of what happened to a ticket: by time; at
// the same time a creation comes before a reply, a reply before a change of status, that
// before all else; and then as it stood in the log, which is the order of arrival.
type place struct {
	at   fact.Instant
	rank uint8
	seq  int64
}

const (
	rankCreated uint8 = iota
	rankReply
	rankStatus
	rankOther
	rankCorrection
)

func rankOf(action string) uint8 {
	switch action {
	case fact.TicketCreated:
		return rankCreated
	case fact.ReplyCreated:
		return rankReply
	case fact.TicketStatusChanged:
		return rankStatus
	default:
		return rankOther
	}
}

func placeOf(e *fact.Entry) place { return place{e.Time, rankOf(e.Action), e.Seq} }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.rank, q.rank), cmp.Compare(p.seq, q.seq))
}

// inOrder gives what the rules go by of the log, in the order of what happened: creations,
// replies of those who ask or answer, and changes of status whose labels are known. What
// happened from until on belongs to somebody else.
func inOrder(entries []fact.Entry, until fact.Instant) []*fact.Entry {
	log := make([]*fact.Entry, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		if matters(e) && (!until.Known() || e.Time < until) {
			log = append(log, e)
		}
	}
	slices.SortFunc(log, func(a, b *fact.Entry) int { return placeOf(a).compare(placeOf(b)) })
	return log
}

func matters(e *fact.Entry) bool {
	switch e.Action {
	case fact.TicketCreated:
		return true
	case fact.ReplyCreated:
		return e.UserType == fact.Team || e.UserType == fact.Client
	case fact.TicketStatusChanged:
		return e.From != "" && e.To != ""
	default:
		return false
	}
}

// beginning is when a ticket came to be, and by whom.
type beginning struct {
	at fact.Instant // Never: not known
	// inside says that the ticket was created by the team or a bot, so that nobody waits
	// for an answer until the customer has written.
	inside bool
}

// beginningOf finds the earliest creation in the log that valid accepts, else takes the
// list's word for it.
func beginningOf(log []*fact.Entry, created fact.Instant, valid func(*fact.Entry) bool) beginning {
	for _, e := range log {
		if e.Action == fact.TicketCreated && valid(e) {
			return beginning{e.Time, e.UserType == fact.Team || e.UserType == fact.Bot}
		}
	}
	return beginning{at: created}
}

func anyEntry(*fact.Entry) bool { return true }
