// Package exposition turns totals into metric families and serves them. It knows the
// tally's snapshots and nothing of where they come from; what a snapshot shows is rendered
// as it is, never judged again.
package exposition

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/tally"
)

// View gives what there is to show. It gives the same pointer as long as nothing changed.
type View interface {
	Snapshot(now time.Time) *tally.Snapshot
}

// Options are the parts of the configuration that limit what is shown.
type Options struct {
	ActionTypes []string // show only these as events; empty: all
	UserNames   bool     // show the names of team members and bots
	MaxTickets  int      // live tickets with series of their own
	InboxURL    string   // empty: not shown
}

// Domain gives the domain metrics, and the state of the exporter that belongs to the
// same moment. It keeps the families it built until the view gives another snapshot. It
// may be used by several goroutines at once.
type Domain struct {
	now func() time.Time

	mu       sync.Mutex
	view     View
	options  Options
	snapshot *tally.Snapshot // that families were built of; nil: none
	families []*dto.MetricFamily
}

// NewDomain gives what view shows.
func NewDomain(view View, options Options, now func() time.Time) *Domain {
	return &Domain{view: view, options: options, now: now}
}

// Configure has the next scrape show another view with other options.
func (c *Domain) Configure(view View, options Options) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.view, c.options, c.snapshot = view, options, nil
}

// Gather gives the families, sorted by name. They are shared between callers, who must not
// change them. It never fails.
func (c *Domain) Gather() ([]*dto.MetricFamily, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.view.Snapshot(c.now())
	if s != c.snapshot || c.families == nil {
		c.snapshot, c.families = s, build(s, c.options)
	}
	return c.families, nil
}

var _ prometheus.Gatherer = (*Domain)(nil)

func ticketID(id int64) string { return strconv.FormatInt(id, 10) }
