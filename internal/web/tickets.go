package web

import (
	"context"
	"encoding/json"
	"html/template"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// TicketSource gives what is followed. It is asked for the details of one page only.
type TicketSource interface {
	// List gives all followed tickets, each once, in any order, as far as they are known
	// without asking the store. The times of looks and reads may be left out unless polls
	// is set. Nothing may have to wait for the end of the range.
	List(polls bool) iter.Seq[Listed]
	// Tickets gives what is known of some, in that order, without those that have departed
	// meanwhile.
	Tickets(ctx context.Context, ids []int64) ([]Ticket, error)
	// Absent tells in a sentence why a ticket is not followed, as far as that is known;
	// empty: it is followed.
	Absent(ctx context.Context, id int64) (string, error)
	// Now is the time by which clocks run.
	Now() time.Time
}

// Listed is a ticket in a list. Zero times are not known, or have not been.
type Listed struct {
	ID               int64
	Status, Assignee string
	Done, Unread     bool
	Clock            string    // state of the clock that matters most; empty: none is active
	Due              time.Time // of the clock that is due first
	Look, Read, Next time.Time // the last look, the last read, and the next of either
	Error            string    // of the last look or read; empty: it succeeded
}

// Ticket is a row of the page. It holds nothing of a customer. Zero times are not known,
// or have not been.
type Ticket struct {
	ID        int64     `json:"id"`
	Link      string    `json:"link,omitempty"` // to the inbox; empty: none is configured
	Status    string    `json:"status"`
	Assignee  string    `json:"assignee_id,omitempty"`
	Since     time.Time `json:"since,omitzero"`
	Clocks    []Clock   `json:"clocks"`
	LastLook  time.Time `json:"last_look,omitzero"`
	LastRead  time.Time `json:"last_read,omitzero"`
	NextLook  time.Time `json:"next_look,omitzero"`
	NextRead  time.Time `json:"next_read,omitzero"`
	Trigger   string    `json:"trigger,omitempty"`  // of the next read
	Failures  int       `json:"failures,omitempty"` // looks or reads in a row
	LastError string    `json:"last_error,omitempty"`
	Origin    string    `json:"origin,omitempty"` // what took it up: its id, or a selection
}

// Clock is an active SLA clock of a ticket.
type Clock struct {
	Objective string    `json:"objective"`
	State     string    `json:"state"`
	Due       time.Time `json:"due,omitzero"` // zero while it is paused
}

type ticketsPage struct {
	source TicketSource
	page   *template.Template
	turn   chan struct{} // taken while tickets are chosen
}

func newTicketsPage(source TicketSource) (ticketsPage, error) {
	page, err := ticketsTemplate()
	return ticketsPage{source, page, make(chan struct{}, 1)}, err
}

// ServeHTTP shows a page of tickets as HTML, or as JSON to those who ask for it.
func (p ticketsPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept")
	l, err := p.listing(r.Context(), queryOf(r))
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

// listing gives a page of the tickets that are asked for; a page that is not there becomes
// the nearest one.
func (p ticketsPage) listing(ctx context.Context, q query) (listing, error) {
	c, err := p.choose(ctx, q)
	if err != nil {
		return listing{}, err
	}
	l := listing{query: q, now: p.source.Now(), shows: c.shows,
		Total: c.total, Page: c.page, Pages: c.pages, Query: q.text, Show: q.show, Sort: q.sort, Tickets: []Ticket{}}
	tickets, err := p.source.Tickets(ctx, c.ids)
	if err != nil {
		return listing{}, err
	}
	for _, t := range tickets {
		if t.Clocks == nil {
			t.Clocks = []Clock{} // an empty list in JSON, not null
		}
		l.Tickets = append(l.Tickets, t)
	}
	if id, numeric := strconv.ParseInt(q.text, 10, 64); numeric == nil {
		l.Absent, err = p.source.Absent(ctx, id)
	}
	return l, err
}

// choose goes through all tickets for one request after the other, so that what this takes
// up for a moment does not grow with the number of those who ask at once.
func (p ticketsPage) choose(ctx context.Context, q query) (choice, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
		return q.choose(p.source.List(q.needsPolls())), nil
	case <-ctx.Done():
		return choice{}, ctx.Err()
	}
}
