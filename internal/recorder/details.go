package recorder

import (
	"cmp"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// Details are what a person may want to know of a followed ticket.
type Details struct {
	fact.Ticket // its slices must not be changed
	Clocks      []tally.ClockState
}

// Progress tells how far the first pass is: whether it is over, and how many tickets are
// to be read, and selections to be read completely, before it is.
func (r *Recorder) Progress() (ready bool, tickets, selections int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range r.set.Selections {
		if !r.selections[key].Complete.Known() {
			selections++
		}
	}
	return r.ready, len(r.pass.waiting) + len(r.pass.probing), selections
}

// Followed gives the rows of all followed tickets by id.
func (r *Recorder) Followed() []fact.Ticket {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]fact.Ticket, 0, len(r.tickets))
	for _, t := range r.tickets {
		all = append(all, t.Ticket)
	}
	slices.SortFunc(all, func(a, b fact.Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Ticket gives the details of a followed ticket; false: it is not followed.
func (r *Recorder) Ticket(id int64) (Details, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.tickets[id]
	if !ok {
		return Details{}, false
	}
	return Details{t.Ticket, t.shown.Clocks}, true
}
