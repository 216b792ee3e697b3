package apiclient

import (
	"context"
	"slices"
)

// List gives one page of the tickets that q describes, in the order in which the API
// shows them. Tickets that cannot be read are left out. Of a query by TicketIDs it gives
// each ticket that was asked for at most once, and no other, whatever the API sends.
func (c *Client) List(ctx context.Context, q ListQuery) ([]Ticket, error) {
	var tickets []Ticket
	failure := c.call(ctx, ListEndpoint, "/tickets/list", listBody(q), func(a answer) *Error {
		var unreadable int
		var failure *Error
		tickets, unreadable, failure = decodeList(a.body)
		if unreadable > 0 {
			c.log.Warn("Tickets in a list could not be read", "unreadable", unreadable, "readable", len(tickets))
		}
		return failure
	})
	if failure != nil {
		return nil, failure
	}
	if len(q.TicketIDs) > 0 {
		tickets = only(tickets, q.TicketIDs)
	}
	return tickets, nil
}

// listBody leaves out every key that was not asked for: a key that is null may be a
// filter of its own, as it is for categoryId.
func listBody(q ListQuery) map[string]any {
	body := map[string]any{"take": PageSize}
	if q.Take > 0 {
		body["take"] = q.Take
	}
	if q.Skip > 0 {
		body["skip"] = q.Skip
	}
	if len(q.TicketIDs) > 0 {
		body["ticketIds"] = q.TicketIDs
	}
	if q.Status != "" {
		body["status"] = q.Status
	}
	if q.Source != "" {
		body["source"] = q.Source
	}
	if q.Uncategorized {
		body["categoryId"] = nil
	} else if q.CategoryID != 0 {
		body["categoryId"] = q.CategoryID
	}
	if len(q.CustomFields) > 0 {
		body["customFields"] = q.CustomFields
	}
	if !q.CreatedFrom.IsZero() {
		body["from"] = formatTime(q.CreatedFrom)
	}
	if q.OrderBy != "" {
		body["orderBy"] = q.OrderBy
	}
	return body
}

// only keeps the first ticket of each of the ids.
func only(tickets []Ticket, ids []int64) []Ticket {
	missing := make(map[int64]bool, len(ids))
	for _, id := range ids {
		missing[id] = true
	}
	return slices.DeleteFunc(tickets, func(t Ticket) bool {
		wanted := missing[t.ID]
		delete(missing, t.ID)
		return !wanted
	})
}
