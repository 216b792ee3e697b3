package exporter

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The metrics by which one sees how far the first pass is move with each ticket that is
// found and read, and agree with what is told on a terminal.
func TestTheFirstPassShowsHowFarItIs(t *testing.T) {
	const unread = "socialboards_exporter_unread_tickets"
	r := inhabited(t, 10)
	require.Equal(t, Progress{}, r.startedProgress())
	seen := map[Progress]bool{}
	for !r.s.recorder.Ready() {
		did, err := r.s.poller.Step(r.ctx())
		require.NoError(t, err)
		require.True(t, did)
		p, s := r.e.Progress(), r.scrape()
		require.Equal(t, s[tracked], float64(p.Total))
		require.Equal(t, s[unread], float64(p.Total-p.Read))
		require.Equal(t, s["socialboards_exporter_ready"] == 1, p.Ready)
		seen[p] = true
	}
	for read := range 10 {
		require.True(t, seen[Progress{false, read, 10}], "%d of 10 read: %v", read, seen)
	}
	require.Equal(t, Progress{true, 10, 10}, r.e.Progress())
}

// startedProgress starts the exporter and tells what it shows before anything was asked.
func (r *rig) startedProgress() Progress {
	r.start("tickets: {discover: [{}]}\n" + calm)
	return r.e.Progress()
}
