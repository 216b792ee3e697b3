package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// What members of the team do, as matchers.
const (
	byTeam    = `user_type="team"`
	replied   = `action_type="reply_created"`
	handOvers = `action_type=~"ticket_assigned_.*|ticket_unassigned"`
)

// These are recorded: with dozens of agents and hundreds of tickets the metrics themselves
// are too many for weeks.
const (
	teamEvents = "instance_user_id_action_type:socialboards_ticket_events:sum_total"
	teamTotals = "instance_user_id:socialboards_ticket_events:sum_total"
	load       = "instance_assignee_id:socialboards_ticket_info:count"
)

// team shows who does what. It is for sharing work out, not for ranking people.
func team() *dashboard.DashboardBuilder {
	b := newBoard(teamUID, "Team",
		"Replies, actions, hand-overs and load, by agent. People are shown by name if users.names is on, else by id. Numbers of actions do not measure the worth of anybody's work.", "now-24h")
	b.WithPanel(agentTable())
	b.WithPanel(stacked(frame{title: "Replies an hour, by agent", help: "Replies that members of the team sent. Compare with the load below: who has many tickets and sends few replies may need relief.",
		unit: hourly, empty: noRules, w: 12, h: 9},
		ranged(agentRate(of(teamEvents, replied)), "{{agent}}").Interval(slowest)).MaxDataPoints(coarse))
	b.WithPanel(stacked(frame{title: "Actions of the team an hour, by type", help: "What the team's time goes into. Many changes of category or assignee beside few replies: sorting takes more time than answering.",
		unit: hourly, empty: noRules, w: 12, h: 9},
		ranged("sum by (action_type) ("+of("instance_action_type_user_type:socialboards_ticket_events:rate5m", byTeam)+") * 3600", "{{action_type}}")))
	b.WithPanel(stacked(frame{title: "Hand-overs an hour, by who hands over", help: "Assignments and their removals. A ticket that wanders waits: many hand-overs call for better first assignment.",
		unit: hourly, empty: noRules, w: 12, h: 9},
		ranged(agentRate(of(teamEvents, handOvers)), "{{agent}}").Interval(slowest)).MaxDataPoints(coarse))
	b.WithPanel(painted(stacked(frame{title: "Live tickets, by who has them", help: "Load over time. Nobody: tickets to assign.",
		unit: count, empty: noRules, w: 12, h: 9},
		ranged("sum by (agent) (sum by (assignee_id) ("+of(load, `assignee_id!=""`)+") * on (assignee_id) group_left (agent) "+agents("assignee_id", of(load))+")", "{{agent}}"),
		ranged("sum("+of(load, `assignee_id=""`)+")", "nobody")), paint{"nobody", "text"}))
	b.WithPanel(stacked(frame{title: "Events an hour, by who caused them", help: "Customers, team, bots and rules of the inbox. Bots that do much more than before may be in a loop.",
		unit: hourly, empty: noRules, w: 24, h: 8},
		ranged("sum by (user_type) ("+of("instance_action_type_user_type:socialboards_ticket_events:rate5m")+") * 3600", "{{user_type}}")))
	return b
}

// agentRate gives what agents did an hour.
func agentRate(counter string) string {
	return "sum by (agent) (" + perHour("user_id", counter) + " * on (user_id) group_left (agent) " + agents("user_id", of(teamTotals)) + ")"
}

func agentTable() *table.PanelBuilder {
	events := func(matchers ...string) string { return inRange("user_id", of(teamEvents, matchers...)) }
	columns := []column{
		{field: "user_id", title: "Id", hidden: true},
		{field: "agent", title: "Agent", width: 300},
		{field: "Value #B", title: "Replies"},
		{field: "Value #C", title: "Status changes"},
		{field: "Value #D", title: "Notes"},
		{field: "Value #E", title: "Hand-overs"},
		{field: "Value #F", title: "All actions"},
		{field: "Value #G", title: "Has now"},
	}
	for i := range columns {
		if strings.HasPrefix(columns[i].field, "Value") {
			columns[i].unit, columns[i].empty = "locale", "0"
		}
	}
	return listing(frame{title: "Agents in the chosen time",
		help:  "What each member of the team did in the chosen time, and how many live tickets they have now. Give new tickets to whoever has fewest.",
		empty: notReady, w: 24, h: 10}, columns,
		tabled("A", agents("user_id", of(teamTotals))+" and on (user_id) "+of(teamTotals)),
		tabled("B", events(replied)),
		tabled("C", events(`action_type="ticket_status_changed"`)),
		tabled("D", events(`action_type="note_created"`)),
		tabled("E", events(handOvers)),
		tabled("F", inRange("user_id", of(teamTotals))),
		tabled("G", `label_replace(count by (assignee_id) (`+of("socialboards_ticket_info", `assignee_id!=""`)+`), "user_id", "$1", "assignee_id", "(.+)")`)).
		Decimals(0).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().DisplayName("All actions").Desc(true)})
}
