package recount_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/histogram"
	"socialboards_exporter/internal/recount"
	"socialboards_exporter/internal/tally"
)

func events(counts map[[3]string]uint64) (all []tally.Count) {
	for labels, n := range counts {
		all = append(all, tally.Count{Labels: labels, Value: n})
	}
	return all
}

func TestTheReportNamesWhatMoves(t *testing.T) {
	reply := func(user string) [3]string { return [3]string{"reply_created", user, "team"} }
	before := &tally.Snapshot{
		Events:       events(map[[3]string]uint64{reply("other"): 96, reply("anna"): 7}),
		Changes:      events(map[[3]string]uint64{{"open", "completed"}: 5}),
		Durations:    []tally.Histogram{{Labels: [3]string{"open", "completed"}, Data: histogram.Data{Count: 4}}},
		Objectives:   []tally.Objective{{Name: "answer", Clocks: tally.Count{Value: 9}, Breaches: tally.Count{Value: 1}}},
		Unrecognized: 3,
	}
	after := &tally.Snapshot{
		Events:     events(map[[3]string]uint64{reply("bo"): 56, reply("carl"): 40, reply("anna"): 7}),
		Changes:    before.Changes,
		Durations:  []tally.Histogram{{Labels: [3]string{"open", "completed"}, Data: histogram.Data{Count: 5}}},
		Objectives: []tally.Objective{{Name: "answer", Clocks: tally.Count{Value: 8}, Breaches: tally.Count{Value: 2}}},
	}
	report := recount.Compare(before, after)
	var text strings.Builder
	n, err := report.WriteTo(&text)
	require.NoError(t, err)
	require.Equal(t, int64(text.Len()), n)
	require.Equal(t, `  series before  after  counted before  after  metric
              2      3             103    103  socialboards_ticket_events_total
              1      1               5      5  socialboards_ticket_status_changes_total
              1      1               4      5  socialboards_ticket_status_duration_seconds_count
              1      1               9      8  socialboards_sla_clocks_total
              1      1               1      2  socialboards_sla_breaches_total
              1      1               0      0  socialboards_sla_duration_seconds_count
              1      1               0      0  socialboards_exporter_inconsistent_status_changes_total
              1      1               3      0  socialboards_exporter_unrecognized_status_labels_total

What moves most (7 of 7 series):
    96  ->  none  socialboards_ticket_events_total{action_type="reply_created",user_id="other",user_type="team"}
  none  ->    56  socialboards_ticket_events_total{action_type="reply_created",user_id="bo",user_type="team"}
  none  ->    40  socialboards_ticket_events_total{action_type="reply_created",user_id="carl",user_type="team"}
     3  ->     0  socialboards_exporter_unrecognized_status_labels_total
     4  ->     5  socialboards_ticket_status_duration_seconds_count{from="open",to="completed"}
     9  ->     8  socialboards_sla_clocks_total{objective="answer"}
     1  ->     2  socialboards_sla_breaches_total{objective="answer"}

To Prometheus a counter that is lower than at the last scrape was reset, and what it is higher by happens now.
Under the same instance 2 series would seem to be reset and 2 to jump. Give the exporter another `+"`instance`"+` label
in the scrape configuration before it is started again, so that these are new series that begin with what they count.
`, text.String())
}

func TestTheReportSaysThatNothingMoves(t *testing.T) {
	s := &tally.Snapshot{Events: events(map[[3]string]uint64{{"a", "b", "c"}: 1})}
	var text strings.Builder
	_, err := recount.Compare(s, s).WriteTo(&text)
	require.NoError(t, err)
	require.Contains(t, text.String(), "Nothing moves")
	require.NotContains(t, text.String(), "instance")
}
