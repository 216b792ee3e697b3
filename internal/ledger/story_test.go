package ledger

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

// A Friday afternoon, a weekend and what came of it, with office hours in Oslo.
func TestADayInTheLife(t *testing.T) {
	oslo := office(t)
	at := func(day, hour, minute int) fact.Instant {
		return fact.At(time.Date(2026, 3, day, hour, minute, 0, 0, oslo.zone))
	}
	first := Objective{Name: "first", Measure: FirstResponse, Target: 4 * time.Hour, WarnAt: 0.8, Calendar: oslo.Calendar, Since: fact.Never}
	next := Objective{Name: "next", Measure: NextResponse, Target: time.Hour, WarnAt: 0.5, Calendar: oslo.Calendar, Since: fact.Never}
	whole := Objective{Name: "whole", Measure: Resolution, Target: 48 * time.Hour, WarnAt: 0.8, Since: fact.Never,
		PauseIn: map[string]bool{"pending": true}}
	s := newStory(t, testRules(first, next, whole))

	// Friday 13 March, ten minutes before the office closes at 15:00, a customer writes.
	s.arrives(entryOf(at(13, 14, 50), "new/client"))
	j := s.readAt(at(13, 14, 51))
	require.Equal(t, at(16, 12, 20), j.Clocks[0].Due, "ten minutes on Friday, 3 h 50 min on Monday, less the break from 11:30 to 12:00")
	require.Equal(t, at(15, 14, 50), j.Clocks[1].Due, "the other promise knows no weekend")

	// On Monday at 09:00 the team answers and waits for the customer.
	s.arrives(entryOf(at(16, 9, 0), "team"))
	s.arrives(entryOf(at(16, 9, 0), "open>pending"))
	j = s.readAt(at(16, 9, 5))
	require.Equal(t, "pending", j.Status)
	require.Equal(t, []fact.Ticks{fact.TicksOf(70 * time.Minute)}, durations(s.c.Outcomes, "first"))
	require.Len(t, j.Clocks, 1)
	require.True(t, j.Clocks[0].Breached, "66 hours on the clock when it stopped counting")
	require.Equal(t, at(15, 14, 50), j.Clocks[0].Due)

	// The customer writes back over lunch; the team answers twenty minutes after the break
	// and is done. Next morning the customer is not content, and the ticket is reopened.
	s.arrives(entryOf(at(16, 11, 45), "client"))
	s.arrives(entryOf(at(16, 11, 45), "pending>open"))
	s.arrives(entryOf(at(16, 12, 20), "team"))
	s.arrives(entryOf(at(16, 12, 20), "open>shut"))
	j = s.readAt(at(16, 13, 0))
	require.True(t, j.Done)
	require.Empty(t, j.Clocks)
	require.Equal(t, []fact.Ticks{fact.TicksOf(20 * time.Minute)}, durations(s.c.Outcomes, "next"))
	require.Equal(t, []fact.Ticks{fact.TicksOf(66*time.Hour + 45*time.Minute)}, durations(s.c.Outcomes, "whole"))

	s.arrives(entryOf(at(17, 7, 30), "client"))
	s.arrives(entryOf(at(17, 7, 31), "shut>open"))
	j = s.readAt(at(17, 9, 30))
	require.Len(t, j.Clocks, 2)
	require.Equal(t, at(17, 9, 0), j.Clocks[0].Due, "the office opened at eight")
	require.True(t, j.Clocks[0].Breached)
	require.False(t, j.Clocks[1].Breached, "a new run, from zero")
	require.Equal(t, at(19, 7, 31), j.Clocks[1].Due)
	require.Len(t, s.c.Changes, 4)
	require.Equal(t, fact.TicksOf(19*time.Hour+11*time.Minute), s.c.Changes[3].Duration)
}

func durations(rows []fact.Outcome, objective string) []fact.Ticks {
	var d []fact.Ticks
	for _, o := range rows {
		if o.Objective == objective && o.Observed {
			d = append(d, o.Duration)
		}
	}
	return d
}
