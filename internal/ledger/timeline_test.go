package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name, script, want string
	}{
		{"lasts since the beginning, then since the change before", "0:new/client 3:open>pending 8:pending>shut", "open>pending=3 pending>shut=5"},
		{"a gap in the log", "0:new/client 3:open>pending 8:open>shut 9:shut>open", "open>pending=3 open>shut? shut>open=1"},
		{"without a beginning the first observes nothing", "3:open>pending 8:pending>open", "open>pending pending>open=5"},
		{"between two labels of one status nothing changes", "0:new/client 3:open>shut 5:shut>closed 9:closed>open", "open>shut=3 -shut>shut* shut>open=6"},
		{"labels that cannot be read are no change", "0:new/client 3:> 8:open>pending", "open>pending=8"},
		{"older than the beginning", "2:open>pending 5:new/client 8:pending>open", "open>pending pending>open=6"},
		{"at the instant of the beginning", "0:open>pending 0:new/client", "open>pending=0"},
		{"at one instant as they stood in the log", "0:new/client 3:open>pending 3:pending>shut 4:shut>open", "open>pending=3 pending>shut=0 shut>open=1"},
		{"the earliest creation counts", "4:new/client 2:new/client 9:open>shut", "open>shut=7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, testRules()).happens(c.script)
			s.read(500)
			require.Equal(t, c.want, s.changes())
		})
	}
}

func TestTheListTellsTheBeginningIfTheLogDoesNot(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("3:open>pending 5:team")
	s.c.Ticket.Created = min0(1)
	j := s.read(10)
	require.Equal(t, min0(1), j.Begin)
	require.Equal(t, "open>pending=2", s.changes())
	require.Equal(t, "1-5=4", s.outcomes())
}

func TestPresentStatus(t *testing.T) {
	for _, c := range []struct {
		name, script, first, list string
		status                    string
		since                     fact.Instant
		done                      bool
	}{
		{"by the latest change", "0:new/client 3:open>pending", "open", "pending", "pending", min0(3), false},
		{"as the list first said while the log shows no change", "0:new/client", "open", "pending", "open", min0(0), false},
		{"as the list says if it is not known what it first said", "0:new/client", "", "shut", "shut", min0(0), true},
		{"not known", "0:new/client", "", "", "", min0(0), false},
		{"nor since when", "", "shut", "shut", "shut", fact.Never, true},
		{"the log goes before the list", "0:new/client 3:pending>open", "shut", "shut", "open", min0(3), false},
		{"entered again where the log has a gap", "0:new/client 3:open>pending 9:open>pending", "", "", "pending", min0(9), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, testRules()).happens(c.script)
			s.c.Ticket.FirstStatus, s.c.Ticket.ListStatus = c.first, c.list
			j := s.read(500)
			require.Equal(t, c.status, j.Status)
			require.Equal(t, c.since, j.Since)
			require.Equal(t, c.done, j.Done)
		})
	}
}

func TestLabelsOfNoKnownStatusAreCounted(t *testing.T) {
	s := newStory(t, testRules()).happens("0:new/client 3:open>Parked 5:Parked>Lost")
	s.read(10)
	require.Equal(t, "open>parked=3 parked>lost=2", s.changes())
	require.Equal(t, 1, s.c.Changes[0].Unrecognized)
	require.Equal(t, 2, s.c.Changes[1].Unrecognized)
}

// What was counted of a label stays, also when the tables know better now.
func TestChangesKeepTheStatusesTheyWereCountedWith(t *testing.T) {
	s := newStory(t, testRules()).happens("0:new/client 3:open>Parked")
	s.read(5)
	before := s.rules.Status
	s.rules.Status = func(label string) (string, bool) {
		if label == "Parked" {
			return "pending", true
		}
		return before(label)
	}
	require.Equal(t, "parked", s.read(6).Status)
	s.happens("9:Parked>open")
	s.read(10)
	require.Equal(t, "open>parked=3 pending>open?", s.changes(), "the label has another status now: no duration is known")
}

func TestALateChange(t *testing.T) {
	t.Run("before one that was counted decides nothing", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 1000))).happens("0:new/client 9:open>shut")
		s.read(10)
		s.happens("4:open>pending 6:pending>open")
		require.Equal(t, "shut", s.read(11).Status)
		require.Equal(t, "open>shut=9 open>pending* pending>open*", s.changes())
		require.Empty(t, s.outcomes())
		s.happens("12:shut>open")
		s.read(13)
		require.Equal(t, "open>shut=9 open>pending* pending>open* shut>open=3", s.changes())
	})
	t.Run("after all that was counted decides fully", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client 3:open>pending 20:client")
		s.read(30)
		s.happens("9:pending>shut")
		require.Equal(t, "shut", s.read(40).Status)
		require.Equal(t, "open>pending=3 pending>shut=6", s.changes())
	})
	t.Run("before one that was not counted decides", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client 9:open>open")
		s.read(10)
		s.happens("4:open>pending")
		require.Equal(t, "pending", s.read(11).Status)
		require.Equal(t, "-open>open* open>pending=4", s.changes())
	})
	t.Run("the order of one reading does not matter", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client 9:pending>shut 4:open>pending")
		s.read(10)
		require.Equal(t, "open>pending=4 pending>shut=5", s.changes())
	})
}

func TestCorrections(t *testing.T) {
	t.Run("change the timeline without an entry", func(t *testing.T) {
		s := newStory(t, testRules(objective(Resolution, 1000))).happens("0:new/client 3:open>pending")
		s.read(10)
		j := s.corrected(20, "shut").read(30)
		require.Equal(t, "shut", j.Status)
		require.Equal(t, min0(20), j.Since)
		require.True(t, j.Done)
		require.Equal(t, "0-20=20", s.outcomes())
		require.Equal(t, "open>pending=3", s.changes())
		s.happens("25:shut>open 26:pending>shut")
		s.read(40)
		require.Equal(t, "open>pending=3 shut>open=5 pending>shut?", s.changes(), "the next change goes on from the correction")
		require.Equal(t, "0-20=20 25-26=1", s.outcomes())
	})
	t.Run("before the first change", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 1000))).happens("0:new/client")
		s.c.Ticket.FirstStatus, s.c.Ticket.ListStatus = "open", "pending"
		require.Equal(t, "open", s.read(10).Status)
		require.Equal(t, "pending", s.corrected(20, "pending").read(30).Status)
		s.happens("45:pending>open")
		s.read(50)
		require.Equal(t, "pending>open=25", s.changes())
		require.Equal(t, "20-45=25", s.outcomes(), "not since the beginning")
	})
	t.Run("are overtaken by entries that come late", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client")
		s.c.Ticket.FirstStatus = "open"
		s.corrected(20, "pending").read(30)
		s.happens("15:open>pending")
		j := s.read(40)
		require.Equal(t, min0(15), j.Since)
		require.Equal(t, "open>pending=15", s.changes())
	})
	t.Run("come too late before a change that was counted", func(t *testing.T) {
		s := newStory(t, testRules(objective(Resolution, 1000))).happens("0:new/client 30:open>pending")
		s.read(40)
		require.Equal(t, "pending", s.corrected(20, "shut").read(50).Status)
		require.Empty(t, s.outcomes())
	})
	t.Run("of the present status change nothing", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client 3:open>pending")
		require.Equal(t, min0(3), s.corrected(20, "pending").read(30).Since)
	})
	t.Run("of what the list first said leave it to the log what came first", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 1000))).happens("0:new/client")
		s.c.Ticket.FirstStatus = "open"
		s.corrected(20, "open").read(30)
		s.happens("40:pending>shut")
		s.read(50)
		require.Equal(t, "0-20=20", s.outcomes())
		require.Equal(t, "pending>shut?", s.changes())
	})
	t.Run("after a hand-over are another's", func(t *testing.T) {
		s := newStory(t, testRules()).happens("0:new/client 3:open>pending")
		s.c.Ticket.Until = min0(10)
		require.Equal(t, "pending", s.corrected(20, "shut").read(30).Status)
	})
}
