package apitest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// listBody is the body of a list request. All fields are optional.
type listBody struct {
	CategoryID   optionalID    `json:"categoryId"`
	CustomFields []CustomField `json:"customFields"`
	From         string        `json:"from"`
	To           string        `json:"to"`
	OrderBy      string        `json:"orderBy"`
	Skip         int           `json:"skip"`
	Source       string        `json:"source"`
	Status       string        `json:"status"`
	Take         *int          `json:"take"`
	TicketIDs    []int64       `json:"ticketIds"`

	from, to time.Time
}

// optionalID tells a key that was left out (no filter) from one that is null (tickets
// without a category).
type optionalID struct {
	set bool
	id  int64
}

// UnmarshalJSON is called for null too, but not for a missing key.
func (o *optionalID) UnmarshalJSON(b []byte) error {
	o.set = true
	if bytes.Equal(b, []byte("null")) {
		o.id = 0
		return nil
	}
	return json.Unmarshal(b, &o.id)
}

// newestActivityFirst is the only order that the documentation shows.
const newestActivityFirst = "last_thread_activity_desc"

func readListBody(body string) (b listBody, ok bool) {
	if strings.TrimSpace(body) == "" {
		return b, true
	}
	if !strictJSON(body, &b) || b.Skip < 0 || (b.Take != nil && *b.Take < 0) {
		return b, false
	}
	if b.OrderBy != "" && b.OrderBy != newestActivityFirst {
		return b, false
	}
	from, fromOK := optionalTime(b.From)
	to, toOK := optionalTime(b.To)
	b.from, b.to = from, to
	return b, fromOK && toOK
}

func optionalTime(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// answerList gives a page of tickets.
func (s *Server) answerList(req Request) answer {
	b, ok := readListBody(req.Body)
	if !ok {
		return failure(http.StatusBadRequest, "The request is invalid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listSample != nil && b.Skip == 0 {
		return answer{status: http.StatusOK, body: s.listSample}
	}
	if s.listSample != nil {
		return success([]any{})
	}
	found := s.find(b)
	lo, hi := s.pageBounds(len(found), b.Take, b.Skip)
	page := []wireTicket{}
	for _, id := range s.distort(found[lo:hi]) {
		if r := s.records[id]; r != nil {
			page = append(page, s.wireTicket(r.Ticket))
		}
	}
	return success(page)
}

// find gives the ids of all tickets that a request selects, in its order.
func (s *Server) find(b listBody) []int64 {
	var found []*record
	for _, r := range s.candidates(b) {
		if !r.gone && (s.opts.IgnoreFilters || b.selects(r.Ticket)) {
			found = append(found, r)
		}
	}
	byActivity := b.OrderBy == newestActivityFirst && !s.opts.IgnoreOrder
	slices.SortFunc(found, func(x, y *record) int {
		if byActivity {
			if c := y.LastActivity.Compare(x.LastActivity); c != 0 {
				return c
			}
		}
		return cmp.Compare(x.place, y.place)
	})
	ids := make([]int64, len(found))
	for i, r := range found {
		ids[i] = r.ID
	}
	return ids
}

// candidates gives the tickets that were asked for by id, each once, or all there are.
func (s *Server) candidates(b listBody) map[int64]*record {
	if len(b.TicketIDs) == 0 || s.opts.IgnoreTicketIDs {
		return s.records
	}
	asked := map[int64]*record{}
	for _, id := range b.TicketIDs {
		if r := s.records[id]; r != nil {
			asked[id] = r
		}
	}
	return asked
}

func (b listBody) selects(t Ticket) bool {
	switch {
	case b.Status != "" && t.Status != b.Status,
		b.Source != "" && t.Source != b.Source,
		b.CategoryID.set && t.CategoryID != b.CategoryID.id,
		!b.from.IsZero() && t.Created.Before(b.from),
		!b.to.IsZero() && t.Created.After(b.to):
		return false
	}
	for _, f := range b.CustomFields {
		if !slices.Contains(t.CustomFields, f) {
			return false
		}
	}
	return true
}

// distort leaves out and repeats tickets as the options say. The caller holds mu.
func (s *Server) distort(ids []int64) []int64 {
	var shown []int64
	for _, id := range ids {
		if s.lucky(s.opts.OmitFromLists) {
			continue
		}
		shown = append(shown, id)
		if s.lucky(s.opts.RepeatInLists) {
			shown = append(shown, id)
		}
	}
	if s.onList != nil {
		shown = s.onList(shown)
	}
	return shown
}
