package exporter

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

const firstResponse = `
sla: {objectives: [{name: first_response, measure: first_response, target: 4h}]}
`

const everyTicket = everyMinute + "tickets: {discover: [{}]}\n"

// eachMinute looks at each ticket every minute, however long nothing has happened.
const eachMinute = "poll: {interval: 1m, max_interval: 1m}\ntickets: {discover: [{}]}\n"

// A breach is counted once it is certain, which takes a read that begins after it.
func TestABreachWaitsForARead(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	s.created(apitest.Ticket{})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 11:59")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:warning} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 08:00:00",
		"+ tickets{status:open} 1",
	)

	// At noon the target is exceeded, but the log cannot be read.
	repair := s.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Status: 503})
	s.at("2026-11-23 13:00")
	s.changed()

	repair()
	s.at("2026-11-23 13:30")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:breached} 1",
		"+ sla_breaches_total{objective:first_response} 1",
		"+ sla_clocks_total{objective:first_response} 1",
		"- sla_active_clocks{objective:first_response, state:warning}",
	)
}

// The customer was answered in time, while the exporter was off for three days.
func TestAReplyInTimeIsNoBreachHoweverLateItIsLearned(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 09:00")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:running} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 08:00:00",
		"+ tickets{status:open} 1",
	)

	s.stop()
	s.clock.Advance(2 * time.Hour)
	s.answers(id)
	s.clock.Advance(3 * 24 * time.Hour)
	s.start(everyTicket + firstResponse)
	before := s.scrape() // nothing was asked yet
	require.Zero(t, before[series("socialboards_sla_breaches_total", "objective", "first_response")])
	s.at("2026-11-26 11:05")
	s.changed(
		"+ sla_clocks_total{objective:first_response} 1",
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ sla_duration_seconds_sum{objective:first_response} 10800",
		"- sla_active_clocks{objective:first_response, state:running}",
		"- ticket_sla_due{objective:first_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:first_response, ticket_id:255762}",
	)
}

// A ticket that is named after the fact shows what it is, and counts what happens now.
func TestAClockBreachedWhenItsTicketIsFoundIsShownAndNotCounted(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	known := s.created(apitest.Ticket{ID: 1})
	old := s.created(apitest.Ticket{ID: 2})
	s.answers(known)
	const yaml = everyMinute + firstResponse
	s.start(yaml + "tickets: {ids: [1]}\n")
	s.at("2026-11-23 14:00")
	s.changed(
		"+ sla_clocks_total{objective:first_response} 1",
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ ticket_created{ticket_id:1} Mon 08:00:00",
		"+ ticket_status_changed{status:open, ticket_id:1} Mon 08:00:00",
		"+ tickets{status:open} 1",
	)

	s.reload(yaml + "tickets: {ids: [1, 2]}\n")
	s.at("2026-11-23 14:05")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:breached} 1",
		"+ ticket_created{ticket_id:2} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:2} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:2} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:2} Mon 08:00:00",
		"+ tickets{status:open} 2",
	)

	s.answers(old)
	s.turns(old, apitest.Pending)
	s.at("2026-11-23 14:30")
	s.changed(
		"+ ticket_status_changed{status:pending, ticket_id:2} Mon 14:05:00",
		"+ ticket_status_changes_total{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:pending} 21900",
		"+ tickets{status:open} 1",
		"+ tickets{status:pending} 1",
		"- sla_active_clocks{objective:first_response, state:breached}",
		"- ticket_sla_due{objective:first_response, ticket_id:2}",
		"- ticket_sla_warning{objective:first_response, ticket_id:2}",
		"- ticket_status_changed{status:open, ticket_id:2}",
	)
}

// A reply that was logged long after it was given, when its absence has been counted.
func TestALateReplyDecidesNothing(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 13:00")
	s.turns(id, apitest.Pending)
	s.at("2026-11-23 14:00")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:breached} 1",
		"+ sla_breaches_total{objective:first_response} 1",
		"+ sla_clocks_total{objective:first_response} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 11:12:00",
		"+ ticket_status_changed{status:pending, ticket_id:255762} Mon 13:00:00",
		"+ ticket_status_changes_total{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:pending} 18000",
		"+ tickets{status:pending} 1",
	)

	s.sim.Append(id, apitest.Entry{Time: s.time(t, "2026-11-23 09:00"), Type: apitest.ReplyCreated, User: s.agent})
	s.sim.Append(id, apitest.Entry{Time: s.time(t, "2026-11-23 10:00"), Type: apitest.StatusChanged, User: s.agent, From: apitest.Open, To: apitest.Completed})
	s.asks(id) // so that the log is read
	s.at("2026-11-23 14:10")
	s.changed(
		"+ ticket_status_changes_total{from:open, to:completed} 1",
	)
	require.InDelta(t, 2, s.scrape()[series("socialboards_exporter_log_entries_total", "result", "late")], 0)

	// The answer of now stops the clock that was breached.
	s.answers(id)
	s.at("2026-11-23 14:20")
	s.changed(
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ sla_duration_seconds_sum{objective:first_response} 22200",
		"- sla_active_clocks{objective:first_response, state:breached}",
		"- ticket_sla_due{objective:first_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:first_response, ticket_id:255762}",
	)
}

// Who becomes important has waited since the beginning.
func TestMatchBeginsAndCeasesToHold(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	vip := s.created(apitest.Ticket{ID: 1})
	moved := s.created(apitest.Ticket{ID: 2, CategoryID: 7})
	answered := s.created(apitest.Ticket{ID: 3})
	s.start(everyTicket + `
sla:
  objectives:
    - {name: vip, measure: first_response, target: 4h, match: {tags: [vip, gold]}}
    - {name: seven, measure: first_response, target: 4h, match: {category_ids: [7]}}
`)
	s.at("2026-11-23 09:00")
	s.answers(answered)
	s.at("2026-11-23 10:00")
	s.changed(
		"+ sla_active_clocks{objective:seven, state:running} 1",
		"+ ticket_created{ticket_id:1} Mon 08:00:00",
		"+ ticket_created{ticket_id:2} Mon 08:00:00",
		"+ ticket_created{ticket_id:3} Mon 08:00:00",
		"+ ticket_sla_due{objective:seven, ticket_id:2} Mon 12:00:00",
		"+ ticket_sla_warning{objective:seven, ticket_id:2} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:1} Mon 08:00:00",
		"+ ticket_status_changed{status:open, ticket_id:2} Mon 08:00:00",
		"+ ticket_status_changed{status:open, ticket_id:3} Mon 08:00:00",
		"+ tickets{status:open} 3",
	)

	// The answered ticket becomes one of a vip too late to have an outcome; the other one
	// is due four hours after it was created.
	s.sim.Tag(vip, s.agent, "vip", s.clock.Now())
	s.sim.Tag(answered, s.agent, "gold", s.clock.Now())
	s.at("2026-11-23 10:10")
	s.changed(
		"+ sla_active_clocks{objective:vip, state:running} 1",
		"+ ticket_sla_due{objective:vip, ticket_id:1} Mon 12:00:00",
		"+ ticket_sla_warning{objective:vip, ticket_id:1} Mon 11:12:00",
	)

	// Ticket 2 moves to others, and its clock ends without outcome.
	s.sim.Categorize(moved, s.agent, 8, s.clock.Now())
	s.at("2026-11-23 10:20")
	s.changed(
		"- sla_active_clocks{objective:seven, state:running}",
		"- ticket_sla_due{objective:seven, ticket_id:2}",
		"- ticket_sla_warning{objective:seven, ticket_id:2}",
	)

	s.at("2026-11-23 11:00")
	s.answers(vip)
	s.answers(moved)
	s.at("2026-11-23 11:10")
	s.changed(
		"+ sla_clocks_total{objective:vip} 1",
		"+ sla_duration_seconds_count{objective:vip} 1",
		"+ sla_duration_seconds_sum{objective:vip} 10800",
		"- sla_active_clocks{objective:vip, state:running}",
		"- ticket_sla_due{objective:vip, ticket_id:1}",
		"- ticket_sla_warning{objective:vip, ticket_id:1}",
	)
}

// Another target under the old name holds for clocks that are open or start later.
func TestAnObjectiveChangedUnderItsOldNameJudgesWhatIsOpen(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	slow := s.created(apitest.Ticket{ID: 1})
	quick := s.created(apitest.Ticket{ID: 2})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 10:00")
	s.answers(quick)
	s.at("2026-11-23 11:00")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:running} 1",
		"+ sla_clocks_total{objective:first_response} 1",
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ sla_duration_seconds_sum{objective:first_response} 7200",
		"+ ticket_created{ticket_id:1} Mon 08:00:00",
		"+ ticket_created{ticket_id:2} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:1} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:1} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:1} Mon 08:00:00",
		"+ ticket_status_changed{status:open, ticket_id:2} Mon 08:00:00",
		"+ tickets{status:open} 2",
	)

	s.reload(everyTicket + "\nsla: {objectives: [{name: first_response, measure: first_response, target: 1h}]}\n")
	require.Contains(t, s.logs.String(), "give it a new name")
	s.at("2026-11-23 11:05")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:breached} 1",
		"+ sla_breaches_total{objective:first_response} 1",
		"+ sla_clocks_total{objective:first_response} 2",
		"+ ticket_sla_due{objective:first_response, ticket_id:1} Mon 09:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:1} Mon 08:48:00",
		"- sla_active_clocks{objective:first_response, state:running}",
	)

	s.answers(slow)
	s.at("2026-11-23 11:10")
	s.changed(
		"+ sla_duration_seconds_count{objective:first_response} 2",
		"+ sla_duration_seconds_sum{objective:first_response} 18300",
		"- sla_active_clocks{objective:first_response, state:breached}",
		"- ticket_sla_due{objective:first_response, ticket_id:1}",
		"- ticket_sla_warning{objective:first_response, ticket_id:1}",
	)
}

// A new name is judged by all history, and its buckets hold it.
func TestANewObjectiveJudgesAllHistory(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	slow := s.created(apitest.Ticket{ID: 1})
	quick := s.created(apitest.Ticket{ID: 2})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 08:30")
	s.answers(quick)
	s.turns(quick, apitest.Completed)
	s.at("2026-11-23 10:00")
	s.answers(slow)
	s.at("2026-11-23 11:00")
	s.changed(
		"+ sla_clocks_total{objective:first_response} 2",
		"+ sla_duration_seconds_count{objective:first_response} 2",
		"+ sla_duration_seconds_sum{objective:first_response} 9000",
		"+ ticket_created{ticket_id:1} Mon 08:00:00",
		"+ ticket_status_changed{status:open, ticket_id:1} Mon 08:00:00",
		"+ ticket_status_changes_total{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:completed} 1800",
		"+ tickets{status:completed} 1",
		"+ tickets{status:open} 1",
	)

	s.reload(everyTicket + `
sla:
  objectives:
    - {name: first_response, measure: first_response, target: 4h}
    - {name: within_the_hour, measure: first_response, target: 1h}
    - {name: solved, measure: resolution, target: 1h}
`)
	s.at("2026-11-23 11:05")
	s.changed(
		"+ sla_active_clocks{objective:solved, state:breached} 1",
		"+ sla_breaches_total{objective:solved} 1",
		"+ sla_breaches_total{objective:within_the_hour} 1",
		"+ sla_clocks_total{objective:solved} 2",
		"+ sla_clocks_total{objective:within_the_hour} 2",
		"+ sla_duration_seconds_count{objective:solved} 1",
		"+ sla_duration_seconds_count{objective:within_the_hour} 2",
		"+ sla_duration_seconds_sum{objective:solved} 1800",
		"+ sla_duration_seconds_sum{objective:within_the_hour} 9000",
		"+ ticket_sla_due{objective:solved, ticket_id:1} Mon 09:00:00",
		"+ ticket_sla_warning{objective:solved, ticket_id:1} Mon 08:48:00",
	)
}

// The list knows of a change that the log does not show. Two looks and two reads say so.
func TestTheListCorrectsTheTimeline(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start(eachMinute + "\nsla: {objectives: [{name: solved, measure: resolution, target: 8h}]}\n")
	s.at("2026-11-23 09:00")
	s.changed(
		"+ sla_active_clocks{objective:solved, state:running} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:solved, ticket_id:255762} Mon 16:00:00",
		"+ ticket_sla_warning{objective:solved, ticket_id:255762} Mon 14:24:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 08:00:00",
		"+ tickets{status:open} 1",
	)

	s.sim.Update(id, func(t *apitest.Ticket) { t.Status = apitest.Completed })
	s.at("2026-11-23 09:30")
	s.changed(
		"+ sla_clocks_total{objective:solved} 1",
		"+ sla_duration_seconds_count{objective:solved} 1",
		"+ sla_duration_seconds_sum{objective:solved} 3660",
		"+ tickets{status:completed} 1",
		"- sla_active_clocks{objective:solved, state:running}",
		"- ticket_created{ticket_id:255762}",
		"- ticket_sla_due{objective:solved, ticket_id:255762}",
		"- ticket_sla_warning{objective:solved, ticket_id:255762}",
		"- ticket_status_changed{status:open, ticket_id:255762}",
		"- tickets{status:open}",
	)
	require.InDelta(t, 1, s.scrape()["socialboards_exporter_inconsistent_status_changes_total"], 0)

	// When it is opened again, how long it was done is known from then on.
	s.at("2026-11-23 10:00")
	s.turns(id, apitest.Open)
	s.asks(id)
	s.at("2026-11-23 10:30")
	s.changed(
		"+ sla_active_clocks{objective:solved, state:running} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:solved, ticket_id:255762} Mon 18:00:00",
		"+ ticket_sla_warning{objective:solved, ticket_id:255762} Mon 16:24:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 10:00:00",
		"+ ticket_status_changes_total{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_count{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_sum{from:completed, to:open} 3540",
		"+ tickets{status:open} 1",
		"- tickets{status:completed}",
	)
}

// Nobody knows the label "Arkivert". The first pass learns from the list what it means,
// before it counts; later it is learned while it counts.
func TestLabelsAreLearnedFromTheList(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{Labels: map[string]map[string]string{
		"nb": {apitest.Completed: "Arkivert", apitest.Pending: "Til vurdering"},
	}})
	first := s.created(apitest.Ticket{ID: 1})
	s.clock.Advance(time.Hour)
	s.turns(first, apitest.Completed)
	s.clock.Advance(time.Hour)
	s.start(eachMinute)
	s.at("2026-11-23 11:00")
	s.changed(
		"+ ticket_status_changes_total{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:completed} 3600",
		"+ tickets{status:completed} 1",
	)
	require.Zero(t, s.scrape()["socialboards_exporter_unrecognized_status_labels_total"])

	// The other label comes up, and counts as what it says.
	second := s.created(apitest.Ticket{ID: 2})
	s.at("2026-11-23 12:00")
	s.turns(second, apitest.Pending)
	s.at("2026-11-23 12:02")
	s.changed(
		"+ ticket_created{ticket_id:2} Mon 11:00:00",
		"+ ticket_status_changed{status:til_vurdering, ticket_id:2} Mon 12:00:00",
		"+ ticket_status_changes_total{from:open, to:til_vurdering} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:til_vurdering} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:til_vurdering} 3600",
		"+ tickets{status:til_vurdering} 1",
	)

	s.at("2026-11-23 14:00")
	s.changed(
		"+ ticket_status_changed{status:pending, ticket_id:2} Mon 12:01:00",
		"+ tickets{status:pending} 1",
		"- ticket_status_changed{status:til_vurdering, ticket_id:2}",
		"- tickets{status:til_vurdering}",
	)
	require.InDelta(t, 1, s.scrape()["socialboards_exporter_unrecognized_status_labels_total"], 0)

	// From then on it is known.
	third := s.created(apitest.Ticket{ID: 3})
	s.at("2026-11-23 15:00")
	s.turns(third, apitest.Pending)
	s.at("2026-11-23 15:10")
	s.changed(
		"+ ticket_created{ticket_id:3} Mon 14:00:00",
		"+ ticket_status_changed{status:pending, ticket_id:3} Mon 15:00:00",
		"+ ticket_status_changes_total{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:pending} 3600",
		"+ tickets{status:pending} 2",
	)
}

// Closed unanswered, a ticket waits for nobody, but was not answered either.
func TestADoneStatusPausesTheFirstResponse(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 09:00")
	s.turns(id, apitest.Completed)
	s.at("2026-11-23 14:00") // beyond the four hours
	s.changed(
		"+ ticket_status_changes_total{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:completed} 3600",
		"+ tickets{status:completed} 1",
	)

	// It is opened again with three hours left.
	s.turns(id, apitest.Open)
	s.asks(id)
	s.at("2026-11-23 14:30")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:running} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 17:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 16:12:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 14:00:00",
		"+ ticket_status_changes_total{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_count{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_sum{from:completed, to:open} 18000",
		"+ tickets{status:open} 1",
		"- tickets{status:completed}",
	)

	s.at("2026-11-23 16:00")
	s.answers(id)
	s.at("2026-11-23 16:30")
	s.changed(
		"+ sla_clocks_total{objective:first_response} 1",
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ sla_duration_seconds_sum{objective:first_response} 10800",
		"- sla_active_clocks{objective:first_response, state:running}",
		"- ticket_sla_due{objective:first_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:first_response, ticket_id:255762}",
	)
}

// Spam departs: what was counted stays, what is its own goes at once.
func TestADepartedTicketLeavesNothingButWhatWasCounted(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start(everyTicket + firstResponse)
	s.at("2026-11-23 13:00")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:breached} 1",
		"+ sla_breaches_total{objective:first_response} 1",
		"+ sla_clocks_total{objective:first_response} 1",
		"+ ticket_created{ticket_id:255762} Mon 08:00:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 12:00:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 11:12:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 08:00:00",
		"+ tickets{status:open} 1",
	)

	s.sim.MarkSpam(id, s.agent, s.clock.Now())
	s.at("2026-11-23 13:30")
	s.changed(
		"- sla_active_clocks{objective:first_response, state:breached}",
		"- ticket_created{ticket_id:255762}",
		"- ticket_sla_due{objective:first_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:first_response, ticket_id:255762}",
		"- ticket_status_changed{status:open, ticket_id:255762}",
		"- tickets{status:open}",
	)
}

// Of three live tickets two have a place: the one that is due, and the older of the others.
func TestTicketsBeyondTheLimitAreLeftOutAndShown(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{})
	s.created(apitest.Ticket{ID: 3, Source: "chat"})
	s.clock.Advance(time.Hour)
	s.created(apitest.Ticket{ID: 2, Source: "chat"})
	s.clock.Advance(time.Hour)
	s.created(apitest.Ticket{ID: 1})
	s.start(everyTicket + `
metrics: {max_tickets: 2}
sla: {objectives: [{name: solved, measure: resolution, target: 8h, match: {sources: [web]}}]}
`)
	s.at("2026-11-23 10:05")
	s.changed(
		"+ sla_active_clocks{objective:solved, state:running} 1",
		"+ ticket_created{ticket_id:1} Mon 10:00:00",
		"+ ticket_created{ticket_id:3} Mon 08:00:00",
		"+ ticket_sla_due{objective:solved, ticket_id:1} Mon 18:00:00",
		"+ ticket_sla_warning{objective:solved, ticket_id:1} Mon 16:24:00",
		"+ ticket_status_changed{status:open, ticket_id:1} Mon 10:00:00",
		"+ ticket_status_changed{status:open, ticket_id:3} Mon 08:00:00",
		"+ tickets{status:open} 3",
	)
	got := s.scrape()
	for metric, dropped := range map[string]float64{
		"socialboards_ticket_info": 1, "socialboards_ticket_created_timestamp_seconds": 1, "socialboards_ticket_status_changed_timestamp_seconds": 1,
		"socialboards_ticket_sla_due_timestamp_seconds": 0, "socialboards_ticket_sla_warning_timestamp_seconds": 0,
	} {
		v, ok := got[series("socialboards_exporter_dropped_series", "metric", metric)]
		require.True(t, ok, metric)
		require.InDelta(t, dropped, v, 0, metric)
	}
}

// What was counted is the same after a restart, to the last bit, exemplars and native
// buckets included; other bounds hold all of it, too.
func TestARestartChangesNothing(t *testing.T) {
	s := tell(t, "2026-11-23 08:00", apitest.Options{Seed: 3, Tickets: 25})
	s.alive = true
	s.sim.Populate(s.clock.Now().Add(-5*24*time.Hour), s.clock.Now())
	yaml := "poll: {interval: 30m, max_interval: 1h}\ntickets: {discover: [{}]}\n" + `
sla:` + officeHours + `
  objectives:
    - {name: first_response, measure: first_response, target: 1h, calendar: office}
    - {name: solved, measure: resolution, target: 8h, pause_in: [pending]}
`
	s.start(yaml)
	s.pass(30 * time.Hour)
	s.settle()
	before := map[string]string{}
	formats := []string{"text/plain", "application/openmetrics-text;version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text"}
	for _, format := range formats {
		before[format] = aboutTickets(s.exposition(format))
	}
	require.Contains(t, before[formats[1]], "# {ticket_id=")
	require.Contains(t, before[formats[2]], "positive_span")
	s.restart()
	for _, format := range formats {
		require.Equal(t, before[format], aboutTickets(s.exposition(format)))
	}

	counts := func(le string) (all, within float64) {
		for name, v := range s.scrape() {
			if strings.HasPrefix(name, "socialboards_ticket_status_duration_seconds_count") {
				all += v
			}
			if strings.HasPrefix(name, "socialboards_ticket_status_duration_seconds_bucket") && strings.Contains(name, `le="`+le+`"`) {
				within += v
			}
		}
		return all, within
	}
	all, _ := counts("604800")
	require.Positive(t, all)
	s.reload(yaml + "metrics: {status_duration_buckets: [1s, 365d]}\n")
	again, within := counts("3.1536e+07")
	require.InDelta(t, all, again, 0)
	require.InDelta(t, all, within, 0)
}

// aboutTickets keeps the lines that speak of tickets, not of the process. In the text form
// of protobuf a family is a line.
func aboutTickets(exposition string) string {
	var kept []string
	for line := range strings.Lines(exposition) {
		if strings.Contains(line, "socialboards_ticket") || strings.Contains(line, "socialboards_sla") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
