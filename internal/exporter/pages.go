package exporter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/web"
)

// Masked gives the running configuration as YAML without its secrets.
func (e *Exporter) Masked() ([]byte, error) { return e.config.Load().Masked() }

// Waiting says what readiness waits for; empty: nothing.
func (e *Exporter) Waiting() string {
	s := e.current()
	if s == nil {
		return "The store is being loaded."
	}
	p := s.recorder.Progress()
	switch {
	case p.Ready:
		return ""
	case p.Selections > 0:
		return fmt.Sprintf("The first pass is under way. Selections yet to be read completely: %d. Tickets yet to be read: at least %d.", p.Selections, p.Unread)
	case p.Uncounted > 0:
		return fmt.Sprintf("The first pass is about to end: all is read. Tickets yet to be counted: %d.", p.Uncounted)
	default:
		return fmt.Sprintf("The first pass is under way. Tickets yet to be read: %d.", p.Unread)
	}
}

func (e *Exporter) current() *session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.session
}

// List gives all followed tickets by id.
func (e *Exporter) List() []web.Listed {
	s := e.current()
	if s == nil {
		return nil
	}
	var all []web.Listed
	for _, t := range s.recorder.Tally().Followed() {
		all = append(all, web.Listed{ID: t.ID, Status: t.Status})
	}
	return all
}

// Tickets gives what is known of those of the tickets that are followed.
func (e *Exporter) Tickets(ctx context.Context, ids []int64) ([]web.Ticket, error) {
	s := e.current()
	if s == nil {
		return nil, nil
	}
	details, err := s.recorder.Details(ctx, ids)
	rows := make([]web.Ticket, 0, len(details))
	for _, d := range details {
		p, _ := s.poller.Ticket(d.ID)
		rows = append(rows, e.row(d, p))
	}
	return rows, err
}

func (e *Exporter) row(d recorder.Details, p poll.Status) web.Ticket {
	t := web.Ticket{
		ID: d.ID, Status: cmp.Or(d.Status, d.ListStatus), Since: d.Since.Time(), LastLook: d.LookedAt.Time(), LastRead: d.ReadAt.Time(),
		Trigger: string(p.Trigger), Origin: strings.Join(d.Origins, " "),
	}
	if inbox := e.config.Load().API().InboxURL; inbox != "" {
		t.Link = inbox + "/tickets?ticketId=" + strconv.FormatInt(d.ID, 10)
	}
	if p.LastError != nil {
		t.LastError = p.LastError.Error()
	}
	now := fact.At(e.opts.Clock.Now())
	for _, c := range d.Clocks {
		t.Clocks = append(t.Clocks, web.Clock{Objective: c.Objective, State: string(c.At(now)), Due: c.Due.Time()})
	}
	slices.SortFunc(t.Clocks, func(a, b web.Clock) int { return strings.Compare(a.Objective, b.Objective) })
	return t
}
