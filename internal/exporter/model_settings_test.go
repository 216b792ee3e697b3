package exporter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"socialboards_exporter/apiclient/apitest"
)

// settings are what of the configuration a story changes.
type settings struct {
	named    bool    // tickets are followed by their ids, otherwise all are
	whom     []int64 // those ids
	offices_ []*office
	promises []promise
	later    []promise // those that reloads add
	actions  []string  // that are shown; none: all
	coarse   bool      // buckets of durations
	limit    int       // of tickets with series of their own
	twice    bool      // a second selection shows some of the tickets, too
	label    bool      // one more display label is known
}

func newSettings(t *rapid.T, o *office) settings {
	minutes := func() time.Duration {
		return time.Duration(rapid.IntRange(2, 600).Draw(t, "target in minutes")) * time.Minute
	}
	var all []promise
	for i, measure := range []string{"first_response", "next_response", "update", "resolution", "time_in_status", "first_response"} {
		p := promise{name: fmt.Sprintf("%s_%d", measure, i), measure: measure, warnAt: 0.5, target: minutes()}
		if rapid.Bool().Draw(t, "in office hours") {
			p.calendar = o
		}
		if measure == "time_in_status" {
			p.status = apitest.Open
		} else if rapid.Bool().Draw(t, "pauses") {
			p.pauseIn = []string{apitest.Pending}
		}
		switch rapid.IntRange(0, 5).Draw(t, "match") {
		case 0:
			p.tags = []string{"vip"}
		case 1:
			p.categories = []int64{33527}
		}
		all = append(all, p)
	}
	return settings{offices_: []*office{o}, promises: all[:3:3], later: all[3:], limit: 5000,
		named: rapid.Bool().Draw(t, "named"), twice: rapid.Bool().Draw(t, "two selections")}
}

// change changes one of them.
func (s *settings) change(t *rapid.T) {
	switch rapid.IntRange(0, 4).Draw(t, "setting") {
	case 0:
		s.actions = rapid.SampledFrom([][]string{nil, {"reply_created", "ticket_created"}, {"note_created"}}).Draw(t, "actions")
	case 1:
		s.coarse = !s.coarse
	case 2:
		s.limit = rapid.SampledFrom([]int{1, 2, 5000}).Draw(t, "limit")
	case 3:
		s.label = !s.label
	case 4:
		if len(s.later) > 0 {
			s.promises, s.later = append(s.promises, s.later[0]), s.later[1:]
		}
	}
}

// bounds are those of durations in a status, in seconds.
func (s *settings) bounds() []float64 {
	if s.coarse {
		return []float64{60, 3600, 86400}
	}
	return statusBounds()
}

// shows says whether entries of the type are shown.
func (s *settings) shows(action string) bool {
	return len(s.actions) == 0 || slices.Contains(s.actions, action)
}

// text is the configuration.
func (s *settings) text() string {
	tickets := "discover: [{}]"
	if s.named {
		tickets = "ids: " + strings.ReplaceAll(fmt.Sprint(s.whom), " ", ", ")
	} else if s.twice {
		tickets = "discover: [{}, {status: open}]"
	}
	buckets, labels := "", ""
	if s.coarse {
		buckets = ", status_duration_buckets: [1m, 1h, 1d]"
	}
	if s.label {
		labels = `"I kø": open`
	}
	return fmt.Sprintf("poll: {interval: 2m, max_interval: 30m, read_max_interval: 2h, done_max_interval: 4h}\n"+
		"webhook: {verify_token_file: verify_token}\ntickets: {%s}\nevents: {action_types: [%s]}\nstatuses: {labels: {%s}}\n"+
		"metrics: {max_tickets: %d%s}\n", tickets, strings.Join(s.actions, ", "), labels, s.limit, buckets) + slaYAML(s.offices_, s.promises)
}
