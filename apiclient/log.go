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
		ask:   func(skip int) (page, *Error) { return c.logPage(ctx, ticket, skip) },
	}
	reading, failure := reader.read()
	switch {
	case failure == nil:
		return reading, nil
	case failure.Endpoint == LogEndpoint:
		failure = failure.of(LogEndpoint, ticket)
	}
	return Reading{}, failure
}

// page is one answer to a request for log entries.
type page struct {
	begun  time.Time
	places []place // newest first
	bytes  int
}

// logPage asks for the entries from the skip-th newest on. The body asks for entries
// of all action types.
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
