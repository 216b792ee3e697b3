package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAChangedObjectiveJudgesClocksThatAreOpenOrStartLater(t *testing.T) {
	changed := func(target, since float64) Objective {
		o := objective(Update, target)
		o.Since = min0(since)
		return o
	}
	t.Run("what had stopped is not judged", func(t *testing.T) {
		s := newStory(t, testRules(changed(5, 30))).happens("0:new/client 1:team 20:team 30:team")
		s.read(31)
		require.Empty(t, s.outcomes())
	})
	t.Run("what is open is, and what lay before takes the change as its instant", func(t *testing.T) {
		s := newStory(t, testRules(changed(5, 30))).happens("0:new/client 1:team")
		require.Equal(t, "1 running warn 5 due 6 over 30", shown(s.read(30).Clocks), "another read is due at once")
		require.Empty(t, s.outcomes(), "no read has begun since")
		s.read(31)
		require.Equal(t, "1-!30", s.outcomes())
		s.happens("40:team")
		s.read(41)
		require.Equal(t, "1-40=39!30", s.outcomes())
	})
	t.Run("what was breached by the former stays so", func(t *testing.T) {
		s := newStory(t, testRules(objective(Update, 10))).happens("0:new/client 1:team")
		s.read(20)
		s.rules = testRules(changed(1000, 30))
		require.Equal(t, "1 breached warn 11 due 11 over 11", shown(s.read(35).Clocks))
		s.happens("40:team")
		s.read(41)
		require.Equal(t, "1-40=39!11", s.outcomes())
	})
	t.Run("what had met the former is not judged again", func(t *testing.T) {
		s := newStory(t, testRules(objective(Update, 100))).happens("0:new/client 1:team 20:team")
		s.read(21)
		s.rules = testRules(changed(5, 30))
		s.read(35)
		require.Equal(t, "1-20=19 20-!30", s.outcomes())
	})
	t.Run("what was breached before the ticket was found is not counted", func(t *testing.T) {
		s := newStory(t, testRules(changed(5, 30)))
		s.c.Ticket.Found = min0(10)
		s.happens("0:new/client 1:team")
		require.Equal(t, "1 breached warn 5 due 6 over 6", shown(s.read(35).Clocks))
		require.Empty(t, s.outcomes())
	})
}

// Where another set of done statuses moves the starts of clocks, none is counted twice.
func TestAChangeOfDoneStatusesCountsNoClockTwice(t *testing.T) {
	s := newStory(t, testRules(objective(Resolution, 60))).happens("0:new/client 10:open>pending 20:pending>open")
	s.read(70)
	require.Equal(t, "0-!60", s.outcomes())
	s.rules.Done = func(status string) bool { return status == "shut" || status == "pending" }
	require.Equal(t, "20 breached warn 60 due 60 over 60", shown(s.read(80).Clocks))
	require.Equal(t, "0-!60", s.outcomes())
	s.happens("90:open>shut")
	s.read(100)
	require.Equal(t, "0-90=70!60", s.outcomes(), "the row goes on with the clock that is left of it")
	s.happens("95:shut>open 99:open>shut")
	s.read(110)
	require.Equal(t, "0-90=70!60 95-99=4", s.outcomes())
}

func TestAPartOfACountedClockIsNotCountedAgain(t *testing.T) {
	s := newStory(t, testRules(objective(Resolution, 60))).happens("0:new/client 10:open>pending 20:pending>open 40:open>shut")
	s.read(50)
	require.Equal(t, "0-40=40", s.outcomes())
	s.rules.Done = func(status string) bool { return status == "shut" || status == "pending" }
	s.read(60)
	require.Equal(t, "0-40=40", s.outcomes())
}

// A measure that is another under the old name starts where a counted clock started.
func TestAClockWhoseStartWasCountedIsNotCountedAgain(t *testing.T) {
	o := objective(FirstResponse, 60)
	s := newStory(t, testRules(o)).happens("0:new/client 10:team")
	s.read(20)
	o.Measure, o.Since = Resolution, min0(30)
	s.rules = testRules(o)
	require.Equal(t, "0 breached warn 48 due 60 over 60", shown(s.read(100).Clocks))
	require.Equal(t, "0-10=10", s.outcomes())
}
