package web

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"time"
)

//go:embed tickets.html
var ticketsHTML string

func ticketsTemplate() (*template.Template, error) {
	return template.New("tickets").Funcs(template.FuncMap{"when": when}).Parse(ticketsHTML)
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

// Previous gives the address of the page before; empty: this is the first.
func (l listing) Previous() string { return l.to(l.Page - 1) }

// Next gives the address of the page after; empty: this is the last.
func (l listing) Next() string { return l.to(l.Page + 1) }

// JSON gives the address of this page as JSON.
func (l listing) JSON() string { return l.to(l.Page) + "&format=json" }

func (l listing) to(page int) string {
	if page < 1 || page > l.Pages {
		return ""
	}
	v := url.Values{"page": {strconv.Itoa(page)}}
	if l.Query != "" {
		v.Set("q", l.Query)
	}
	return "tickets?" + v.Encode()
}
