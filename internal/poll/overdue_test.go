package poll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

// A look that failed, and that nothing asks for any longer since the ticket is done, is
// not overdue until the next one, hours later.
func TestAFailureThatNothingAsksForIsNotOverdue(t *testing.T) {
	w := newWorld()
	w.settled(1, ago(1000*hour))
	w.listFails = func(apiclient.ListQuery) error { return serverError() }
	p := w.poller(defaults())
	w.run(t, p, start.Add(40*minute))
	require.Greater(t, p.Lag(), 10*minute)
	w.things[1].done, w.things[1].doneSince = true, ago(1000*hour)
	require.True(t, p.Notify(1))
	w.run(t, p, start.Add(41*minute))
	st, ok := p.Ticket(1)
	require.True(t, ok)
	require.Positive(t, st.LookFailures)
	require.Greater(t, st.NextLook.Sub(w.clock.Now()), 10*hour)
	require.Zero(t, p.Lag())

	w.run(t, p, st.NextLook.Add(hour))
	require.InDelta(t, hour, p.Lag(), float64(minute), "it has fallen due again, and fails")
	w.listFails = nil
	w.run(t, p, st.NextLook.Add(2*hour))
	require.Zero(t, p.Lag())
}
