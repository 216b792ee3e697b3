package exporter

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/tally"
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

// Problems says in a sentence each what is wrong.
func (e *Exporter) Problems() []string {
	all := e.health.Problems(e.opts.Clock.Now())
	if s := e.current(); s != nil {
		if err := s.poller.Paused(); err != nil {
			all = append(all, "Polling pauses, since what is read cannot be recorded: "+err.Error())
		}
	}
	return all
}

// Now is the time by which clocks run.
func (e *Exporter) Now() time.Time { return e.opts.Clock.Now() }

// List gives all followed tickets in no particular order, with the times of looks and reads
// if asked for. Polling goes on meanwhile, so these may be of slightly different moments.
func (e *Exporter) List(polls bool) iter.Seq[web.Listed] {
	s := e.current()
	if s == nil {
		return func(func(web.Listed) bool) {}
	}
	return list(s.recorder.Tally(), s.poller, e.opts.Clock.Now, polls)
}

func list(t *tally.Tally, p *poll.Poller, clock func() time.Time, polls bool) iter.Seq[web.Listed] {
	return func(yield func(web.Listed) bool) {
		now, failing := fact.At(clock()), p.Failing()
		for f := range t.Followed() {
			l := listed(f, now)
			if polls {
				plan, _ := p.Plan(f.ID)
				l.Look, l.Read, l.Next = plan.LookedAt, plan.ReadAt, plan.Next
			}
			if err := failing[f.ID]; err != nil {
				l.Error = err.Error()
			}
			if !yield(l) {
				return
			}
		}
	}
}

func listed(t tally.Followed, now fact.Instant) web.Listed {
	l := web.Listed{ID: t.ID, Status: t.Status, Assignee: t.Assignee, Done: t.Done, Unread: !t.Read}
	for _, state := range []tally.State{tally.Paused, tally.Running, tally.Warning, tally.Breached} { // the last one matters most
		if slices.ContainsFunc(t.Clocks, func(c tally.ClockState) bool { return c.At(now) == state }) {
			l.Clock = string(state)
		}
	}
	for _, c := range t.Clocks {
		if due := c.Due.Time(); !due.IsZero() && (l.Due.IsZero() || due.Before(l.Due)) {
			l.Due = due
		}
	}
	return l
}

// Absent tells in a sentence why a ticket is not followed; empty: it is.
func (e *Exporter) Absent(ctx context.Context, id int64) (string, error) {
	s := e.current()
	if s == nil {
		return "The store is being loaded.", nil
	}
	rows, err := e.store.Tickets(ctx, []int64{id})
	switch {
	case err != nil:
		return "", err
	case len(rows) > 0 && !rows[0].Departed.Known():
		return "", nil
	case !s.recorder.Owns(id):
		return fmt.Sprintf("Ticket %d belongs to another shard.", id), nil
	case len(rows) > 0:
		return departure(rows[0]), nil
	case s.recorder.Progress().Selections > 0:
		return fmt.Sprintf("Ticket %d is not followed yet: the selections have not been read completely.", id), nil
	default:
		return fmt.Sprintf("Ticket %d is not followed: tickets.ids does not name it, and no selection has shown it.", id), nil
	}
}

func departure(t fact.Ticket) string {
	why := "the API says that it is gone, deleted or spam"
	switch {
	case len(t.Origins) == 0:
		why = "neither tickets.ids nor a selection names it any more"
	case t.Until.Known():
		why = "another shard has taken it over"
	case t.Done:
		why = "it is done, and nothing happened for poll.done_for; or " + why
	}
	return fmt.Sprintf("Ticket %d is not followed any more since %s: %s. What was counted of it stays.",
		t.ID, t.Departed.Time().Format(time.RFC3339), why)
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
		ID: d.ID, Status: cmp.Or(d.Status, d.ListStatus), Assignee: d.Assignee, Since: d.Since.Time(),
		LastLook: d.LookedAt.Time(), LastRead: d.ReadAt.Time(), NextLook: p.NextLook, NextRead: p.NextRead,
		Trigger: string(p.Trigger), Failures: max(p.Failures, p.LookFailures), Origin: strings.Join(d.Origins, " "),
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
