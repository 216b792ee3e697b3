package web

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pageSize is how many tickets a page shows.
const pageSize = 100

// TicketSource gives what is followed. It is asked for the details of one page only.
type TicketSource interface {
	// List gives all followed tickets, in the order in which they are to be shown.
	List() []Listed
	// Tickets gives what is known of some, in that order, without those that have departed
	// meanwhile.
	Tickets(ctx context.Context, ids []int64) ([]Ticket, error)
}

// Listed is a ticket in a list.
type Listed struct {
	ID     int64
	Status string
}

// Ticket is a row of the page. It holds nothing of a customer. Zero times are not known,
// or have not been.
type Ticket struct {
	ID        int64     `json:"id"`
	Link      string    `json:"link,omitempty"` // to the inbox; empty: none is configured
	Status    string    `json:"status"`
	Since     time.Time `json:"since,omitzero"`
	Clocks    []Clock   `json:"clocks"`
	LastLook  time.Time `json:"last_look,omitzero"`
	LastRead  time.Time `json:"last_read,omitzero"`
	Trigger   string    `json:"trigger,omitempty"` // of the last read
	LastError string    `json:"last_error,omitempty"`
	Origin    string    `json:"origin,omitempty"` // what took it up: its id, or a selection
}

// Clock is an active SLA clock of a ticket.
type Clock struct {
	Objective string    `json:"objective"`
	State     string    `json:"state"`
	Due       time.Time `json:"due,omitzero"` // zero while it is paused
}

// listing is what a request for tickets shows.
type listing struct {
	Tickets []Ticket `json:"tickets"`
	Total   int      `json:"total"` // that match
	Page    int      `json:"page"`  // from 1
	Pages   int      `json:"pages"`
	Query   string   `json:"query,omitempty"`
}

type ticketsPage struct {
	source TicketSource
	page   *template.Template
}

// ServeHTTP shows a page of tickets as HTML, or as JSON to those who ask for it.
func (p ticketsPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept")
	l, err := p.listing(r.Context(), strings.TrimSpace(r.FormValue("q")), r.FormValue("page"))
	if err != nil {
		http.Error(w, "the tickets cannot be read from the store: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(l) // fails, as below, only when the client has left
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = p.page.Execute(w, l)
}

func wantsJSON(r *http.Request) bool {
	if format := r.FormValue("format"); format != "" {
		return format == "json"
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// listing gives a page of the tickets that match the query; a page that is not there
// becomes the nearest one.
func (p ticketsPage) listing(ctx context.Context, query, page string) (l listing, err error) {
	var ids []int64
	for _, t := range p.source.List() {
		if matches(t, query) {
			ids = append(ids, t.ID)
		}
	}
	l = listing{Total: len(ids), Pages: max(1, (len(ids)+pageSize-1)/pageSize), Query: query, Tickets: []Ticket{}}
	number, _ := strconv.Atoi(page) // 0 for what is no number
	l.Page = min(max(number, 1), l.Pages)
	first := (l.Page - 1) * pageSize
	tickets, err := p.source.Tickets(ctx, ids[first:min(first+pageSize, len(ids))])
	for _, t := range tickets {
		if t.Clocks == nil {
			t.Clocks = []Clock{} // an empty list in JSON, not null
		}
		l.Tickets = append(l.Tickets, t)
	}
	return l, err
}

// matches says whether the id begins with the query, or the status contains it.
func matches(t Listed, query string) bool {
	return strings.HasPrefix(strconv.FormatInt(t.ID, 10), query) ||
		strings.Contains(strings.ToLower(t.Status), strings.ToLower(query))
}
