package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// exporter tells whether what the other boards show can be believed.
func exporter() *dashboard.DashboardBuilder {
	b := newBoard(exporterUID, "Exporter", "Whether what the other boards show is fresh and whole, what it costs, and what goes wrong.", "now-6h")
	for _, group := range []struct {
		title  string
		panels []cog.Builder[dashboard.Panel]
	}{
		{"Can it be believed?", health()}, {"Requests", requests()}, {"Readings", readings()},
		{"Shards, storage, resources", resources()},
	} {
		b.WithRow(row(group.title))
		for _, p := range group.panels {
			b.WithPanel(p)
		}
	}
	return b
}

func health() []cog.Builder[dashboard.Panel] {
	const unscraped = "no exporter is scraped"
	return []cog.Builder[dashboard.Panel]{
		yesNo(figure(frame{title: "Able to work", help: "socialboards_up, the lowest of all instances. No: the token is refused, the store cannot be written, or an endpoint does not answer; the panels below tell which.",
			unit: count, empty: unscraped, w: 4, h: 4}, "red", []step{{1, "green"}}, instant("min("+of("socialboards_up")+")", ""))),
		figure(frame{title: "Ready", help: "Instances that are ready, and those that are not. One that is not shows no tickets; wait as long as tickets unread go down.",
			unit: count, empty: unscraped, w: 4, h: 4}, "text", nil,
			instant("sum("+of("socialboards_exporter_ready")+")", "ready"), instant("sum(1 - "+of("socialboards_exporter_ready")+")", "not ready")),
		figure(frame{title: "Late by", help: "How overdue the most overdue look or read is. Grows by a second a second: nothing gets through, or one ticket fails; see Failures.",
			unit: seconds, empty: unscraped, w: 4, h: 4}, "green", []step{{120, "orange"}, {900, "red"}}, instant("max("+of("socialboards_exporter_poll_lag_seconds")+")", "")),
		figure(frame{title: "Tickets", help: "Followed tickets, live and done, and how many of them were never read to the end.",
			unit: count, empty: unscraped, w: 4, h: 4}, "text", nil,
			instant("sum("+of("socialboards_exporter_tracked_tickets")+")", "followed"), instant("sum("+of("socialboards_exporter_unread_tickets")+")", "unread")),
		figure(frame{title: "Live tickets left out", help: "Live tickets without series of their own. More than 0: raise metrics.max_tickets, since no table and no alert can name these.",
			unit: count, empty: unscraped, w: 4, h: 4}, "green", []step{{1, "red"}}, instant("sum(max by (job, instance) ("+of("socialboards_exporter_dropped_series")+"))", "")),
		yesNo(figure(frame{title: "Configuration is current", help: "Yes: the latest reload succeeded everywhere. No: an instance runs with an older configuration; its log says why.",
			unit: count, empty: unscraped, w: 4, h: 4}, "red", []step{{1, "green"}}, instant("min("+of("socialboards_exporter_config_last_reload_successful")+")", ""))),
		lines(chart(frame{title: "Lateness", help: "How overdue the most overdue look or read is. Spikes after a restart are caught up with.", unit: seconds, empty: unscraped, w: 12, h: 7},
			ranged("max by (instance) ("+of("socialboards_exporter_poll_lag_seconds")+")", "{{instance}}")), step{900, "red"}),
		chart(frame{title: "Since the last successful request", help: "Age of the latest success at each endpoint. Tokens are asked for once an hour; list and log without tickets to follow not at all.",
			unit: seconds, empty: unscraped, w: 12, h: 7},
			ranged("time() - max by (endpoint) ("+of("socialboards_exporter_last_successful_request_timestamp_seconds")+" > 0)", "{{endpoint}}")),
	}
}

func requests() []cog.Builder[dashboard.Panel] {
	all := of("socialboards_exporter_api_requests_total")
	latency := of("socialboards_exporter_api_request_duration_seconds_bucket")
	return []cog.Builder[dashboard.Panel]{
		stacked(frame{title: "Requests a second", help: "By endpoint. Compare with api.requests_per_second, which holds for each instance: at the limit and late, raise it or add shards.",
			unit: perSecond, empty: "no request was sent", w: 8, h: 8},
			ranged("sum by (endpoint) (rate("+all+"[$__rate_interval]))", "{{endpoint}}")),
		rare(stacked(frame{title: "Requests refused or unanswered, a second", help: "401, 403: renew the token. 429: lower api.requests_per_second. 5xx and none: the API has trouble; nothing is lost, it is caught up with.",
			unit: perSecond, empty: "none is known", w: 8, h: 8},
			ranged("sum by (code, endpoint) (rate("+of("socialboards_exporter_api_requests_total", `code!="200"`)+"[$__rate_interval])) > 0", "{{code}} {{endpoint}}"))),
		chart(frame{title: "Throttled", help: "Share of the time for which the API let no request through. Much of it: lower api.requests_per_second below what the API allows.",
			unit: share, empty: "no exporter is scraped", w: 8, h: 8},
			ranged("max by (instance) (rate("+of("socialboards_exporter_api_throttled_seconds_total")+"[$__rate_interval]))", "{{instance}}")),
		chart(frame{title: "How long requests take", help: "Nine tenths took no longer. If logs take longer than before, the first pass and the lateness grow with it.",
			unit: seconds, empty: "no request was sent", w: 12, h: 8},
			ranged("histogram_quantile(0.9, sum by (le, endpoint) (rate("+latency+"[$__rate_interval])))", "{{endpoint}}")).AxisSoftMax(0.1),
		chart(frame{title: "Requests for each log read", help: "Requests to all endpoints for each complete reading. It rises with polling for nothing; a webhook lowers it.",
			unit: count, empty: "no log was read", w: 12, h: 8},
			ranged("sum(rate("+all+"[$__rate_interval])) / (sum(rate("+of("socialboards_exporter_ticket_reads_total")+"[$__rate_interval])) > 0)", "requests")),
	}
}

func readings() []cog.Builder[dashboard.Panel] {
	rate := func(by, counter string) string {
		return "sum by (" + by + ") (rate(" + of(counter) + "[$__rate_interval])) * 3600"
	}
	return []cog.Builder[dashboard.Panel]{
		stacked(frame{title: "Logs read an hour, by cause", help: "changed and webhook bring news; due is routine. No reads at all while tickets are live: see Failures.",
			unit: hourly, empty: "no exporter is scraped", w: 12, h: 8}, ranged(rate("trigger", "socialboards_exporter_ticket_reads_total"), "{{trigger}}")),
		stacked(frame{title: "Failures an hour, by reason", help: "Readings that came to nothing. not_found, too_large, bad_answer, unstable, rewritten concern single tickets, which the page /tickets names.",
			unit: hourly, empty: "no exporter is scraped", w: 12, h: 8}, ranged(rate("reason", "socialboards_exporter_ticket_read_failures_total"), "{{reason}}")),
		stacked(frame{title: "Log entries an hour, by what became of them", help: "new and late count as events; backlog is from before a ticket was found; known was shown again. Much late: entries appear long after their time.",
			unit: hourly, empty: notReady, w: 12, h: 8}, ranged(rate("result", "socialboards_exporter_log_entries_total"), "{{result}}")),
		chart(frame{title: "Statuses not understood, an hour", help: "Labels that no table knows: add them to statuses.labels. Changes that do not fit what was before: entries are missing from the log.",
			unit: hourly, empty: notReady, w: 6, h: 8},
			ranged("sum(rate("+of("socialboards_exporter_unrecognized_status_labels_total")+"[$__rate_interval])) * 3600", "label not known"),
			ranged("sum(rate("+of("socialboards_exporter_inconsistent_status_changes_total")+"[$__rate_interval])) * 3600", "does not fit")),
		stacked(frame{title: "Webhook calls an hour", help: "accepted brings a ticket forward. refused: the verify token is wrong. None at all although a webhook is configured: the API cannot reach it.",
			unit: hourly, empty: "no exporter is scraped", w: 6, h: 8}, ranged(rate("result", "socialboards_exporter_webhooks_total"), "{{result}}")),
	}
}

func resources() []cog.Builder[dashboard.Panel] {
	columns := []column{
		{field: "instance", title: "Instance"},
		{field: "version", title: "Version", width: 90},
		{field: "Value #B", title: "Shard", unit: count, width: 80},
		{field: "Value #C", title: "of", unit: count, width: 60},
		{field: "Value #D", title: "Tickets", unit: count, width: 90},
		{field: "Value #E", title: "Store made", unit: "dateTimeAsIso", width: 170},
		{field: "Value #F", title: "Running for", unit: seconds, width: 120},
	}
	byInstance := func(metric string) string { return "max by (instance) (" + of(metric) + ")" }
	return []cog.Builder[dashboard.Panel]{
		listing(frame{title: "Instances", help: "Every shard from 0 to one below the total has to be there once. A store that was made anew counts from 0.",
			empty: "no exporter is scraped", w: 12, h: 8}, columns,
			tabled("A", "group by (instance, version) ("+of("socialboards_exporter_build_info")+")"),
			tabled("B", byInstance("socialboards_exporter_shard_index")),
			tabled("C", byInstance("socialboards_exporter_shards")),
			tabled("D", byInstance("socialboards_exporter_tracked_tickets")),
			tabled("E", byInstance("socialboards_exporter_store_created_timestamp_seconds")+" * 1000"),
			tabled("F", "time() - "+byInstance("process_start_time_seconds"))),
		chart(frame{title: "Size of the store", help: "Grows with log entries only. See that the disk has room for months of it: when it is full, nothing more is counted.",
			unit: bytes, empty: "no exporter is scraped", w: 12, h: 8},
			ranged("max by (instance) ("+of("socialboards_exporter_storage_size_bytes")+")", "{{instance}}")),
		chart(frame{title: "Memory", help: "Resident memory. It follows the number of live tickets.", unit: bytes, empty: "no exporter is scraped", w: 8, h: 7},
			ranged("max by (instance) ("+of("process_resident_memory_bytes")+")", "{{instance}}")),
		chart(frame{title: "CPU", help: "Cores used. Mostly scrapes and first passes.", unit: share, empty: "no exporter is scraped", w: 8, h: 7},
			ranged("max by (instance) (rate("+of("process_cpu_seconds_total")+"[$__rate_interval]))", "{{instance}}")),
		chart(frame{title: "Goroutines and open files", help: "Both stay level. If they grow for days, something leaks: report it with the version.", unit: count, empty: "no exporter is scraped", w: 8, h: 7},
			ranged("sum("+of("go_goroutines")+")", "goroutines"), ranged("sum("+of("process_open_fds")+")", "open files")),
	}
}
