package explain

import (
	"context"
	"errors"
	"maps"
	"slices"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/poll"
)

// errEnough ends the reading of lists.
var errEnough = errors.New("as many lists as allowed")

// lister counts requests for lists and ends them in time.
type lister struct{ *explainer }

// tries is how often a list is asked for before its failure ends the explanation. The
// client waits in between as the API wants it.
const tries = 3

// List passes a request on.
func (l lister) List(ctx context.Context, q apiclient.ListQuery) (page []apiclient.Ticket, err error) {
	for range tries {
		if l.asked >= l.Lists {
			l.cut = true
			return nil, errEnough
		}
		l.asked++
		page, err = l.Source.List(ctx, q)
		var failure *apiclient.Error
		if err == nil || ctx.Err() != nil || errors.As(err, &failure) && failure.Kind == apiclient.Auth {
			break
		}
	}
	return page, err
}

// ReadLog passes a request on.
func (l lister) ReadLog(ctx context.Context, id int64, q apiclient.LogQuery) (apiclient.Reading, error) {
	return l.Source.ReadLog(ctx, id, q)
}

// list finds the tickets that each rule takes up.
func (e *explainer) list(ctx context.Context) error {
	e.pages = map[string]int{}
	e.left = leftOut{gone: map[int64]bool{}, foreign: map[int64]bool{}}
	shown := map[string]map[int64]bool{}
	if err := e.listNamed(ctx, shown); err != nil {
		return err
	}
	for _, sel := range e.Poll.Selections {
		ids := map[int64]bool{}
		pages, err := poll.Enumerate(ctx, lister{e}, sel, e.now, func(page []apiclient.Ticket) { e.show(page, ids) })
		if err != nil && !errors.Is(err, errEnough) && !errors.Is(err, poll.ErrUnstable) {
			return err
		}
		e.pages[sel.Key] = pages
		shown[sel.Key] = ids
		e.rules = append(e.rules, Rule{Rule: sel.Key, Tickets: len(ids), Requests: pages, Incomplete: err != nil})
	}
	for i, r := range e.rules {
		for id := range shown[r.Rule] {
			if e.tickets[id].rules == 1 {
				e.rules[i].Only++
			}
		}
	}
	e.ids = slices.Sorted(maps.Keys(e.tickets))
	return nil
}

// byID names the rule of the tickets that the configuration names by id.
const byID = "tickets.ids"

// listNamed looks for the tickets that are named by id, fifty at once.
func (e *explainer) listNamed(ctx context.Context, shown map[string]map[int64]bool) error {
	named := e.Config.Tickets().IDs
	if len(named) == 0 {
		return nil
	}
	ids, listed := map[int64]bool{}, map[int64]bool{}
	r := Rule{Rule: byID}
	for some := range slices.Chunk(named, apiclient.PageSize) {
		page, err := lister{e}.List(ctx, apiclient.ListQuery{TicketIDs: some, Take: apiclient.PageSize})
		if errors.Is(err, errEnough) {
			r.Incomplete = true
			break
		}
		if err != nil {
			return err
		}
		r.Requests++
		e.show(page, ids)
		for _, t := range page {
			listed[t.ID] = true
		}
	}
	for _, id := range named {
		if !listed[id] && !r.Incomplete {
			r.Missing = append(r.Missing, id)
		}
	}
	r.Tickets = len(ids)
	e.rules = append(e.rules, r)
	shown[byID] = ids
	return nil
}

// show takes in what a rule shows.
func (e *explainer) show(page []apiclient.Ticket, ids map[int64]bool) {
	for _, t := range page {
		switch {
		case t.Deleted || t.Spam:
			e.left.gone[t.ID] = true
		case !e.Owns(t.ID):
			e.left.foreign[t.ID] = true
		case !ids[t.ID]:
			ids[t.ID] = true
			e.takeUp(t)
		}
	}
}

func (e *explainer) takeUp(shown apiclient.Ticket) {
	t, ok := e.tickets[shown.ID]
	if !ok {
		t = &ticket{Ticket: shown, done: slices.Contains(e.Config.Statuses().Done, shown.Status)}
		idle := e.now.Sub(t.LastActivity)
		t.old = t.done && !t.LastActivity.IsZero() && e.Poll.DoneFor > 0 && idle >= e.Poll.DoneFor
		e.tickets[shown.ID] = t
	}
	t.rules++
}
