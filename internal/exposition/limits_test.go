package exposition

import (
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

func TestWhichTicketsHaveSeries(t *testing.T) {
	clock := func(due fact.Instant) tally.Clock { return tally.Clock{Objective: "o", Due: due, Warning: due} }
	live := [][]tally.Ticket{{
		{ID: 1, Begin: at(0)},
		{ID: 2, Begin: at(-time.Hour)},
		{ID: 3, Begin: fact.Never},
	}, {
		{ID: 4, Begin: at(0), Clocks: []tally.Clock{clock(at(2 * time.Hour))}},
		{ID: 5, Begin: at(0), Clocks: []tally.Clock{clock(at(-time.Hour))}},
		{ID: 6, Begin: at(-9 * time.Hour), Clocks: []tally.Clock{clock(fact.Never)}},
		{ID: 7, Begin: at(0), Clocks: []tally.Clock{clock(at(3 * time.Hour)), clock(at(time.Hour))}},
	}}
	// Overdue, due soon, due later, then by age, and at last of unknown age.
	ranked := []int64{5, 7, 4, 6, 2, 1, 3}
	for limit := range len(ranked) + 2 {
		shown, hidden := choose(live, limit)
		n := min(limit, len(ranked))
		require.ElementsMatch(t, ranked[:n], ids(slices.Concat(shown...)), "limit %d", limit)
		require.ElementsMatch(t, ranked[n:], ids(hidden), "limit %d", limit)
		require.IsIncreasing(t, append([]int64{-1, 0}, ids(slices.Concat(shown...))...))
		require.False(t, slices.ContainsFunc(shown, func(b []tally.Ticket) bool { return len(b) == 0 }))
	}
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7}, ids(slices.Concat(live...)), "the snapshot's own list stays as it is")
}

func ids(tickets []tally.Ticket) []int64 {
	out := []int64{}
	for _, t := range tickets {
		out = append(out, t.ID)
	}
	return out
}

// gathered gives the series of a family as "value1,value2 number".
func gathered(t *testing.T, c *Domain, m Metric) map[string]float64 {
	t.Helper()
	all, err := c.Gather()
	require.NoError(t, err)
	out := map[string]float64{}
	for _, f := range all {
		if f.GetName() != m.Name {
			continue
		}
		for _, s := range f.Metric {
			require.NotContains(t, out, key(s), "a series twice")
			out[key(s)] = s.GetGauge().GetValue() + s.GetCounter().GetValue()
		}
	}
	return out
}

func key(m *dto.Metric) string {
	var values []string
	for _, l := range m.Label {
		values = append(values, l.GetValue())
	}
	return strings.Join(values, ",")
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	none := map[string]float64{
		ticketInfo.Name: 0, ticketCreated.Name: 0, ticketStatusChanged.Name: 0, slaDue.Name: 0, slaWarning.Name: 0,
	}
	o := options()
	o.MaxTickets = 3
	c := NewDomain(aDay(), o, now)
	require.Equal(t, none, gathered(t, c, droppedSeries))
	require.Len(t, gathered(t, c, ticketInfo), 3)

	o.MaxTickets = 1
	c.Configure(aDay(), o)
	require.Equal(t, map[string]float64{
		ticketInfo.Name: 2, ticketCreated.Name: 1, ticketStatusChanged.Name: 1, slaDue.Name: 0, slaWarning.Name: 0,
	}, gathered(t, c, droppedSeries), "only series that there would be")
	require.Equal(t, map[string]float64{"u1,web,open,102": 1}, gathered(t, c, ticketInfo))

	o.MaxTickets = 0
	c.Configure(aDay(), o)
	require.Equal(t, map[string]float64{
		ticketInfo.Name: 3, ticketCreated.Name: 2, ticketStatusChanged.Name: 2, slaDue.Name: 1, slaWarning.Name: 1,
	}, gathered(t, c, droppedSeries))
	require.Empty(t, gathered(t, c, slaDue))
	require.Equal(t, map[string]float64{"open": 2, "pending": 1, "completed": 1}, gathered(t, c, tickets), "totals stay whole")

	ta := tally.New(settings())
	require.Equal(t, none, gathered(t, NewDomain(ta, o, now), droppedSeries), "present before there is anything")
}

func TestAStatusThatNobodyHasToldHasNoBeginning(t *testing.T) {
	ta := aDay()
	ta.Update(func(u *tally.Update) { u.Ticket(tally.TicketState{ID: 7, Begin: at(0), Since: at(0)}) })
	c := NewDomain(ta, options(), now)
	require.Contains(t, gathered(t, c, ticketInfo), ",,,7")
	require.NotContains(t, gathered(t, c, ticketStatusChanged), ",7")
	require.Len(t, gathered(t, c, ticketStatusChanged), 2)
}

func TestHiddenActionTypesGoOnCounting(t *testing.T) {
	ta, o := aDay(), options()
	o.ActionTypes = []string{"ticket_created"}
	c := NewDomain(ta, o, now)
	require.Equal(t, map[string]float64{"ticket_created,,client": 7}, gathered(t, c, ticketEvents))
	ta.Update(func(u *tally.Update) { u.Events(1, 5) })
	require.Equal(t, map[string]float64{"ticket_created,,client": 7}, gathered(t, c, ticketEvents))
	c.Configure(ta, options())
	require.Equal(t, map[string]float64{
		"ticket_created,,client": 7, "reply_created,u1,team": 17, "ticket_read,u1,team": 0,
	}, gathered(t, c, ticketEvents))
}

func TestNamesOfUsersAreOptional(t *testing.T) {
	o := options()
	require.Equal(t, map[string]float64{`u1,Kari "K" Nordmann,team`: 1}, gathered(t, NewDomain(aDay(), o, now), userInfo))
	o.UserNames = false
	require.Equal(t, map[string]float64{"u1,,team": 1}, gathered(t, NewDomain(aDay(), o, now), userInfo))
}

func TestInbox(t *testing.T) {
	o := options()
	o.InboxURL = "https://example.com/" + strings.Repeat("å", 100)
	require.Equal(t, map[string]float64{o.InboxURL[:128]: 1}, gathered(t, NewDomain(aDay(), o, now), inboxInfo))
	o.InboxURL = ""
	require.Empty(t, gathered(t, NewDomain(aDay(), o, now), inboxInfo))
}

func TestStoredCountersAreAbsentWhileTheStoreLoads(t *testing.T) {
	ta := tally.New(settings())
	c := NewDomain(ta, options(), now)
	for _, m := range []Metric{logEntries, inconsistentChanges, unrecognizedLabels} {
		require.Empty(t, gathered(t, c, m), m.Name)
	}
	ta.Update(func(*tally.Update) {})
	require.Equal(t, map[string]float64{"new": 0, "late": 0, "backlog": 0, "known": 0}, gathered(t, c, logEntries))
	require.Equal(t, map[string]float64{"": 0}, gathered(t, c, inconsistentChanges))
	require.Equal(t, map[string]float64{"": 0}, gathered(t, c, unrecognizedLabels))
}
