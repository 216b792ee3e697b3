package exposition

// What the exporter tells of its own state, as of the same moment as the domain metrics.
//
//nolint:gochecknoglobals // immutable tables
var (
	ready = Metric{"socialboards_exporter_ready", Gauge,
		"Whether the store is loaded and the first pass over all tickets is complete: 1 ready, 0 not.", nil}
	trackedTickets = Metric{"socialboards_exporter_tracked_tickets", Gauge,
		"Tickets that are followed, live and done.", nil}
	unreadTickets = Metric{"socialboards_exporter_unread_tickets", Gauge,
		"Followed tickets whose log was never read completely.", nil}
	logEntries = Metric{"socialboards_exporter_log_entries_total", Counter,
		"Log entries polled, by how they were taken; only new and late ones count as events. Stored; absent while the store loads.",
		[]string{"result"}}
	unrecognizedLabels = Metric{"socialboards_exporter_unrecognized_status_labels_total", Counter,
		"Status labels in counted changes that no table knows. Stored; absent while the store loads.", nil}
	inconsistentChanges = Metric{"socialboards_exporter_inconsistent_status_changes_total", Counter,
		"Counted changes of status that do not fit the status before them. Stored; absent while the store loads.", nil}
	droppedSeries = Metric{"socialboards_exporter_dropped_series", Gauge,
		"Series left out of a metric because of metrics.max_tickets.", []string{"metric"}}
)

func stateMetrics() []Metric {
	return []Metric{ready, trackedTickets, unreadTickets, logEntries, unrecognizedLabels, inconsistentChanges, droppedSeries}
}

// What the process does. These counters start with the process.
//
//nolint:gochecknoglobals // immutable tables
var (
	up = Metric{"socialboards_up", Gauge,
		"Whether the exporter can do its work: 0 when the token is refused, the store cannot be written, or requests to one endpoint have failed for three intervals.", nil}
	buildInfo = Metric{"socialboards_exporter_build_info", Gauge,
		"A metric with a constant '1' value labeled by version, revision, branch, goversion from which socialboards_exporter was built, and the goos and goarch for the build.",
		[]string{"branch", "goarch", "goos", "goversion", "revision", "tags", "version"}}
	storeCreated = Metric{"socialboards_exporter_store_created_timestamp_seconds", Gauge,
		"When the store was made, in Unix time; 0 while it loads.", nil}
	storageSize = Metric{"socialboards_exporter_storage_size_bytes", Gauge,
		"Size of the store's files.", nil}
	lastSuccess = Metric{"socialboards_exporter_last_successful_request_timestamp_seconds", Gauge,
		"Time of the latest successful request of this process to the endpoint, in Unix time; 0: none yet.",
		[]string{"endpoint"}}
	pollLag = Metric{"socialboards_exporter_poll_lag_seconds", Gauge,
		"How overdue the most overdue look or read is; 0 when none is.", nil}
	ticketReads = Metric{"socialboards_exporter_ticket_reads_total", Counter,
		"Complete readings of ticket logs by what made them due.", []string{"trigger"}}
	readFailures = Metric{"socialboards_exporter_ticket_read_failures_total", Counter,
		"Readings of ticket logs that came to nothing, by reason.", []string{"reason"}}
	apiRequests = Metric{"socialboards_exporter_api_requests_total", Counter,
		"Requests to the Socialboards API by HTTP status, or none when there was no answer.", []string{"code", "endpoint"}}
	apiDuration = Metric{"socialboards_exporter_api_request_duration_seconds", Histogram,
		"How long requests to the Socialboards API took, with or without an answer.", []string{"endpoint"}}
	apiThrottled = Metric{"socialboards_exporter_api_throttled_seconds_total", Counter,
		"Time for which all requests were held back, because the API asked for it or refused too many requests.", nil}
	reloadSuccessful = Metric{"socialboards_exporter_config_last_reload_successful", Gauge,
		"Whether the latest attempt to load the configuration succeeded: 1 yes, 0 no.", nil}
	reloadTime = Metric{"socialboards_exporter_config_last_reload_success_timestamp_seconds", Gauge,
		"When the configuration was last loaded successfully, in Unix time.", nil}
	webhooks = Metric{"socialboards_exporter_webhooks_total", Counter,
		"Webhook calls by what came of them.", []string{"result"}}
	shardIndex = Metric{"socialboards_exporter_shard_index", Gauge,
		"Index of the shard of tickets that this process follows, from 0.", nil}
	shards = Metric{"socialboards_exporter_shards", Gauge,
		"Number of shards that all tickets are divided into.", nil}
)

func processMetrics() []Metric {
	return []Metric{up, buildInfo, storeCreated, storageSize, lastSuccess, pollLag, ticketReads, readFailures,
		apiRequests, apiDuration, apiThrottled, reloadSuccessful, reloadTime, webhooks, shardIndex, shards}
}
