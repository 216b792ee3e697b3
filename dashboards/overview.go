package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// allEvents is recorded: events without their users, of whom there are dozens.
const allEvents = "instance_action_type_user_type:socialboards_ticket_events:sum_total"

// What stands in panels that have nothing to show. None of it says that all is well: there is
// nothing either when no exporter is scraped.
const (
	nothingAtRisk = "no ticket is known to be at risk"
	notReady      = "no exporter is ready"
	noClock       = "no clock is known"
	noOutcome     = "no clock has come to an outcome"
	nothingYet    = "nothing has happened in this time"
	noRules       = "no data: are the recording rules of alerts.yml loaded?"
)

// overview answers what needs somebody now, and whether today is like other days.
func overview() *dashboard.DashboardBuilder {
	b := newBoard(overviewUID, "Support overview",
		"What needs somebody now, how this time compares with the same time a week before, and whether promises are kept.", "now-24h")
	b.WithRow(row("Needs somebody now"))
	for _, p := range nowPanels() {
		b.WithPanel(p)
	}
	b.WithPanel(atRiskTable(frame{title: "At risk and breached, soonest due first",
		help:  "Clocks that have used up their warning share. Take the topmost ticket that nobody has; the link opens it in the inbox. Negative: the target is exceeded.",
		empty: nothingAtRisk, w: 24, h: 8}))
	b.WithRow(row("This time, and the same time a week before"))
	for _, p := range comparisons() {
		b.WithPanel(p)
	}
	b.WithRow(row("Promises, over 30 days"))
	for _, p := range promises() {
		b.WithPanel(p)
	}
	b.WithRow(row("What happens"))
	b.WithPanel(stacked(frame{title: "Events an hour, by action",
		help: "Everything that the logs show. A gap in replies while tickets are created says that nobody answers.", unit: hourly, empty: noRules, w: 12, h: 9},
		ranged("sum by (action_type) ("+of("instance_action_type_user_type:socialboards_ticket_events:rate5m")+") * 3600", "{{action_type}}")))
	b.WithPanel(spread(frame{title: "Time in status, when it was left",
		help: "How long tickets had been in a status when they changed to another. Dots are tickets: click one for its id. A band that moves up is work that waits longer.",
		unit: seconds, empty: nothingYet, w: 12, h: 9},
		buckets("sum by (le) (increase("+of("instance_le:socialboards_ticket_status_duration_seconds:sum_bucket")+"[$__rate_interval]))").Interval(slowest),
		buckets("sum by (le) ("+of("socialboards_ticket_status_duration_seconds_bucket")+" @ end()) < 0"))) // is there for its exemplars, which recorded series have none of
	return b
}

func nowPanels() []cog.Builder[dashboard.Panel] {
	active := func(state string) string {
		return "sum(" + of("socialboards_sla_active_clocks", `state="`+state+`"`) + ")"
	}
	return []cog.Builder[dashboard.Panel]{
		figure(frame{title: "Tickets not completed", help: "Followed tickets by present status. Open ones wait for the team, pending ones mostly for customers.",
			unit: count, empty: notReady, w: 6, h: 4}, "text", nil,
			instant("sum by (status) ("+of("socialboards_tickets", `status!="completed"`)+")", "{{status}}")),
		figure(frame{title: "Oldest open ticket", help: "How long the ticket that has been open for longest has been so. Look it up in the exporter's list of tickets and answer or close it.",
			unit: seconds, empty: "none is known", w: 4, h: 4}, "green", []step{{86400, "orange"}, {3 * 86400, "red"}},
			instant("time() - min("+of("socialboards_ticket_status_changed_timestamp_seconds", `status="open"`)+")", "")),
		figure(frame{title: "Breached", help: "Active clocks that have exceeded their target, for certain. Answer these first.",
			unit: count, empty: noClock, w: 3, h: 4}, "green", []step{{1, "red"}},
			instant(active("breached"), "")),
		figure(frame{title: "In warning", help: "Active clocks that have used up their warning share. Answer these next.",
			unit: count, empty: noClock, w: 3, h: 4}, "green", []step{{1, "orange"}},
			instant(active("warning"), "")),
		figure(frame{title: "Assigned to nobody", help: "Live tickets that nobody has. Assign them.",
			unit: count, empty: notReady, w: 4, h: 4}, "green", []step{{1, "orange"}},
			instant(known("count("+of("socialboards_ticket_info", `assignee_id=""`)+")"), "")),
		figure(frame{title: "Data is late by", help: "How overdue the most overdue look at a ticket is. Red: what this board shows is old, and breaches are not seen; the Exporter board says why.",
			unit: seconds, empty: "no exporter is scraped", w: 4, h: 4}, "green", []step{{120, "orange"}, {900, "red"}},
			instant("max("+of("socialboards_exporter_poll_lag_seconds")+")", "")),
	}
}

// atRiskTable lists tickets whose clocks are close to their targets or past them.
func atRiskTable(f frame, matchers ...string) cog.Builder[dashboard.Panel] {
	columns := []column{
		{field: "ticket_id", title: "Ticket", link: "${__data.fields.url}/tickets?ticketId=${__value.raw}", width: 110},
		{field: "Value", title: "Time left", unit: seconds, base: "red", steps: []step{{0, "orange"}, {3600, "text"}}, width: 130},
		{field: "objective", title: "Objective"},
		{field: "agent", title: "Who has it", empty: "nobody", width: 300},
		{field: "status", title: "Status", width: 120},
		{field: "source", title: "Source", width: 120},
		{field: "url", title: "url", hidden: true},
	}
	return listing(f, columns, tabled("A", atRisk(matchers...))).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().DisplayName("Time left")})
}

func comparisons() []cog.Builder[dashboard.Panel] {
	var panels []cog.Builder[dashboard.Panel]
	for _, c := range []struct{ title, help, counter string }{
		{"Created", "Tickets created. More than a week before: expect more clocks to run.",
			of(allEvents, `action_type="ticket_created"`)},
		{"Replies of the team", "Replies that members of the team sent. Fewer at the same inflow: the queue grows.",
			of(allEvents, `action_type="reply_created"`, `user_type="team"`)},
		{"Completed", "Changes of status to completed.",
			of("socialboards_ticket_status_changes_total", `to="completed"`)},
		{"Reopened", "Changes of status from completed to another. Many: answers did not settle the matter.",
			of("socialboards_ticket_status_changes_total", `from="completed"`)},
	} {
		panels = append(panels, figure(frame{title: c.title, help: c.help, unit: count, empty: nothingYet, w: 6, h: 4}, "text", nil,
			instant("sum(increase("+c.counter+"[$__range]))", "now"),
			instant("sum(increase("+c.counter+"[$__range] offset 1w))", "a week before")).
			TextMode(common.BigValueTextModeValueAndName).Decimals(0))
	}
	created := of("instance_action_type_user_type:socialboards_ticket_events:rate5m", `action_type="ticket_created"`)
	replies := of("instance_action_type_user_type:socialboards_ticket_events:rate5m", `action_type="reply_created"`, `user_type="team"`)
	hourOf := func(series, offset string) string {
		return "sum(avg_over_time(" + series + "[1h]" + offset + ")) * 3600"
	}
	thisAndThen := []paint{{"now", "blue"}, {"a week before", "text"}}
	return append(panels,
		painted(chart(frame{title: "Created an hour", help: "Tickets created an hour, now and a week before.", unit: hourly, empty: noRules, w: 12, h: 7},
			ranged(hourOf(created, ""), "now"), ranged(hourOf(created, " offset 1w"), "a week before")), thisAndThen...),
		painted(chart(frame{title: "Replies of the team an hour", help: "Replies an hour, now and a week before.", unit: hourly, empty: noRules, w: 12, h: 7},
			ranged(hourOf(replies, ""), "now"), ranged(hourOf(replies, " offset 1w"), "a week before")), thisAndThen...))
}

func promises() []cog.Builder[dashboard.Panel] {
	breaches, clocks := recorded("30d")
	return []cog.Builder[dashboard.Panel]{
		figure(frame{title: "Clocks met", help: "Share of clocks that were met, by objective. Below the goal of your recording rules: see the SLA board for when and where.",
			unit: share, empty: noRules, w: 12, h: 6}, "red", []step{{0.9, "orange"}, {0.95, "green"}},
			instant(attained(breaches, clocks), "{{objective}}")).Decimals(1),
		figure(frame{title: "Error budget left", help: "How much of the breaches that the goal allows in 30 days is left. At 0 the goal is missed: make room for old tickets before new ones.",
			unit: share, empty: noRules, w: 12, h: 6}, "red", []step{{0, "orange"}, {0.25, "green"}},
			instant("1 - "+missed(breaches, clocks)+" / on (objective) (1 - "+goal()+")", "{{objective}}")).Decimals(0),
	}
}
