package explain

import (
	"slices"

	"socialboards_exporter/internal/config"
)

// boundsOfSLA is how many bounds the histogram of an objective has.
const boundsOfSLA = 9

// lines is how many series a classic histogram has: its bounds, +Inf, sum and count.
func lines(bounds int) int { return bounds + 3 }

// series tells what would be exposed.
func (e *explainer) series(n Tickets) Series {
	c := e.Config
	objectives, statuses := len(c.SLA().Objectives), len(e.statuses.Known())
	pairs := e.pairs(statuses)
	shown := min(n.Live, c.Metrics().MaxTickets)
	clocks := 0
	for _, o := range e.objectives() {
		clocks += min(o.Live, shown)
	}
	users, events := e.people(c)
	s := Series{Dropped: n.Live - shown}
	add := func(name string, series int, estimate bool) {
		s.Metrics = append(s.Metrics, Metric{name, series, estimate && series > 0})
		s.Total += series
	}
	add("socialboards_inbox_info", min(len(c.API().InboxURL), 1), false)
	add("socialboards_sla_active_clocks", 4*objectives, false)
	add("socialboards_sla_breaches_total", objectives, false)
	add("socialboards_sla_calendar_open", len(c.SLA().Calendars), false)
	add("socialboards_sla_clocks_total", objectives, false)
	add("socialboards_sla_duration_seconds", objectives*lines(boundsOfSLA), false)
	add("socialboards_sla_target_seconds", objectives, false)
	add("socialboards_ticket_created_timestamp_seconds", shown, false)
	add("socialboards_ticket_events_total", events, true)
	add("socialboards_ticket_info", shown, false)
	add("socialboards_ticket_sla_due_timestamp_seconds", clocks, true)
	add("socialboards_ticket_sla_warning_timestamp_seconds", clocks, true)
	add("socialboards_ticket_status_changed_timestamp_seconds", shown, false)
	add("socialboards_ticket_status_changes_total", pairs, true)
	add("socialboards_ticket_status_duration_seconds", pairs*lines(len(c.Metrics().StatusDurationBuckets)), true)
	add("socialboards_tickets", e.shownStatuses(), true)
	add("socialboards_user_info", users, true)
	return s
}

// pairs is how many changes of status have a series: those known beforehand, and others
// that the sample shows.
func (e *explainer) pairs(statuses int) int {
	n := statuses * (statuses - 1)
	known := e.statuses.Known()
	for p := range e.durations {
		if !slices.Contains(known, p[0]) || !slices.Contains(known, p[1]) {
			n++
		}
	}
	return n
}

func (e *explainer) shownStatuses() int {
	all := map[string]bool{}
	for _, s := range e.statuses.Known() {
		all[s] = true
	}
	for _, t := range e.tickets {
		if t.Status != "" {
			all[t.Status] = true
		}
	}
	return len(all)
}

// people tells how many users have a place, and how many series their events have: each
// of them one for each action type that the sample shows of users of their type.
func (e *explainer) people(c *config.Config) (users, events int) {
	actions := map[string]map[string]bool{}
	placed := map[string]map[string]bool{} // user type to ids
	for user, types := range e.users {
		id, kind := user[0], user[1]
		if actions[kind] == nil {
			actions[kind], placed[kind] = map[string]bool{}, map[string]bool{}
		}
		placed[kind][id] = true
		for a := range types {
			if shown := c.Events().ActionTypes; len(shown) == 0 || slices.Contains(shown, a) {
				actions[kind][a] = true
			}
		}
	}
	for kind, ids := range placed {
		n := len(ids)
		if !ids[""] { // who has no id is no user of its own
			limit := c.Users().Limit
			users += min(n, limit)
			n = min(n, limit+1) // those beyond it are one together
		}
		events += n * len(actions[kind])
	}
	return users, events
}
