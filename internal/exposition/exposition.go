// Package exposition turns totals into metric families and serves them. It knows the
// tally's snapshots and nothing of where they come from; what a snapshot shows is rendered
// as it is, never judged again.
//
// Between two scrapes little changes, so what was rendered and compressed for one is kept
// for the next, in each format and encoding that is being scraped.
package exposition

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"socialboards_exporter/internal/splice"
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
// same moment. It may be used by several goroutines at once.
type Domain struct {
	now func() time.Time

	mu       sync.Mutex
	view     View
	options  Options
	editions map[variant]*edition
}

// NewDomain gives what view shows.
func NewDomain(view View, options Options, now func() time.Time) *Domain {
	return &Domain{view: view, options: options, now: now, editions: make(map[variant]*edition)}
}

// Configure has the next scrape show another view with other options.
func (d *Domain) Configure(view View, options Options) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.view, d.options = view, options
	clear(d.editions)
}

// Gather gives the families, sorted by name. It never fails.
func (d *Domain) Gather() ([]*dto.MetricFamily, error) {
	return d.gather(func(string) bool { return true }), nil
}

// gather gives the families that are wanted.
func (d *Domain) gather(wanted func(name string) bool) []*dto.MetricFamily {
	d.mu.Lock()
	view, options := d.view, d.options
	d.mu.Unlock()
	return contentOf(view.Snapshot(d.now()), options).families(wanted)
}

// variant tells editions apart.
type variant struct {
	format   format
	encoding splice.Encoding
}

// unused is how long an edition is kept that nobody asks for. Nobody who scrapes less often
// than Prometheus looks back minds the wait.
const unused = 10 * time.Minute

// edition gives what there is to show in a format and an encoding: what the exporter tells
// of itself as families, and everything else as it is to be sent, each sorted by name.
// Whoever comes while it is rendered waits, and is given the same.
func (d *Domain) edition(f format, to splice.Encoding) ([]*dto.MetricFamily, []kept, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for v, e := range d.editions {
		if now.Sub(e.used) > unused {
			delete(d.editions, v)
		}
	}
	e, ok := d.editions[variant{f, to}]
	if !ok {
		e = &edition{format: f, encoding: to}
		d.editions[variant{f, to}] = e
	}
	e.used = now
	if s := d.view.Snapshot(now); s != e.snapshot {
		if err := e.render(s, contentOf(s, d.options)); err != nil {
			return nil, nil, err
		}
	}
	return e.state, e.families, nil
}

var _ prometheus.Gatherer = (*Domain)(nil)

func ticketID(id int64) string { return strconv.FormatInt(id, 10) }
