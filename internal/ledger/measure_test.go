package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

// Each case is one log, read once long after, and all outcomes of one measure.
func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		name    string
		measure Measure
		script  string
		want    string
	}{
		{"runs from the beginning to the team's first reply", FirstResponse, "0:new/client 5:team 9:team", "0-5=5"},
		{"a customer's further questions change nothing", FirstResponse, "0:new/client 2:client 5:team", "0-5=5"},
		{"a bot does not answer", FirstResponse, "0:new/client 2:bot 5:team", "0-5=5"},
		{"other types of user neither ask nor answer", FirstResponse, "0:new/team 2:vendor 3:client 4:vendor 5:team", "3-5=2"},
		{"nobody created it: somebody waits", FirstResponse, "0:new/system 5:team", "0-5=5"},
		{"the team created it: waits from the customer's first reply", FirstResponse, "0:new/team 3:team 4:client 6:client 9:team", "4-9=5"},
		{"a bot created it", FirstResponse, "0:new/bot 4:client 9:team", "4-9=5"},
		{"the team created it and nobody ever asked", FirstResponse, "0:new/team 3:team", ""},
		{"no beginning is known", FirstResponse, "1:client 5:team", ""},
		{"a done status pauses it", FirstResponse, "0:new/client 2:open>shut 10:shut>open 13:team", "0-13=5"},
		{"answered while done", FirstResponse, "0:new/client 2:open>shut 10:team", "0-10=2"},
		{"an answer at the instant of creation", FirstResponse, "0:team 0:new/client", "0-0=0"},
		{"a reply older than the beginning answers nothing", FirstResponse, "0:team 1:new/client 4:team", "1-4=3"},

		{"starts only after the first response", NextResponse, "0:new/client 1:client 5:team 7:client 8:client 10:team", "7-10=3"},
		{"without a beginning the team's first reply is the first response", NextResponse, "0:client 2:team 4:client 7:team", "4-7=3"},
		{"the team created it: its own first words are no response", NextResponse, "0:new/team 1:team 2:client 3:client 5:team 6:client 9:team", "6-9=3"},
		{"enters a done status: no outcome", NextResponse, "0:new/client 1:team 2:client 5:open>shut 9:team", ""},
		{"written to a done ticket: starts when it is reopened", NextResponse, "0:new/client 1:team 2:open>shut 4:client 6:shut>open 9:team", "6-9=3"},
		{"... unless the team replied between", NextResponse, "0:new/client 1:team 2:open>shut 4:client 5:team 6:shut>open 9:team", ""},
		{"... and once only", NextResponse, "0:new/client 1:team 2:open>shut 4:client 6:shut>open 7:open>shut 8:shut>open 9:team", ""},
		{"reopened before the reply", NextResponse, "0:new/client 1:team 2:open>shut 4:shut>open 5:client 9:team", "5-9=4"},
		{"reply and reopening at one instant", NextResponse, "0:new/client 1:team 2:open>shut 4:shut>open 4:client 9:team", "4-9=5"},
		{"a question left open when it was done is not asked again", NextResponse, "0:new/client 1:team 2:client 3:open>shut 6:shut>open 9:team", ""},
		{"a bot does not answer either", NextResponse, "0:new/client 1:team 2:client 3:bot 9:team", "2-9=7"},

		{"from each reply of the team to its next", Update, "0:new/client 1:team 4:client 5:team 9:team", "1-5=4 5-9=4"},
		{"enters a done status: nobody expects an update", Update, "0:new/client 1:team 4:open>shut 9:team", ""},
		{"a reply to a done ticket promises none", Update, "0:new/client 1:open>shut 2:team 4:shut>open 9:team 11:team", "9-11=2"},
		{"answered and done at one instant", Update, "0:new/client 4:open>shut 4:team", ""},

		{"until it is done", Resolution, "0:new/client 7:open>shut", "0-7=7"},
		{"reopened: again, from zero", Resolution, "0:new/client 7:open>shut 10:shut>open 14:open>pending 15:pending>shut", "0-7=7 10-15=5"},
		{"begins done", Resolution, "0:new/client 7:shut>open 9:open>shut", "7-9=2"},
		{"no beginning is known: only from the reopening", Resolution, "7:open>shut 9:shut>open 12:open>shut", "9-12=3"},
		{"from one done label to another is no change", Resolution, "0:new/client 7:open>shut 8:shut>closed 9:closed>open 10:open>shut", "0-7=7 9-10=1"},

		{"from entering to leaving", TimeInStatus, "0:new/client 3:open>pending 8:pending>open 10:open>pending 11:pending>shut", "3-8=5 10-11=1"},
		{"begins in it", TimeInStatus, "0:new/client 3:pending>open", "0-3=3"},
		{"begins in it, but when is not known", TimeInStatus, "3:pending>open", ""},
		{"entered twice at one instant", TimeInStatus, "0:new/client 3:open>pending 3:pending>open 3:open>pending 5:pending>open", "3-3=0 3.000000001666667-5=1.9999999983333334"},
	} {
		t.Run(string(c.measure)+": "+c.name, func(t *testing.T) {
			s := newStory(t, testRules(objective(c.measure, 1000))).happens(c.script)
			s.read(500)
			require.Equal(t, c.want, s.outcomes())
		})
	}
}

func TestPausesStopTheCount(t *testing.T) {
	o := objective(Resolution, 10)
	o.PauseIn = map[string]bool{"pending": true}
	s := newStory(t, testRules(o)).happens("0:new/client 4:open>pending")
	require.Equal(t, "0 paused", shown(s.read(100).Clocks))
	s.happens("104:pending>open")
	require.Equal(t, "0 running warn 108 due 110 over 110", shown(s.read(105).Clocks))
	s.happens("109:open>pending")
	require.Equal(t, "0 paused warned", shown(s.read(150).Clocks))
	s.happens("209:pending>open 211:open>shut")
	require.Empty(t, shown(s.read(300).Clocks), "a done ticket has no active clocks")
	require.Equal(t, "0-211=11!210", s.outcomes())
}

func TestATicketThatBeginsInAPause(t *testing.T) {
	o := objective(Resolution, 10)
	o.PauseIn = map[string]bool{"pending": true}
	s := newStory(t, testRules(o)).happens("0:new/client 4:pending>open 9:open>shut")
	s.read(100)
	require.Equal(t, "0-9=5", s.outcomes())
}

func TestOutsideTheCalendarNothingCounts(t *testing.T) {
	o := objective(Resolution, 60)
	o.Calendar = officeHours(t)
	s := newStory(t, testRules(o)).happens("30:new/client")
	require.Equal(t, "30 running warn 138 due 150 over 150", shown(s.read(40).Clocks))
	s.happens("149:open>shut")
	s.read(200)
	require.Equal(t, "30-149=59", s.outcomes())
}

// A target reached at closing time is exceeded when the calendar opens again.
func TestAnAnswerBetweenClosingAndOpeningIsInTime(t *testing.T) {
	o := objective(FirstResponse, 60)
	o.Calendar = officeHours(t)
	s := newStory(t, testRules(o)).happens("0:new/client")
	require.Equal(t, "0 running warn 48 due 60 over 120", shown(s.read(90).Clocks))
	s.happens("120:team")
	s.read(200)
	require.Equal(t, "0-120=60", s.outcomes())

	s = newStory(t, testRules(o)).happens("0:new/client 121:team")
	s.read(200)
	require.Equal(t, "0-121=61!120", s.outcomes())
}

func TestABreachIsCertainOnlyWhenAReadBegunLaterShowsIt(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client")
	require.Equal(t, "0 running warn 48 due 60 over 60", shown(s.read(60).Clocks))
	require.Empty(t, s.outcomes(), "the read began at the very instant")
	require.Equal(t, "0 breached warn 48 due 60 over 60", shown(s.read(60.5).Clocks))
	require.Equal(t, "0-!60", s.outcomes(), "counted while it is still open")
	s.happens("75:team")
	s.read(80)
	require.Equal(t, "0-75=75!60", s.outcomes())
}

func TestAnAnswerInTimeLearnedLateIsNoBreach(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client")
	s.read(50)
	s.happens("59:team")
	s.read(10_000)
	require.Equal(t, "0-59=59", s.outcomes())
}

func TestTheLogItselfMayShowABreach(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client 61:team")
	s.read(59) // the reply came while the log was being read
	require.Equal(t, "0-61=61!60", s.outcomes())
}

func TestABreachIsCountedOfAClockThatEndsWithoutOutcome(t *testing.T) {
	s := newStory(t, testRules(objective(NextResponse, 10))).happens("0:new/client 1:team 2:client 20:open>shut 30:team")
	s.read(100)
	require.Equal(t, "2-!12", s.outcomes())
}

func TestDepartureEndsClocks(t *testing.T) {
	for _, c := range []struct {
		name          string
		departed      float64
		known         float64
		script, wants string
	}{
		{"before the target", 50, 100, "0:new/client", ""},
		{"at the target", 60, 100, "0:new/client", ""},
		{"after it, not known until then", 70, 55, "0:new/client", ""},
		{"after it", 70, 65, "0:new/client", "0-!60"},
		{"answered before", 70, 65, "0:new/client 40:team", "0-40=40"},
		{"answered at the instant", 40, 65, "0:new/client 40:team", "0-40=40"},
		{"written to after", 50, 200, "0:new/team 60:client", ""},
		{"answered after", 50, 65, "0:new/client 55:team", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, testRules(objective(FirstResponse, 60))).happens(c.script)
			s.c.Ticket.Departed = min0(c.departed)
			require.Empty(t, s.read(c.known).Clocks)
			require.Equal(t, c.wants, s.outcomes())
		})
	}
}

func TestHandedOverToAnotherShard(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client 20:open>pending 50:pending>open 50:team")
	s.c.Ticket.Until = min0(50)
	require.Equal(t, "0 running warn 48 due 60 over 60", shown(s.read(40).Clocks), "it is here until then")
	j := s.read(55)
	require.Empty(t, j.Clocks)
	require.Equal(t, "pending", j.Status)
	require.Empty(t, s.outcomes())
	require.Equal(t, "open>pending=20", s.changes())
}

// What was judged before the hand-over was decided on stays counted, and decides nothing.
func TestHandedOverInHindsight(t *testing.T) {
	s := newStory(t, testRules()).happens("0:new/client 20:open>pending 50:pending>open")
	require.Equal(t, "open", s.read(60).Status)
	s.c.Ticket.Until = min0(40)
	require.Equal(t, "pending", s.read(70).Status)
	require.Equal(t, "open>pending=20 pending>open=30", s.changes())
}

func TestClocksOfUnreadTicketsAreNotShown(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60)))
	s.c.Ticket.Created = min0(0)
	s.c.Known = fact.Never
	require.Empty(t, Judge(s.c, s.rules).Clocks)
}

// A target that is reached, a pause that comes in the very reading which began before: the
// next read will tell, so it must be asked for.
func TestAPauseAfterTheTargetStillAsksForARead(t *testing.T) {
	o := objective(Resolution, 10)
	o.PauseIn = map[string]bool{"pending": true}
	s := newStory(t, testRules(o)).happens("0:new/client 11:open>pending")
	require.Equal(t, "0 paused warned over 10", shown(s.read(9).Clocks))
	require.Equal(t, "0 breached warn 8 due 10 over 10", shown(s.read(12).Clocks))
}
