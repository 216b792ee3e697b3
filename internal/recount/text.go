package recount

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// shown is how many series are listed.
const shown = 20

// WriteTo writes the report as text: the totals of each metric, the series that moved
// most, and what Prometheus would make of it.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	r.totals(&b)
	r.series(&b)
	r.advice(&b)
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (r Report) totals(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "series before\tafter\tcounted before\tafter\t  metric")
	for _, m := range r.Metrics {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t  %s\n", m.SeriesBefore, m.SeriesAfter, m.Before, m.After, m.Name)
	}
	_ = t.Flush() // a strings.Builder takes everything
}

func (r Report) series(b *strings.Builder) {
	if len(r.Moved) == 0 {
		return
	}
	fmt.Fprintf(b, "\nWhat moves most (%d of %d series):\n", min(shown, len(r.Moved)), len(r.Moved))
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, s := range r.Moved[:min(shown, len(r.Moved))] {
		fmt.Fprintf(t, "%s\t->\t%s\t  %s\n", number(s.Before), number(s.After), s)
	}
	_ = t.Flush()
}

func number(n *uint64) string {
	if n == nil {
		return "none"
	}
	return strconv.FormatUint(*n, 10)
}

// String gives the series as Prometheus writes it.
func (s Series) String() string {
	if len(s.Labels) == 0 {
		return s.Metric
	}
	pairs := make([]string, 0, len(s.Labels))
	for _, l := range s.Labels {
		pairs = append(pairs, l.Name+"="+strconv.Quote(l.Value))
	}
	return s.Metric + "{" + strings.Join(pairs, ",") + "}"
}

func (r Report) advice(b *strings.Builder) {
	if len(r.Moved) == 0 {
		b.WriteString("\nNothing moves: all series stay as they are.\n")
		return
	}
	var falls, rises int
	for _, s := range r.Moved {
		switch {
		case s.Falls():
			falls++
		case s.Rises():
			rises++
		}
	}
	fmt.Fprintf(b, "\nTo Prometheus a counter that is lower than at the last scrape was reset, and what it is higher by happens now.\n"+
		"Under the same instance %d series would seem to be reset and %d to jump. Give the exporter another `instance` label\n"+
		"in the scrape configuration before it is started again, so that these are new series that begin with what they count.\n", falls, rises)
}
