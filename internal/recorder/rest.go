package recorder

import (
	"context"

	"socialboards_exporter/internal/fact"
)

// atRest says whether everything that matters of a ticket stands in its row: it is done by
// the log and by the list, no clock and no read is due, and nothing is in doubt. What its
// witness has seen can be forgotten then: it would only find that both agree, and what
// happens next shows as a difference first.
func (r *Recorder) atRest(t *ticket) bool {
	return t.Done && r.rules.Done(t.Status) && t.ListStatus == t.Status && r.understood[t.Status] &&
		t.ReadAt.Known() && t.LastEntry.Known() && t.SeenPrint == t.ReadPrint && !t.Skipped && !t.Until.Known() &&
		!t.missing.Known() && !t.clockDue.Known() && !t.triedAt.Known() && len(t.shown.Clocks) == 0 &&
		t.failures.count == 0 && t.probes == 0 && !t.witness.Wants() && !r.waitedFor(t)
}

func (r *Recorder) waitedFor(t *ticket) bool {
	_, waiting := r.pass.waiting[t.ID]
	_, probing := r.pass.probing[t.ID]
	return waiting || probing
}

// remember keeps what has become of a ticket, as far as its row does not.
func (r *Recorder) remember(t *ticket) {
	if t.Departed.Known() || r.atRest(t) {
		delete(r.tickets, t.ID)
		return
	}
	r.tickets[t.ID] = t
}

// of gives the followed ticket that a history is of; nil: it is not followed.
func (r *Recorder) of(h fact.History) *ticket {
	if t, ok := r.tickets[h.Ticket.ID]; ok {
		return t
	}
	if h.Ticket.ID == 0 || h.Ticket.Departed.Known() {
		return nil
	}
	return follow(h.Ticket)
}

// lookup is what there is of some tickets.
type lookup struct {
	followed map[int64]*ticket
	departed map[int64]fact.Ticket // their rows
}

// gather looks up tickets, in the store if need be.
func (r *Recorder) gather(ctx context.Context, ids []int64) (lookup, error) {
	found := lookup{map[int64]*ticket{}, map[int64]fact.Ticket{}}
	var rest []int64
	for _, id := range ids {
		if t, ok := r.tickets[id]; ok {
			found.followed[id] = t
			continue
		}
		rest = append(rest, id)
	}
	rows, err := r.store.Tickets(ctx, rest)
	for _, row := range rows {
		if row.Departed.Known() {
			found.departed[row.ID] = row
			continue
		}
		found.followed[row.ID] = follow(row)
	}
	return found, err
}

// find gives a followed ticket; nil: it is not followed.
func (r *Recorder) find(ctx context.Context, id int64) (*ticket, error) {
	found, err := r.gather(ctx, []int64{id})
	return found.followed[id], err
}
