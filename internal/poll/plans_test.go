package poll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
)

func TestPlanTellsOfLooksAndReads(t *testing.T) {
	w := newWorld()
	w.settled(1, start.Add(-hour))
	w.add(2)
	w.logFails = func(id int64) error {
		if id == 2 {
			return serverError()
		}
		return nil
	}
	p := w.poller(defaults())
	w.run(t, p, start.Add(10*time.Second))
	plan, ok := p.Plan(1)
	require.True(t, ok)
	require.Equal(t, Plan{LookedAt: start, ReadAt: start, Next: start.Add(6 * minute)}, plan, "a tenth of an hour later")
	plan, ok = p.Plan(2)
	require.True(t, ok)
	require.Equal(t, start, plan.LookedAt)
	require.Zero(t, plan.ReadAt)
	require.WithinRange(t, plan.Next, w.clock.Now().Add(-10*time.Second), w.clock.Now().Add(10*time.Second))
	_, ok = p.Plan(3)
	require.False(t, ok)
}

func TestFailingTellsOfTheReadBeforeTheLook(t *testing.T) {
	const tickets = 20
	w := newWorld()
	for id := range int64(tickets) {
		w.add(id+1, ago(hour))
	}
	p := w.poller(defaults())
	w.run(t, p, start.Add(10*time.Second))
	require.Empty(t, p.Failing())

	w.listFails = func(apiclient.ListQuery) error { return &apiclient.Error{Kind: apiclient.Timeout} }
	w.logFails = func(id int64) error {
		if id%2 == 0 {
			return serverError()
		}
		return nil
	}
	w.run(t, p, start.Add(20*minute))
	failing := p.Failing()
	require.Len(t, failing, tickets)
	for id := int64(1); id <= tickets; id++ {
		want := kindOf(serverError())
		if id%2 == 1 {
			want = apiclient.Timeout
		}
		require.Equal(t, want, kindOf(failing[id]), "ticket %d", id)
	}

	w.listFails, w.logFails = nil, nil
	w.run(t, p, start.Add(2*hour))
	require.Empty(t, p.Failing())
}
