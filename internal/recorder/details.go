package recorder

import (
	"context"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/tally"
)

// Progress tells how far the first pass is. Once the store is ready everything else is 0.
type Progress struct {
	Ready      bool
	Unread     int // tickets that are to be read before it is ready
	Selections int // that are to be read completely before
	Uncounted  int // tickets, read or departed, of which it is yet to be counted what they mean
}

// Progress tells how far the first pass is. It waits for nothing.
func (r *Recorder) Progress() Progress { return *r.progress.Load() }

// Ready says whether the first pass over the store is over. It waits for nothing.
func (r *Recorder) Ready() bool { return r.Progress().Ready }

// turn waits until nobody else records. The function it gives ends the turn.
func (r *Recorder) turn() (end func()) {
	r.mu.Lock()
	return func() {
		r.sumUp()
		r.report(0)
		r.mu.Unlock()
	}
}

// report lets be seen how far the first pass is.
func (r *Recorder) report(uncounted int) {
	p := &Progress{Ready: r.ready}
	if !r.ready {
		p.Unread, p.Uncounted = len(r.pass.waiting)+len(r.pass.probing), uncounted
		for _, key := range r.set.Selections {
			if !r.selections[key].Complete.Known() {
				p.Selections++
			}
		}
	}
	r.progress.Store(p)
}

// Tickets gives the state of every followed ticket, by id.
func (r *Recorder) Tickets(ctx context.Context, take func(poll.State)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.store.EachTicket(ctx, func(row fact.Ticket) error {
		t, ok := r.tickets[row.ID]
		if !ok {
			t = follow(row)
		}
		take(r.state(t))
		return nil
	})
}

// Details are what a person may want to know of a followed ticket.
type Details struct {
	fact.Ticket
	Clocks []tally.ClockState
}

// Details gives the details of those of the tickets that are followed. It waits for the
// commit in hand, if there is one, and for no more.
func (r *Recorder) Details(ctx context.Context, ids []int64) ([]Details, error) {
	rows, err := r.store.Tickets(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Details, 0, len(rows))
	for _, row := range rows {
		if !row.Departed.Known() {
			all = append(all, Details{row, r.tally.Clocks(row.ID)})
		}
	}
	return all, nil
}
