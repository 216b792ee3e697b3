package web

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed tickets.html
var ticketsHTML string

func ticketsTemplate() (*template.Template, error) {
	return template.New("tickets").Funcs(template.FuncMap{"when": when}).Parse(ticketsHTML)
}

// pageSize is how many tickets a page shows.
const pageSize = 100

// listing is what a request for tickets shows.
type listing struct {
	query query
	now   time.Time
	shows []shown

	Tickets []Ticket `json:"tickets"`
	Total   int      `json:"total"` // that match
	Page    int      `json:"page"`  // from 1
	Pages   int      `json:"pages"`
	Query   string   `json:"query,omitempty"`
	Show    string   `json:"show"`
	Sort    string   `json:"sort"`
	Absent  string   `json:"absent,omitempty"` // why the ticket that is asked for is not followed
}

// when shows a time to the second; what has not been is a dash.
func when(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	t = t.UTC().Truncate(time.Second)
	//nolint:gosec // two formatted times hold nothing to escape
	return template.HTML(fmt.Sprintf("<time datetime=%q>%s</time>", t.Format(time.RFC3339), t.Format(time.DateTime)))
}

// Left says how long it is until at, or has been since: in its two greatest units, as
// more would change while it is read.
func (l listing) Left(at time.Time) string {
	d := at.Sub(l.now)
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

func span(d time.Duration) string {
	units := []struct {
		name   string
		length time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		n := d / u.length
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", n, u.name)
		if i+1 < len(units) {
			if rest := (d % u.length) / units[i+1].length; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0 s"
}

// Shows gives the parts of the tickets to choose from.
func (l listing) Shows() []shown { return l.shows }

// Column is the head of a column by which tickets can be sorted.
type Column struct{ Address, Sorted string }

// Column gives the head of the column that the order sorts: choosing it again turns the
// order round.
func (l listing) Column(key string) Column {
	next := l.query
	next.page, next.sort = 1, key
	switch l.query.sort {
	case key:
		next.sort = "-" + key
		return Column{next.address(), "ascending"}
	case "-" + key:
		return Column{next.address(), "descending"}
	}
	return Column{next.address(), "none"}
}

// Previous gives the address of the page before; empty: this is the first.
func (l listing) Previous() string { return l.to(l.Page - 1) }

// Next gives the address of the page after; empty: this is the last.
func (l listing) Next() string { return l.to(l.Page + 1) }

// JSON gives the address of this page as JSON.
func (l listing) JSON() string {
	address := l.to(l.Page)
	if strings.Contains(address, "?") {
		return address + "&format=json"
	}
	return address + "?format=json"
}

func (l listing) to(page int) string {
	if page < 1 || page > l.Pages {
		return ""
	}
	q := l.query
	q.page = page
	return q.address()
}

// address gives the address that asks for q. What is asked for anyway is left out.
func (q query) address() string {
	v := url.Values{}
	set := func(key, value, usual string) {
		if value != usual {
			v.Set(key, value)
		}
	}
	set("q", q.text, "")
	set("show", q.show, shows()[0].Key)
	set("sort", q.sort, orders()[0].key)
	set("page", strconv.Itoa(max(1, q.page)), "1")
	if len(v) == 0 {
		return "tickets"
	}
	return "tickets?" + v.Encode()
}
