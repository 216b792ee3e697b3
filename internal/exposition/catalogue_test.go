package exposition

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/tally"
)

func notReady(u *tally.Update) { u.Ready(false) }

// promised is what dashboards and alerts rely on: name, type, labels. It is written out
// here once more so that no name changes by accident.
const promised = `
socialboards_exporter_api_request_duration_seconds histogram endpoint
socialboards_exporter_api_requests_total counter code,endpoint
socialboards_exporter_api_throttled_seconds_total counter
socialboards_exporter_build_info gauge branch,goarch,goos,goversion,revision,tags,version
socialboards_exporter_config_last_reload_success_timestamp_seconds gauge
socialboards_exporter_config_last_reload_successful gauge
socialboards_exporter_dropped_series gauge metric
socialboards_exporter_inconsistent_status_changes_total counter
socialboards_exporter_last_successful_request_timestamp_seconds gauge endpoint
socialboards_exporter_log_entries_total counter result
socialboards_exporter_poll_lag_seconds gauge
socialboards_exporter_ready gauge
socialboards_exporter_shard_index gauge
socialboards_exporter_shards gauge
socialboards_exporter_storage_size_bytes gauge
socialboards_exporter_store_created_timestamp_seconds gauge
socialboards_exporter_ticket_read_failures_total counter reason
socialboards_exporter_ticket_reads_total counter trigger
socialboards_exporter_tracked_tickets gauge
socialboards_exporter_unread_tickets gauge
socialboards_exporter_unrecognized_status_labels_total counter
socialboards_exporter_webhooks_total counter result
socialboards_inbox_info gauge url
socialboards_sla_active_clocks gauge objective,state
socialboards_sla_breaches_total counter objective
socialboards_sla_calendar_open gauge calendar
socialboards_sla_clocks_total counter objective
socialboards_sla_duration_seconds histogram objective
socialboards_sla_target_seconds gauge objective
socialboards_ticket_created_timestamp_seconds gauge ticket_id
socialboards_ticket_events_total counter action_type,user_id,user_type
socialboards_ticket_info gauge assignee_id,source,status,ticket_id
socialboards_ticket_sla_due_timestamp_seconds gauge objective,ticket_id
socialboards_ticket_sla_warning_timestamp_seconds gauge objective,ticket_id
socialboards_ticket_status_changed_timestamp_seconds gauge status,ticket_id
socialboards_ticket_status_changes_total counter from,to
socialboards_ticket_status_duration_seconds histogram from,to
socialboards_tickets gauge status
socialboards_up gauge
socialboards_user_info gauge user_id,user_name,user_type
`

func line(name, typ string, labels []string) string {
	return strings.TrimSpace(name + " " + typ + " " + strings.Join(labels, ","))
}

func TestCatalogueHoldsWhatIsPromised(t *testing.T) {
	var got []string
	for _, m := range Catalogue() {
		got = append(got, line(m.Name, string(m.Type), m.Labels))
		require.Regexp(t, `^[A-Z].*\.$`, m.Help, "HELP of %s is a sentence", m.Name)
		require.True(t, slices.IsSorted(m.Labels), m.Name)
	}
	require.Equal(t, strings.Split(strings.TrimSpace(promised), "\n"), got)
}

func TestExposedIsTheCatalogue(t *testing.T) {
	r := scrape(handler(t, aDay(), options()), protobuf, "identity")
	exposed := map[string]*dto.MetricFamily{}
	for _, f := range r.families(t) {
		if strings.HasPrefix(f.GetName(), "socialboards_") {
			exposed[f.GetName()] = f
		}
	}
	for _, m := range Catalogue() {
		f := exposed[m.Name]
		require.NotNil(t, f, m.Name)
		delete(exposed, m.Name)
		require.Equal(t, string(m.Type), strings.ToLower(f.GetType().String()), m.Name)
		if m.Name != buildInfo.Name { // whose text is client_golang's
			require.Equal(t, m.Help, f.GetHelp())
		}
		for _, s := range f.Metric {
			require.Nil(t, s.TimestampMs, "samples have no time of their own")
			var labels []string
			for _, l := range s.Label {
				labels = append(labels, l.GetName())
			}
			require.Equal(t, m.Labels, labels, m.Name)
		}
	}
	require.Empty(t, exposed, "metrics that the catalogue does not know")
}

func TestGoAndProcessMetricsAreThere(t *testing.T) {
	got := scrape(handler(t, aDay(), options()), textAccepted, "identity").body
	require.Contains(t, got, "\ngo_goroutines ")
	require.Contains(t, got, "\nprocess_start_time_seconds ")
}

func TestLint(t *testing.T) {
	e := newProcess(t)
	busy(e)
	problems, err := testutil.GatherAndLint(Join{NewDomain(aDay(), options(), now), e}, names()...)
	require.NoError(t, err)
	require.Empty(t, problems)
}

// TestDocumentation compares the tables of docs/metrics.md with the catalogue.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	documented := map[string]string{}
	for row := range strings.Lines(string(page)) {
		cells := strings.Split(row, "|")
		if len(cells) < 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`socialboards_") {
			continue
		}
		name := strings.Trim(strings.TrimSpace(cells[1]), "`")
		require.NotContains(t, documented, name, "described twice")
		labels := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(cells[3]), "`", ""), " ", "")
		documented[name] = strings.TrimSpace(name + " " + strings.TrimSpace(cells[2]) + " " + labels)
	}
	for _, m := range Catalogue() {
		require.Equal(t, line(m.Name, string(m.Type), m.Labels), documented[m.Name])
		delete(documented, m.Name)
	}
	require.Empty(t, documented, "metrics that do not exist")
}
