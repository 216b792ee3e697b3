// Package explain tells what a configuration comes to before anybody runs it: which tickets
// would be followed and why, what that asks of the API, and what would be exposed. It reads
// lists, and a few logs, and changes nothing.
package explain

import (
	"context"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/ledger"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/status"
)

// Source is what is asked. It counts what it sends.
type Source interface {
	List(ctx context.Context, q apiclient.ListQuery) ([]apiclient.Ticket, error)
	ReadLog(ctx context.Context, ticket int64, q apiclient.LogQuery) (apiclient.Reading, error)
}

// Options say what is explained, and how much may be asked.
type Options struct {
	Config     *config.Config
	Poll       poll.Settings // of that configuration
	Objectives []ledger.Objective
	Owns       func(ticket int64) bool // whether a ticket is this shard's
	Source     Source
	Latency    func() time.Duration // of a request for a page of a log, so far; 0: not known
	Now        func() time.Time
	Lists      int // at most so many requests for lists
	Logs       int // logs to read; those of some tickets, spread over all
}

// Explain asks the API and tells what follows. Its error is the API's.
func Explain(ctx context.Context, o Options) (*Report, error) {
	e := &explainer{Options: o, now: o.Now(), tickets: map[int64]*ticket{}, statuses: status.NewTable(o.Config.Statuses().Labels, nil)}
	if err := e.list(ctx); err != nil {
		return nil, err
	}
	if err := e.readSome(ctx); err != nil {
		return nil, err
	}
	return e.report(), nil
}

// explainer is one explanation under way.
type explainer struct {
	Options
	now      time.Time
	statuses *status.Table

	asked     int // lists
	cut       bool
	rules     []Rule
	pages     map[string]int    // of a complete reading, by selection
	tickets   map[int64]*ticket // that would be followed
	ids       []int64           // theirs, sorted
	left      leftOut
	sample    Sample
	users     map[[2]string]map[string]bool // action types by user id and type
	labels    map[string]*Label
	durations map[[2]string]bool // from and to, of changes that the sample shows
}

// ticket is a ticket that would be followed.
type ticket struct {
	apiclient.Ticket
	rules int  // that take it up
	done  bool // in a done status
	old   bool // done for so long that it is read once and left
}

// leftOut are tickets that lists showed and that would not be followed.
type leftOut struct{ gone, foreign map[int64]bool }
