package exposition

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/health"
	"socialboards_exporter/internal/tally"
)

// shown gives what an exporter shows, as text.
func shown(t *testing.T, e *Process) string {
	t.Helper()
	return scrape(Handler(slog.New(slog.DiscardHandler), NewDomain(tally.New(settings()), options(), now), e), textAccepted, "").body
}

func TestEverythingStandsAtZeroFromTheStart(t *testing.T) {
	var series []string
	add := func(name, label string, values ...string) {
		for _, v := range values {
			series = append(series, fmt.Sprintf("socialboards_exporter_%s{%s=%q}", name, label, v))
		}
	}
	add("ticket_reads_total", "trigger", "first", "changed", "clock", "webhook", "due")
	add("ticket_read_failures_total", "reason", "auth", "throttled", "not_found", "unreachable", "timeout",
		"server_error", "bad_answer", "too_large", "unstable", "rewritten")
	add("webhooks_total", "result", "accepted", "ignored", "refused", "bad_request", "limited")
	add("api_request_duration_seconds_count", "endpoint", "token", "list", "log")
	add("last_successful_request_timestamp_seconds", "endpoint", "token", "list", "log")
	for _, code := range []string{"none", "200", "401", "404", "429", "500", "503"} {
		add("api_requests_total", `code="`+code+`",endpoint`, "token", "list", "log")
	}
	for _, name := range []string{
		"api_throttled_seconds_total", "poll_lag_seconds", "storage_size_bytes", "store_created_timestamp_seconds",
		"config_last_reload_successful", "config_last_reload_success_timestamp_seconds",
	} {
		series = append(series, "socialboards_exporter_"+name)
	}
	got := shown(t, newProcess(t))
	for _, s := range series {
		require.Contains(t, got, "\n"+s+" 0\n")
	}
	require.Contains(t, got, "\nsocialboards_up 1\n")
}

func TestRequests(t *testing.T) {
	tracker, at := health.New(time.Minute), noon
	e, err := NewProcess(ProcessOptions{Health: tracker, Now: func() time.Time { return at }})
	require.NoError(t, err)
	e.RequestDone(apiclient.LogEndpoint, "200", 250*time.Millisecond)
	e.RequestDone(apiclient.LogEndpoint, "418", time.Second)
	e.Answered(apiclient.LogEndpoint, true)
	e.Answered(apiclient.LogEndpoint, false)
	got := shown(t, e)
	require.Contains(t, got, `socialboards_exporter_api_requests_total{code="418",endpoint="log"} 1`)
	require.Contains(t, got, `socialboards_exporter_api_request_duration_seconds_sum{endpoint="log"} 1.25`)
	require.Contains(t, got, `socialboards_exporter_last_successful_request_timestamp_seconds{endpoint="log"} 1.7724528e+09`)

	e.Answered(apiclient.LogEndpoint, false)
	at = at.Add(3 * time.Minute)
	require.Contains(t, shown(t, e), "\nsocialboards_up 0\n")
	e.RequestDone(apiclient.LogEndpoint, "200", time.Second)
	require.Contains(t, shown(t, e), "\nsocialboards_up 0\n", "HTTP 200 alone is no success")
	e.Answered(apiclient.LogEndpoint, true)
	require.Contains(t, shown(t, e), "\nsocialboards_up 1\n")
	e.Answered(apiclient.ListEndpoint, false)
	e.Answered(apiclient.ListEndpoint, false)
	at = at.Add(time.Hour)
	require.Contains(t, shown(t, e), "\nsocialboards_up 0\n", "one endpoint is enough")

	e.Answered(apiclient.ListEndpoint, true)
	e.TokenRefused(true)
	require.Contains(t, shown(t, e), "\nsocialboards_up 0\n")
}

func TestSizeThatIsNotKnownStaysAsItWas(t *testing.T) {
	e := newProcess(t)
	e.SetStorage(store{})
	require.Contains(t, shown(t, e), "\nsocialboards_exporter_storage_size_bytes 4096\n")
	e.SetStorage(store{err: errSize})
	require.Contains(t, shown(t, e), "\nsocialboards_exporter_storage_size_bytes 4096\n")
}

func TestNegativeTimesAreNone(t *testing.T) {
	e := newProcess(t)
	e.SetSchedule(lag(-time.Second))
	e.Throttled(-time.Second)
	got := shown(t, e)
	require.Contains(t, got, "\nsocialboards_exporter_poll_lag_seconds 0\n")
	require.Contains(t, got, "\nsocialboards_exporter_api_throttled_seconds_total 0\n")
}

func TestABadReloadKeepsTheTimeOfTheGoodOne(t *testing.T) {
	e := newProcess(t)
	e.ConfigLoaded(true, time.Unix(1000, 0))
	e.ConfigLoaded(false, time.Unix(2000, 0))
	got := shown(t, e)
	require.Contains(t, got, "\nsocialboards_exporter_config_last_reload_successful 0\n")
	require.Contains(t, got, "\nsocialboards_exporter_config_last_reload_success_timestamp_seconds 1000\n")
}
