package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func TestOnlyWhatHappenedAfterFoundCounts(t *testing.T) {
	for _, c := range []struct {
		name    string
		found   float64
		script  string
		changes string
		want    string // of resolution within 60
		clock   string
	}{
		{"a change before", 5, "0:new/client 3:open>pending 9:pending>shut", "-open>pending=3 pending>shut=6", "0-9=9", ""},
		{"at the very instant", 9, "0:new/client 3:open>pending 9:pending>shut", "-open>pending=3 -pending>shut=6", "", ""},
		{"just before", 8.5, "0:new/client 9:open>shut", "open>shut=9", "0-9=9", ""},
		{"breached after", 59, "0:new/client", "", "0-!60", "0 breached warn 48 due 60 over 60"},
		{"breached at the very instant", 60, "0:new/client", "", "", "0 breached warn 48 due 60 over 60"},
		{"breached before, stopped after", 70, "0:new/client 80:open>shut", "open>shut=80", "", ""},
		{"stopped before, started again after", 10, "0:new/client 9:open>shut 20:shut>open 25:open>shut", "-open>shut=9 shut>open=11 open>shut=5", "20-25=5", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, testRules(objective(Resolution, 60)))
			s.c.Ticket.Found = min0(c.found)
			j := s.happens(c.script).read(500)
			require.Equal(t, c.changes, s.changes())
			require.Equal(t, c.want, s.outcomes())
			require.Equal(t, c.clock, shown(j.Clocks))
		})
	}
}

// What happened before a ticket came from another shard was counted there: a breach, but not
// how long that clock ran in the end. At the very instant it is ours already.
func TestInheritedFromAnotherShard(t *testing.T) {
	for _, c := range []struct {
		name    string
		found   float64
		script  string
		changes string
		want    string // of resolution within 60
		clock   string
	}{
		{"breached before, stopped after", 70, "0:new/client 80:open>shut", "open>shut=80", "-0-80=80!60", ""},
		{"breached before, open", 70, "0:new/client", "", "", "0 breached warn 48 due 60 over 60"},
		{"breached and stopped after", 50, "0:new/client 80:open>shut", "open>shut=80", "0-80=80!60", ""},
		{"breached and stopped before", 90, "0:new/client 80:open>shut", "-open>shut=80", "", ""},
		{"breached before, stopped at the very instant", 80, "0:new/client 80:open>shut", "open>shut=80", "-0-80=80!60", ""},
		{"breached at the very instant", 60, "0:new/client", "", "0-!60", "0 breached warn 48 due 60 over 60"},
		{"met at the very instant", 40, "0:new/client 40:open>shut", "open>shut=40", "0-40=40", ""},
		{"met before", 41, "0:new/client 40:open>shut", "-open>shut=40", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, testRules(objective(Resolution, 60)))
			s.c.Ticket.Found, s.c.Ticket.Inherited = min0(c.found), true
			j := s.happens(c.script).read(500)
			require.Equal(t, c.changes, s.changes())
			require.Equal(t, c.want, s.outcomes())
			require.Equal(t, c.clock, shown(j.Clocks))
		})
	}
}

// A breach that was counted here before the ticket went to another shard and came back.
func TestInheritedBack(t *testing.T) {
	s := newStory(t, testRules(objective(Resolution, 60))).happens("0:new/client")
	s.read(70)
	s.c.Ticket.Found, s.c.Ticket.Inherited = min0(200), true
	s.happens("220:open>shut").read(230)
	require.Equal(t, "0-220=220!60", s.outcomes())
}

// A ticket that had departed is found anew. What was breached then is not observed now.
func TestFoundAnew(t *testing.T) {
	s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client")
	s.read(70)
	require.Equal(t, "0-!60", s.outcomes())
	s.c.Ticket.Found = min0(200)
	require.Equal(t, "0 breached warn 48 due 60 over 60", shown(s.read(210).Clocks))
	s.happens("220:team")
	s.read(230)
	require.Equal(t, "0-!60", s.outcomes())
}

func TestBacklogIsNotCounted(t *testing.T) {
	s := newStory(t, testRules()).happens("0:new/client 3:open>pending 9:pending>open")
	s.c.Entries[1].Result = fact.Backlog
	s.read(10)
	require.Equal(t, "-open>pending=3 pending>open=6", s.changes())
}
