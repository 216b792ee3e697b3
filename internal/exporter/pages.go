package exporter

import (
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
	ready, unread, selections := s.recorder.Progress()
	switch {
	case ready:
		return ""
	case selections > 0:
		return fmt.Sprintf("The first pass is under way. Selections yet to be read completely: %d. Tickets yet to be read: at least %d.", selections, unread)
	default:
		return fmt.Sprintf("The first pass is under way. Tickets yet to be read: %d.", unread)
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
	for _, t := range s.recorder.Followed() {
		all = append(all, web.Listed{ID: t.ID, Status: t.Status})
	}
	return all
}

// Ticket gives what is known of a followed ticket.
func (e *Exporter) Ticket(id int64) (web.Ticket, bool) {
	s := e.current()
	if s == nil {
		return web.Ticket{}, false
	}
	d, ok := s.recorder.Ticket(id)
	if !ok {
		return web.Ticket{}, false
	}
	p, _ := s.poller.Ticket(id)
	return e.row(d, p), true
}

func (e *Exporter) row(d recorder.Details, p poll.Status) web.Ticket {
	t := web.Ticket{
		ID: d.ID, Status: d.Status, Since: d.Since.Time(), LastLook: d.LookedAt.Time(), LastRead: d.ReadAt.Time(),
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
