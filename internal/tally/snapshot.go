// Package tally keeps the running totals of everything counted, and the present state of
// every followed ticket, and gives immutable snapshots of them.
package tally

import (
	"iter"
	"slices"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/histogram"
)

// Snapshot is what the domain metrics showed at one moment. It is immutable and may be
// used by several goroutines at once. All lists are sorted by their labels; tickets by id,
// and no batch of them is empty.
// Label values are valid UTF-8 of at most 128 bytes, and no label set is there twice.
type Snapshot struct {
	Ready      bool // false: every list is empty
	Events     []Count
	Users      []fact.User // placed ones
	Changes    []Count
	Durations  []Histogram
	ByStatus   []StatusCount
	Live       [][]Ticket // in batches; one in which nothing changed is that of the snapshot before
	Objectives []Objective
	Calendars  []Calendar

	// Entries is log_entries_total by result: new, late, backlog, known. It is nil until
	// the first Update has brought what the store held: totals that rose from 0 to what
	// they were before a restart would look like something that happened.
	Entries      map[string]uint64
	Unrecognized uint64
	Inconsistent uint64
	Tracked      int // followed tickets
	Unread       int // of these, never read completely
	// ValidUntil is the first instant at which the passing of time alone changes
	// something: a clock comes into warning, a calendar opens or closes. Never: none.
	ValidUntil fact.Instant
}

// Count is a counter: the labels in the order of its fact.Kind.
type Count struct {
	Labels  [3]string
	Value   uint64
	Created fact.Instant
}

// Histogram is a histogram with its labels.
type Histogram struct {
	Labels  [3]string
	Data    histogram.Data
	Created fact.Instant
}

// StatusCount is how many followed tickets are in a status.
type StatusCount struct {
	Status string
	Count  int
}

// Ticket is a live ticket.
type Ticket struct {
	ID               int64
	Status           string
	Assignee, Source string
	Begin, Since     fact.Instant // Never: not known
	Clocks           []Clock
}

// Equal says whether the tickets show alike.
func (t Ticket) Equal(o Ticket) bool {
	return t.ID == o.ID && t.Status == o.Status && t.Assignee == o.Assignee && t.Source == o.Source &&
		t.Begin == o.Begin && t.Since == o.Since && slices.Equal(t.Clocks, o.Clocks)
}

// Tickets gives the live tickets by id.
func (s *Snapshot) Tickets() iter.Seq[Ticket] {
	return func(yield func(Ticket) bool) {
		for _, batch := range s.Live {
			for _, t := range batch {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// Clock is an active clock of a live ticket.
type Clock struct {
	Objective    string
	State        State
	Due, Warning fact.Instant // Never: absent
}

// State is the state of an active clock.
type State string

// The states of a clock; it is in exactly one.
const (
	Breached State = "breached"
	Paused   State = "paused"
	Warning  State = "warning"
	Running  State = "running"
)

// States lists the states in a fixed order.
func States() []State { return []State{Breached, Paused, Warning, Running} }

// Objective is an objective with its totals.
type Objective struct {
	Name             string
	Target           float64 // seconds
	Clocks, Breaches Count
	Durations        Histogram
	Active           map[State]int // every state
}

// Calendar is a calendar and whether it is open.
type Calendar struct {
	Name string
	Open bool
}
