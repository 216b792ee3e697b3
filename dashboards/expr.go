package dashboards

import "strings"

// of gives a selector of the metric among the chosen jobs and instances.
func of(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, `instance=~"$instance"`}, matchers...), ", ") + "}"
}

// ofJob does the same for what is recorded for a job as a whole.
func ofJob(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`}, matchers...), ", ") + "}"
}

// known turns no series into 0 while an exporter is ready, and only then: what is not
// known must not look like nothing.
func known(expr string) string {
	return expr + " or sum(" + of("socialboards_exporter_ready") + " == 1) * 0"
}

// perHour gives the rate of a counter in events an hour.
func perHour(by, counter string) string {
	return "sum by (" + by + ") (rate(" + counter + "[$__rate_interval])) * 3600"
}

// inRange gives the increase of a counter over the chosen time.
func inRange(by, counter string) string {
	return "sum by (" + by + ") (increase(" + counter + "[$__range]))"
}

// attained gives the share of clocks that were met, by objective, from their increases.
func attained(breaches, clocks string) string {
	return "1 - " + missed(breaches, clocks)
}

// missed gives the share that was breached. Objectives without outcomes are left out: none of
// nothing is no number.
func missed(breaches, clocks string) string {
	return "sum by (objective) (" + breaches + ") / (sum by (objective) (" + clocks + ") > 0)"
}

// recorded gives the increases of outcomes over a window that recording rules keep.
func recorded(window string, matchers ...string) (breaches, clocks string) {
	return of("instance_objective:socialboards_sla_breaches:increase"+window, matchers...),
		of("instance_objective:socialboards_sla_clocks:increase"+window, matchers...)
}

// goal gives the share of clocks that ought to be met.
func goal(matchers ...string) string {
	return "max by (objective) (" + ofJob("job_objective:socialboards_sla_goal:ratio", matchers...) + ")"
}

// burn gives how many times faster than allowed the error budget is used up.
func burn(window string, matchers ...string) string {
	breaches, clocks := recorded(window, matchers...)
	return missed(breaches, clocks) + " / on (objective) (1 - " + goal(matchers...) + ")"
}

// agents gives a series for each user with the label agent: the name or, where names are
// switched off or not known, the id. The user's id stands in the label key. A renamed user
// has two names for a while, one in each shard; one of them is taken, and a name before
// none. Users of whom there is no more than the id are those of others, which has the id
// in the label key.
func agents(key, others string) string {
	info := of("socialboards_user_info")
	one := "topk by (user_id) (1, 2 * " + of("socialboards_user_info", `user_name!=""`) + " or " + info + ")"
	named := `label_replace(label_replace(` + one + `, "agent", "$1", "user_id", "(.+)"), "agent", "$1", "user_name", "(.+)")`
	if key != "user_id" {
		named = `label_replace(` + named + `, "` + key + `", "$1", "user_id", "(.+)")`
	}
	rest := `label_replace(group by (` + key + `) (` + others + `), "agent", "$1", "` + key + `", "(.+)")`
	return "(group by (" + key + ", agent) (" + named + ") or on (" + key + ") " + rest + ")"
}

// atRisk gives the clocks whose warning or target is reached, with the time left, and all
// there is to tell about their tickets.
func atRisk(matchers ...string) string {
	left := "min by (job, ticket_id, objective) (" + of("socialboards_ticket_sla_due_timestamp_seconds", matchers...) +
		" and (" + of("socialboards_ticket_sla_warning_timestamp_seconds", matchers...) + " < time())) - time()"
	info := of("socialboards_ticket_info")
	ticket := "group by (job, ticket_id, assignee_id, status, source) (topk by (job, ticket_id) (1, " + info + "))"
	inbox := "(group by (job, url) (" + of("socialboards_inbox_info") + ") or on (job) group by (job) (" + of("socialboards_exporter_ready") + "))"
	return "(" + left + ")" +
		" * on (job, ticket_id) group_left (assignee_id, status, source) " + ticket +
		" * on (assignee_id) group_left (agent) " + agents("assignee_id", info) +
		" * on (job) group_left (url) " + inbox
}
