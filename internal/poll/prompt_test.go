package poll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func TestOnlyTicketsThatSomethingAsksForKeepSinceWhen(t *testing.T) {
	s := newSchedule(defaults(), 1)
	now := fact.At(start)
	st := State{ID: 1, LookedAt: ago(minute), ReadAt: ago(hour), FullReadAt: ago(hour), LastEntry: ago(1000 * hour)}
	s.track(st, now)
	it := s.tickets[1]
	require.Nil(t, it.prompt)

	later := now.Add(fact.TicksOf(minute))
	st.Changed = true
	s.update(st, later)
	s.update(st, later.Add(fact.TicksOf(minute)))
	require.Equal(t, later, it.causeSince(), "it has been asked for since then")
	st.Changed, st.ReadAt = false, later.Time()
	s.update(st, later)
	require.Nil(t, it.prompt)

	require.True(t, s.notify(1, later))
	s.update(st, later.Add(1))
	require.Equal(t, later, it.causeSince())
	it.notified = false
	st.ClockDue = start.Add(hour)
	s.update(st, later)
	require.Equal(t, fact.At(st.ClockDue), it.clockDue())
	st.ClockDue = ago(0).Add(-hour)
	s.update(st, later)
	require.Equal(t, fact.At(st.ClockDue), it.clockDue())

	s.track(State{ID: 2}, now)
	s.update(State{ID: 2}, later)
	require.Equal(t, now, s.tickets[2].causeSince(), "it was never read")
}
