package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func TestLateForAnObjective(t *testing.T) {
	t.Run("a reply before a counted breach does not answer", func(t *testing.T) {
		s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client")
		s.read(70)
		s.happens("40:team")
		require.Equal(t, "0 breached warn 48 due 60 over 60", shown(s.read(80).Clocks))
		require.Equal(t, "0-!60", s.outcomes())
		s.happens("90:team")
		s.read(100)
		require.Equal(t, "0-90=90!60", s.outcomes())
	})
	t.Run("nor at its very instant", func(t *testing.T) {
		s := newStory(t, testRules(objective(FirstResponse, 60))).happens("0:new/client")
		s.read(70)
		s.happens("60:team")
		s.read(80)
		require.Equal(t, "0-!60", s.outcomes())
	})
	t.Run("but it decides for an objective that has counted nothing", func(t *testing.T) {
		update := objective(Update, 1000)
		s := newStory(t, testRules(objective(FirstResponse, 60), update)).happens("0:new/client")
		s.read(70)
		s.happens("40:team 90:team")
		s.read(100)
		require.Equal(t, "0-90=90!60 40-90=50", s.outcomes())
	})
	t.Run("between runs that were counted", func(t *testing.T) {
		s := newStory(t, testRules(objective(Update, 1000))).happens("0:new/client 10:team 30:team")
		s.read(40)
		require.Equal(t, "10-30=20", s.outcomes())
		s.happens("20:team 50:team")
		s.read(60)
		require.Equal(t, "10-30=20 30-50=20", s.outcomes())
	})
	t.Run("after the last stop", func(t *testing.T) {
		s := newStory(t, testRules(objective(Update, 1000))).happens("0:new/client 10:team 30:team 50:client")
		s.read(60)
		s.happens("40:team")
		s.read(70)
		require.Equal(t, "10-30=20 30-40=10", s.outcomes())
	})
	t.Run("a change holds from what was counted on, without outcome", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 60))).happens("0:new/client 10:open>pending")
		s.read(80)
		require.Equal(t, "10-!70", s.outcomes())
		s.happens("50:pending>open")
		require.Empty(t, s.read(90).Clocks, "the ticket is not in the status any more")
		require.Equal(t, "10-!70", s.outcomes())
		require.Equal(t, "open>pending=10 pending>open=40", s.changes())
		s.happens("95:open>pending 99:pending>open")
		s.read(100)
		require.Equal(t, "10-!70 95-99=4", s.outcomes())
	})
	t.Run("several changes at once", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 60))).happens("0:new/client 10:open>pending")
		s.read(80)
		s.happens("50:pending>open 55:open>pending 100:pending>open")
		s.read(110)
		require.Equal(t, "10-100=90!70", s.outcomes())
	})
	t.Run("a creation does not begin a clock anew", func(t *testing.T) {
		s := newStory(t, testRules(objective(FirstResponse, 60))).happens("10:client")
		s.c.Ticket.Created = min0(5)
		s.read(70)
		require.Equal(t, "5-!65", s.outcomes())
		s.happens("4:new/client 90:team")
		require.Equal(t, min0(4), s.read(100).Begin)
		require.Equal(t, "5-90=85!65", s.outcomes())
	})
	t.Run("a correction", func(t *testing.T) {
		s := newStory(t, testRules(objective(Resolution, 60))).happens("0:new/client")
		s.c.Ticket.FirstStatus = "open"
		s.read(70)
		s.corrected(50, "shut").read(80)
		require.Equal(t, "0-!60", s.outcomes())
	})
	t.Run("but not before a breach that reckoned with it", func(t *testing.T) {
		s := newStory(t, testRules(objective(TimeInStatus, 60))).happens("0:new/client")
		s.c.Ticket.FirstStatus = "open"
		s.corrected(50, "pending").read(80)
		s.read(120)
		require.Equal(t, "50-!110", s.outcomes())
		s.happens("130:pending>open")
		s.read(140)
		require.Equal(t, "50-130=80!110", s.outcomes())
	})
}

// What has been counted farthest bounds all that arrives later, in whatever order it was.
func TestHowFarCountingHadCome(t *testing.T) {
	c := countedOf([]fact.Outcome{
		{Breached: 50, BreachSeq: 4, Stopped: fact.Never},
		{Breached: fact.Never, Stopped: 30, StopSeq: 6},
		{Breached: fact.Never, Stopped: 90, StopSeq: 8},
	})
	for seq, want := range map[int64]fact.Instant{4: fact.Never, 5: 51, 6: 51, 7: 51, 8: 51, 9: 90} {
		require.Equal(t, want, c.reach(place{seq: seq}), "arrival %d", seq)
	}
}
