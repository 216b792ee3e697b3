package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// What members of the team do, as matchers.
const (
	byTeam    = `user_type="team"`
	replied   = `action_type="reply_created"`
	handOvers = `action_type=~"ticket_assigned_.*|ticket_unassigned"`
)

// teamEvents is recorded: with dozens of agents the counters themselves are too many for weeks.
const teamEvents = "instance_user_id_action_type:socialboards_ticket_events:sum_total"

// team shows who does what. It is for sharing work out, not for ranking people.
func team() *dashboard.DashboardBuilder {
	b := newBoard(teamUID, "Team",
		"Replies, actions, hand-overs and load, by agent. People are shown by name if users.names is on, else by id. Numbers of actions do not measure the worth of anybody's work.", "now-24h")
	b.WithPanel(agentTable())
	b.WithPanel(chart(frame{title: "Replies an hour, by agent", help: "Replies that members of the team sent. Compare with the load below: who has many tickets and sends few replies may need relief.",
		unit: hourly, empty: nothingYet, w: 12, h: 9},
		ranged(agentRate(of("socialboards_ticket_events_total", byTeam, replied)), "{{agent}}")))
	b.WithPanel(stacked(frame{title: "Actions of the team an hour, by type", help: "What the team's time goes into. Many changes of category or assignee beside few replies: sorting takes more time than answering.",
		unit: hourly, empty: noRules, w: 12, h: 9},
		ranged("sum by (action_type) ("+of("instance_action_type_user_type:socialboards_ticket_events:rate5m", byTeam)+") * 3600", "{{action_type}}")))
	b.WithPanel(chart(frame{title: "Hand-overs an hour, by who hands over", help: "Assignments and their removals. A ticket that wanders waits: many hand-overs call for better first assignment.",
		unit: hourly, empty: nothingYet, w: 12, h: 9},
		ranged(agentRate(of(teamEvents, handOvers)), "{{agent}}").Interval(slowest)))
	info := of("socialboards_ticket_info")
	b.WithPanel(stacked(frame{title: "Live tickets, by who has them", help: "Load over time. Nobody: tickets to assign.",
		unit: count, empty: notReady, w: 12, h: 9},
		ranged("sum by (agent) (count by (assignee_id) ("+of("socialboards_ticket_info", `assignee_id!=""`)+") * on (assignee_id) group_left (agent) "+agents("assignee_id", info)+")", "{{agent}}"),
		ranged("count("+of("socialboards_ticket_info", `assignee_id=""`)+")", "nobody")))
	b.WithPanel(stacked(frame{title: "Events an hour, by who caused them", help: "Customers, team, bots and rules of the inbox. Bots that do much more than before may be in a loop.",
		unit: hourly, empty: noRules, w: 24, h: 8},
		ranged("sum by (user_type) ("+of("instance_action_type_user_type:socialboards_ticket_events:rate5m")+") * 3600", "{{user_type}}")))
	return b
}

// agentRate gives what agents did an hour. Nobody did anything for most of the time, so
// agents without events in a step are left out.
func agentRate(counter string) string {
	return byAgent(perHour("user_id", counter)+" > 0", of("socialboards_ticket_events_total", byTeam))
}

func agentTable() *table.PanelBuilder {
	events := func(matchers ...string) string { return inRange("user_id", of(teamEvents, matchers...)) }
	columns := []column{
		{field: "user_id", title: "Id", hidden: true},
		{field: "agent", title: "Agent"},
		{field: "Value #B", title: "Replies"},
		{field: "Value #C", title: "Status changes"},
		{field: "Value #D", title: "Notes"},
		{field: "Value #E", title: "Hand-overs"},
		{field: "Value #F", title: "All actions"},
		{field: "Value #G", title: "Has now"},
	}
	for i := range columns {
		if strings.HasPrefix(columns[i].field, "Value") {
			columns[i].unit = "locale"
		}
	}
	return listing(frame{title: "Agents in the chosen time",
		help:  "What each member of the team did in the chosen time, and how many live tickets they have now. Give new tickets to whoever has fewest.",
		empty: notReady, w: 24, h: 10}, columns,
		tabled("A", agents("user_id", of("socialboards_ticket_events_total", byTeam))),
		tabled("B", events(replied)),
		tabled("C", events(`action_type="ticket_status_changed"`)),
		tabled("D", events(`action_type="note_created"`)),
		tabled("E", events(handOvers)),
		tabled("F", inRange("user_id", of("instance_user_id:socialboards_ticket_events:sum_total"))),
		tabled("G", `label_replace(count by (assignee_id) (`+of("socialboards_ticket_info", `assignee_id!=""`)+`), "user_id", "$1", "assignee_id", "(.+)")`)).
		Decimals(0)
}
