// Package poll decides whom to ask when. It keeps due times; lists, webhooks, SLA targets
// and the passing of time only ever move due times. It knows the API by Source and keeps
// nothing for good: what it learns goes to the Recorder.
//
// There are looks, in which a list tells of up to fifty tickets at once, reads of one
// ticket's log, and pages of the selections that take up tickets. When more is due than
// the request rate allows, reads that a webhook or an SLA clock asks for come first, then
// logs that were never read or have changed, pages of selections, looks, and at last reads
// that nothing asks for; the most overdue first within each. See schedule and share.
package poll

import (
	"context"
	"time"

	"socialboards_exporter/apiclient"
)

// Source answers lists and logs. apiclient.Client is one. Its errors are *apiclient.Error.
type Source interface {
	List(ctx context.Context, q apiclient.ListQuery) ([]apiclient.Ticket, error)
	ReadLog(ctx context.Context, ticket int64, q apiclient.LogQuery) (apiclient.Reading, error)
}

// Clock tells the time and waits for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Trigger is why a log is read; its strings are label values.
type Trigger string

// The triggers, in the order of their priority.
const (
	Webhook Trigger = "webhook" // a webhook named the ticket
	ByClock Trigger = "clock"   // an SLA target is exceeded
	First   Trigger = "first"   // the log was never read
	Changed Trigger = "changed" // a look showed a difference
	Due     Trigger = "due"     // a tenth of the idle time is over
)

// State is what the schedule goes by for one followed ticket. The recorder derives it
// from what it has made durable, so that a restart goes on where the last one ended.
// Zero times mean never.
type State struct {
	ID         int64
	Done       bool
	DoneSince  time.Time // when it entered its done status
	LookedAt   time.Time // begin of the last answered look
	ReadAt     time.Time // begin of the last complete read
	FullReadAt time.Time // begin of the last read that reached the log's end
	LastEntry  time.Time // latest entry, ticket_read aside
	Since      time.Time // when the ticket was created or found: stands in for LastEntry while that is not known
	Changed    bool      // the list shows what no read has followed yet
	ClockDue   time.Time // first instant at which an open SLA clock will have exceeded its target
	LabelProbe bool      // another look, and a read after it, would settle an unknown label
	Gone       bool      // no longer followed
}

// Recorder makes durable what was learned, at the latest in the next Flush, and answers with
// the new State of the tickets concerned. A Poller calls one method at a time, from any
// goroutine. An error means that nothing was recorded: then all polling pauses, and what was
// learned is asked for again.
// That ctx ends does not keep what was learned from being recorded; it only cuts short
// what can be done again at the next start.
type Recorder interface {
	// Tickets calls take with the State of every followed ticket, by id. It may be called
	// again, also after an error.
	Tickets(ctx context.Context, take func(State)) error
	// Known tells which entries of the ticket are known, in the form a read wants it.
	Known(ctx context.Context, ticket int64) (func(at time.Time, actionType string) int, error)
	// Looked records the answer to a look at asked, begun at begun. Tickets that were not
	// asked for have been removed from found.
	Looked(ctx context.Context, begun time.Time, asked []int64, found []apiclient.Ticket) ([]State, error)
	// Discovered records tickets that a page of a selection showed, and takes up those
	// that are not followed. fresh counts those that were taken up or looked different.
	Discovered(ctx context.Context, selection string, begun time.Time, page []apiclient.Ticket) (states []State, fresh int, err error)
	// SelectionRead records that a complete reading of the selection, begun at begun, ended.
	SelectionRead(ctx context.Context, selection string, begun time.Time) error
	// Read records a complete reading. rewritten means that nothing was counted from it.
	Read(ctx context.Context, ticket int64, r apiclient.Reading) (s State, rewritten bool, err error)
	// ReadFailed records that the ticket's own answer was a failure of this kind.
	ReadFailed(ctx context.Context, ticket int64, begun time.Time, kind apiclient.Kind) (State, error)
	// Expired records that a done ticket has been followed for long enough.
	Expired(ctx context.Context, ticket int64) error
	// Flush makes durable what was recorded, where that was put off because more was to come.
	// It is called whenever there is nothing to do, mostly in vain.
	Flush(ctx context.Context) error
}

// Observer is told what happened, for metrics and for the tickets page. It must not block.
type Observer interface {
	ReadDone(ticket int64, trigger Trigger, begun time.Time)
	ReadFailed(ticket int64, reason string, err error)
	LookDone(tickets []int64, begun time.Time)
	RecordFailed(err error)
}

// Settings are the rules of looking and reading, as configured.
type Settings struct {
	Interval        time.Duration
	MaxInterval     time.Duration
	ReadMaxInterval time.Duration
	DoneMaxInterval time.Duration
	DoneFor         time.Duration // not above 0: done tickets are followed for ever
	RequestRate     float64       // requests a second of the whole process; reads without a cause get half of it; 0: no limit
	Concurrency     int           // jobs at once
	Selections      []Selection
}

// Selection is a configured query that takes up tickets.
type Selection struct {
	Key           string              // canonical text, stable across starts
	Query         apiclient.ListQuery // without paging
	CreatedWithin time.Duration       // 0: any age
	Complete      time.Time           // begin of its last complete reading; zero: none yet
}
