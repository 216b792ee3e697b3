package exposition

import (
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/poll"
)

// RequestDone counts a request to the API. code is the HTTP status, or "none".
func (e *Process) RequestDone(endpoint apiclient.Endpoint, code string, took time.Duration) {
	e.requests.WithLabelValues(code, string(endpoint)).Inc()
	e.durations.WithLabelValues(string(endpoint)).Observe(took.Seconds())
}

// Answered records whether an endpoint answered as the API documents it.
func (e *Process) Answered(endpoint apiclient.Endpoint, ok bool) {
	e.options.Health.RequestDone(string(endpoint), ok, e.options.Now())
}

// Throttled adds time for which every request is held back.
func (e *Process) Throttled(wait time.Duration) {
	e.throttled.Add(max(0, wait.Seconds()))
}

// TokenRefused says whether the API takes the configured credentials.
func (e *Process) TokenRefused(refused bool) { e.options.Health.TokenRefused(refused) }

// ReadDone counts a complete reading of a log.
func (e *Process) ReadDone(_ int64, trigger poll.Trigger, _ time.Time) {
	e.reads.WithLabelValues(string(trigger)).Inc()
}

// ReadFailed counts a reading that came to nothing.
func (e *Process) ReadFailed(_ int64, reason string, _ error) {
	e.failures.WithLabelValues(reason).Inc()
}

// LookDone leaves no trace: looks show as requests to the list.
func (e *Process) LookDone([]int64, time.Time) {}

// RecordFailed leaves no trace: who writes to the store tells Health how that went.
func (e *Process) RecordFailed(error) {}

// WebhookDone counts a webhook call: accepted, ignored, refused, bad_request or limited.
func (e *Process) WebhookDone(result string) { e.webhooks.WithLabelValues(result).Inc() }

// ConfigLoaded records an attempt to load the configuration, the first one too.
func (e *Process) ConfigLoaded(ok bool, at time.Time) {
	e.reloadOK.Set(boolean(ok))
	if ok {
		e.reloadTime.Set(unix(at))
	}
}
