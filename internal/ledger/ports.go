// Package ledger folds what is known of a ticket into what is true of it: its timeline,
// how long it was in each status, and its SLA clocks. Judge is pure: the same case gives
// the same judgement, and what was counted before is never judged again.
package ledger

import (
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/sla"
)

// Rules are the part of the configuration that judging goes by. A Rules is not changed
// once it is in use.
type Rules struct {
	// Status gives the status that a display label stands for; false: it is known neither
	// to the tables, nor to the configuration, nor learned, and its slug is given.
	Status func(label string) (status string, recognized bool)
	// Done says whether status is one in which a ticket is no longer live.
	Done       func(status string) bool
	Objectives []Objective
}

// Measure is what an objective measures.
type Measure string

// The measures.
const (
	FirstResponse Measure = "first_response"
	NextResponse  Measure = "next_response"
	Update        Measure = "update"
	Resolution    Measure = "resolution"
	TimeInStatus  Measure = "time_in_status"
)

// Objective is a promise: how much counted time may pass.
type Objective struct {
	Name     string
	Measure  Measure
	Status   string // of TimeInStatus
	Target   time.Duration
	WarnAt   float64 // share of Target after which a clock is in warning
	Calendar *sla.Calendar
	PauseIn  map[string]bool // statuses in which its clocks stand still
	Match    Match
	// Since is when this definition replaced another under the same name; what had
	// stopped by then is not judged again. Never: it is the first.
	Since fact.Instant
}

// Match limits an objective to some tickets. Each list that is not empty must hold, with
// any one of its values.
type Match struct {
	Sources    []string
	Categories []int64
	Tags       []string
}

// Case is everything that is known of one ticket.
type Case struct {
	fact.History
	// Known is how far the log is known: the begin of the last complete read.
	Known fact.Instant
	// Seq is the last that has arrived, entry or correction, in the whole store.
	Seq int64
}

// Judgement is what follows from a Case.
type Judgement struct {
	Changes  []fact.Change  // newly judged, in order of time
	Outcomes []fact.Outcome // new, or different from the case's
	Begin    fact.Instant   // when the ticket began; Never: not known
	Status   string         // present status; empty: not known
	Since    fact.Instant   // when it entered Status; Never: not known
	Done     bool
	Clocks   []Clock // active clocks, in the order of the objectives; none when Done or departed
}

// Clock is an active clock of an objective.
type Clock struct {
	Objective string
	Start     fact.Instant
	Breached  bool         // its breach is certain
	Paused    bool         // the present status is one of its pauses, and it is not breached
	Due       fact.Instant // when it reaches, or reached, its target; Never while paused and unbreached
	Warning   fact.Instant // the same for WarnAt
	// Exceeded is the instant from which on its counted time is more than its target, while
	// it has joined and its definition holds: a read begun after it tells whether the promise
	// was broken. Never: while it is paused it will not be.
	Exceeded fact.Instant
	Warned   bool // while paused: WarnAt had been reached before
}
