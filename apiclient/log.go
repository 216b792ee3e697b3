package apiclient

import (
	"context"
	"fmt"
	"time"
)

// mostLogBytes bounds what one reading takes in, over all its pages.
const mostLogBytes = 64 << 20

// ReadLog reads the log of a ticket from its newest entry back, as far as q says. The
// reading is complete, or there is none: an error means that nothing may be taken from it.
func (c *Client) ReadLog(ctx context.Context, ticket int64, q LogQuery) (Reading, error) {
	reader := logReader{
		query: q,
		ask: func(skip int) (page, *Error) {
			p, failure := c.logPage(ctx, ticket, skip)
			return p, failure.of(LogEndpoint, ticket)
		},
	}
	reading, failure := reader.read()
	if failure != nil {
		return Reading{}, failure.of(failure.Endpoint, ticket)
	}
	return reading, nil
}

// page is one answer to a request for log entries.
type page struct {
	begun  time.Time
	places []place // newest first
	bytes  int
}

// logPage asks for the entries from the skip-th newest on. The body asks for all action
// types, since the page may be left out of no entry.
func (c *Client) logPage(ctx context.Context, ticket int64, skip int) (page, *Error) {
	var p page
	path := fmt.Sprintf("/tickets/%d/log?take=%d&skip=%d", ticket, PageSize, skip)
	body := map[string][]string{"action_types": {}}
	failure := c.call(ctx, LogEndpoint, path, body, func(a answer) *Error {
		places, failure := decodeLog(a.body)
		p = page{a.begun, places, len(a.body)}
		return failure
	})
	return p, failure
}
