package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// WriteTable writes the report for people.
func (r *Report) WriteTable(w io.Writer) error {
	p := &page{}
	p.tickets(r)
	p.requests(r)
	p.series(r.Series)
	p.objectives(r.Objectives)
	p.labels(r)
	p.verdict(r)
	_, err := w.Write(p.Bytes())
	return err
}

// page is a report as it is written. What it is written to cannot fail.
type page struct{ bytes.Buffer }

// table writes rows, the cells of which are separated by tabs, in columns.
func (p *page) table(title string, rows []string) {
	fmt.Fprintf(p, "%s\n", title)
	t := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight("  "+row, " "))
	}
	_ = t.Flush() // to memory
	fmt.Fprintln(p)
}

func row(cells ...any) string {
	var texts []string
	for _, c := range cells {
		texts = append(texts, fmt.Sprint(c))
	}
	return strings.TrimRight(strings.Join(texts, "\t"), "\t")
}

func (p *page) tickets(r *Report) {
	t := r.Tickets
	rows := []string{row("TICKETS", "ONLY BY THIS", "LIST PAGES", "RULE")}
	for _, rule := range r.Rules {
		name := rule.Rule
		if name == "{}" {
			name = "{} (every ticket)"
		}
		if rule.Incomplete {
			name += " (not read to its end: at least these)"
		}
		rows = append(rows, row(rule.Tickets, rule.Only, rule.Requests, name))
	}
	p.table(fmt.Sprintf("Tickets that would be followed: %d, of which %d are live and %d done", t.Followed, t.Live, t.Done), rows)
	var notes []string
	note := func(n int, text string) {
		if n > 0 {
			notes = append(notes, row(n, text))
		}
	}
	note(t.Several, "match several rules")
	note(t.Old, "have been done for longer than poll.done_for: read once, and left")
	note(t.Gone, "are deleted or spam: not followed")
	note(t.OtherShards, "belong to other shards")
	for _, rule := range r.Rules {
		note(len(rule.Missing), "are named by id, and the list does not show them: "+ids(rule.Missing))
	}
	if len(notes) > 0 {
		p.table("Of these and others", notes)
	}
}

// ids names some tickets.
func ids(all []int64) string {
	const most = 10
	var texts []string
	for i, id := range all {
		if i == most {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	return strings.Join(texts, ", ")
}

func (p *page) requests(r *Report) {
	q := r.Requests
	share := func(n float64) string { return fmt.Sprintf("%.1f %%", 100*n/q.Budget) }
	line := func(name string, n float64) string { return row(fmt.Sprintf("%.0f", n), share(n), name) }
	p.table("Requests an hour", []string{
		row("REQUESTS", "OF BUDGET", ""),
		line("discovery", q.Discovery), line("looks", q.Looks),
		line(fmt.Sprintf("reads of logs that have changed (%d tickets in the last hour)", r.Tickets.LastHour), q.Changes),
		line("reads of logs without a cause", q.Idle), line("now, in all", q.Now),
		line("at worst, if something happened in every live ticket all the time", q.AtWorst),
		row(fmt.Sprintf("%.0f", q.Budget), "", "budget: api.requests_per_second"),
	})
	took := time.Duration(r.FirstPass.Seconds * float64(time.Second))
	p.table("First pass", []string{row(fmt.Sprintf("about %.0f requests, %s", r.FirstPass.Requests, took))})
}

func (p *page) series(s Series) {
	rows := []string{row("SERIES", "METRIC")}
	for _, m := range s.Metrics {
		n := strconv.Itoa(m.Series)
		if m.Estimate {
			n = "~" + n
		}
		rows = append(rows, row(n, m.Name))
	}
	rows = append(rows, row("~"+strconv.Itoa(s.Total), "in all, besides the exporter's own"))
	if s.Dropped > 0 {
		rows = append(rows, row(s.Dropped, "live tickets beyond metrics.max_tickets: without series of their own"))
	}
	p.table("Series (~: estimated from some logs, or at most)", rows)
}

func (p *page) objectives(all []Objective) {
	if len(all) == 0 {
		return
	}
	rows := []string{row("TICKETS", "LIVE", "OBJECTIVE")}
	for _, o := range all {
		rows = append(rows, row(o.Tickets, o.Live, o.Name))
	}
	p.table("Objectives, with the tickets they match", rows)
}

func (p *page) labels(r *Report) {
	title := fmt.Sprintf("Status labels that are not understood, in %d logs with %d entries", r.Sample.Logs, r.Sample.Entries)
	rows := []string{row("CHANGES", "LABEL", "THE LIST SAYS")}
	for _, l := range r.Labels {
		rows = append(rows, row(l.Changes, strconv.Quote(l.Label), strings.Join(l.Listed, ", ")))
	}
	if len(r.Labels) == 0 {
		rows = []string{"none"}
	} else {
		rows = append(rows, "", "Give them in statuses.labels; see the page on statuses.")
	}
	if r.Sample.Unreadable > 0 {
		rows = append(rows, fmt.Sprintf("%d changes of status name no two labels in quotes.", r.Sample.Unreadable))
	}
	if r.Sample.Failed > 0 {
		rows = append(rows, fmt.Sprintf("%d logs could not be read.", r.Sample.Failed))
	}
	p.table(title, rows)
}

func (p *page) verdict(r *Report) {
	if r.Incomplete {
		fmt.Fprintf(p, "Not all lists were read to their end (%d requests): numbers are at least these.\n", r.Sample.Lists)
	}
	for _, text := range r.Problems {
		fmt.Fprintf(p, "PROBLEM: %s.\n", text)
	}
	if len(r.Problems) > 0 {
		return
	}
	fmt.Fprintln(p, "The configuration can keep its interval.")
	if r.Requests.AtWorst > r.Requests.Budget {
		fmt.Fprintln(p, "At worst it could not: then reads come later, as socialboards_exporter_poll_lag_seconds shows, and nothing is lost.")
	}
}
