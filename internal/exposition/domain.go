package exposition

// What the tickets and their logs say. These are absent until the exporter is ready.
//
//nolint:gochecknoglobals // immutable tables
var (
	ticketEvents = Metric{"socialboards_ticket_events_total", Counter,
		"Entries in ticket logs, polled and counted once. Created timestamp: the earliest entry.",
		[]string{"action_type", "user_id", "user_type"}}
	userInfo = Metric{"socialboards_user_info", Gauge,
		"Team members and bots by id, with the latest name where names are switched on; polled. Always 1.",
		[]string{"user_id", "user_name", "user_type"}}
	statusChanges = Metric{"socialboards_ticket_status_changes_total", Counter,
		"Changes of ticket status, polled, also those whose duration is unknown.",
		[]string{"from", "to"}}
	statusDuration = Metric{"socialboards_ticket_status_duration_seconds", Histogram,
		"How long tickets had been in the status from when they changed to the status to; wall-clock time, polled.",
		[]string{"from", "to"}}
	tickets = Metric{"socialboards_tickets", Gauge,
		"Followed tickets by present status, polled.",
		[]string{"status"}}
	ticketInfo = Metric{"socialboards_ticket_info", Gauge,
		"Live tickets, that is, tickets not in a done status; polled. Always 1.",
		[]string{"assignee_id", "source", "status", "ticket_id"}}
	ticketCreated = Metric{"socialboards_ticket_created_timestamp_seconds", Gauge,
		"When a live ticket began, in Unix time; polled.",
		[]string{"ticket_id"}}
	ticketStatusChanged = Metric{"socialboards_ticket_status_changed_timestamp_seconds", Gauge,
		"When a live ticket entered its present status, in Unix time; polled.",
		[]string{"status", "ticket_id"}}
	slaClocks = Metric{"socialboards_sla_clocks_total", Counter,
		"SLA clocks that came to an outcome, met or breached; polled.",
		[]string{"objective"}}
	slaBreaches = Metric{"socialboards_sla_breaches_total", Counter,
		"SLA clocks that exceeded their target, once polling has made that certain.",
		[]string{"objective"}}
	slaDuration = Metric{"socialboards_sla_duration_seconds", Histogram,
		"Counted time of SLA clocks that stopped: within the calendar and outside of pauses; polled.",
		[]string{"objective"}}
	slaTarget = Metric{"socialboards_sla_target_seconds", Gauge,
		"Target of the objective in counted time.",
		[]string{"objective"}}
	slaActive = Metric{"socialboards_sla_active_clocks", Gauge,
		"SLA clocks of live tickets that run or pause, by state; polled.",
		[]string{"objective", "state"}}
	calendarOpen = Metric{"socialboards_sla_calendar_open", Gauge,
		"Whether the calendar is within its hours: 1 open, 0 closed.",
		[]string{"calendar"}}
	slaDue = Metric{"socialboards_ticket_sla_due_timestamp_seconds", Gauge,
		"When an SLA clock of a live ticket reaches, or reached, its target, in Unix time; polled. Absent while it pauses unbreached.",
		[]string{"objective", "ticket_id"}}
	slaWarning = Metric{"socialboards_ticket_sla_warning_timestamp_seconds", Gauge,
		"When an SLA clock of a live ticket reaches, or reached, its warning share of the target, in Unix time; polled. Absent while it pauses unbreached.",
		[]string{"objective", "ticket_id"}}
	inboxInfo = Metric{"socialboards_inbox_info", Gauge,
		"Address of the inbox, for links to tickets. Always 1.",
		[]string{"url"}}
)

func domainMetrics() []Metric {
	return append(ticketMetrics(), ticketEvents, userInfo, statusChanges, statusDuration, tickets,
		slaClocks, slaBreaches, slaDuration, slaTarget, slaActive, calendarOpen, inboxInfo)
}

// ticketMetrics are those with a series for each ticket, of which there may be too many.
func ticketMetrics() []Metric {
	return []Metric{ticketInfo, ticketCreated, ticketStatusChanged, slaDue, slaWarning}
}
