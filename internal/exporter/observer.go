package exporter

import (
	"time"

	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/health"
	"socialboards_exporter/internal/poll"
)

// observer tells the metrics and the tracker of health what polling comes to.
type observer struct {
	*exposition.Process
	health *health.Tracker
}

// RecordFailed marks the store as one that cannot be written.
func (o observer) RecordFailed(err error) {
	o.health.StoreFailed(true)
	o.Process.RecordFailed(err)
}

// ReadDone marks the store as one that can be written: a reading is done once it is stored.
func (o observer) ReadDone(ticket int64, trigger poll.Trigger, begun time.Time) {
	o.health.StoreFailed(false)
	o.Process.ReadDone(ticket, trigger, begun)
}

// LookDone does the same for a look.
func (o observer) LookDone(tickets []int64, begun time.Time) {
	o.health.StoreFailed(false)
	o.Process.LookDone(tickets, begun)
}
