package exporter

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// story is a rig in which nothing happens but what the test tells.
type story struct {
	*rig
	zone            *time.Location
	customer, agent *apitest.User
	before          map[string]string // see changed
}

// tell begins a story at a time in Oslo.
func tell(t *testing.T, at string, o apitest.Options) *story {
	t.Helper()
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	s := &story{zone: zone, customer: apitest.Person("client", "Anna Berg"), agent: apitest.Person("team", "Ingrid Dahl")}
	o.Languages = append(o.Languages, "nb")
	s.rig = newRig(t, s.time(t, at), o)
	s.cost = time.Microsecond // no two requests begin at the same time
	return s
}

func (s *story) time(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", (text + ":00")[:len("2006-01-02 15:04:05")], s.zone)
	require.NoError(t, err)
	return at
}

// at lets the exporter work until a time in Oslo.
func (s *story) at(text string) time.Time {
	s.t.Helper()
	s.until(s.time(s.t, text))
	return s.clock.Now()
}

// created is a ticket that the customer writes now.
func (s *story) created(t apitest.Ticket) int64 { return s.sim.Create(t, s.customer, s.clock.Now()) }

func (s *story) asks(id int64)    { s.sim.Reply(id, s.customer, s.clock.Now()) }
func (s *story) answers(id int64) { s.sim.Reply(id, s.agent, s.clock.Now()) }

func (s *story) turns(id int64, status string) {
	s.sim.ChangeStatus(id, s.agent, status, s.clock.Now())
}

// changed holds what has changed since it was asked last against lines of a sign, name,
// labels and value: "+" for a new value, "-" for a series that is gone or at 0. Everything
// that speaks of time takes part but buckets and targets. Names go without socialboards_,
// times are those of Oslo.
func (s *story) changed(want ...string) {
	s.t.Helper()
	before, now := s.before, s.texts()
	s.before = now
	var got []string
	for name, v := range now {
		if before[name] != v {
			got = append(got, "+ "+name+" "+v)
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			got = append(got, "- "+name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(s.t, strings.Join(want, "\n"), strings.Join(got, "\n"), "at %s", s.clock.Now().In(s.zone).Format(time.DateTime))
}

func (s *story) texts() map[string]string {
	texts := map[string]string{}
	for name, v := range s.scrape().counted() {
		if v == 0 || strings.Contains(name, "_bucket{") || strings.Contains(name, "target") {
			continue
		}
		text := fmt.Sprint(math.Round(v*1000) / 1000)
		if strings.Contains(name, "_timestamp_seconds") {
			text = time.UnixMicro(int64(v * 1e6)).In(s.zone).Round(time.Second).Format("Mon 15:04:05")
		}
		texts[strings.NewReplacer("socialboards_", "", "_timestamp_seconds", "", `"`, "", "=", ":").Replace(name)] = text
	}
	return texts
}

// officeHours is a calendar with a lunch break and short Fridays.
const officeHours = `
  calendars:
    office: {timezone: Europe/Oslo, hours: {mon-thu: ["08:00-11:30", "12:00-16:00"], fri: ["08:00-15:00"]}, holidays: {country: "NO"}}
`

const everyMinute = "poll: {interval: 1m, max_interval: 15m}\n"

func TestADayInTheLife(t *testing.T) {
	s := tell(t, "2026-11-20 14:00", apitest.Options{})
	s.start("poll: {interval: 4m, max_interval: 15m}" + `
tickets: {discover: [{}]}
sla:` + officeHours + `
  objectives:
    - {name: first_response, measure: first_response, target: 4h, calendar: office}
    - {name: next_response, measure: next_response, target: 2h, calendar: office}
    - {name: resolution, measure: resolution, target: 8h, calendar: office, pause_in: [pending]}
    - {name: pending_limit, measure: time_in_status, status: pending, target: 72h}
`)
	s.at("2026-11-20 14:50")
	s.changed("+ sla_calendar_open{calendar:office} 1")

	// Ten minutes before the office closes for the weekend a customer writes.
	id := s.created(apitest.Ticket{})
	s.at("2026-11-20 14:54:30")
	s.changed(
		"+ sla_active_clocks{objective:first_response, state:running} 1",
		"+ sla_active_clocks{objective:resolution, state:running} 1",
		"+ ticket_created{ticket_id:255762} Fri 14:50:00",
		"+ ticket_sla_due{objective:first_response, ticket_id:255762} Mon 12:20:00",
		"+ ticket_sla_due{objective:resolution, ticket_id:255762} Tue 08:20:00",
		"+ ticket_sla_warning{objective:first_response, ticket_id:255762} Mon 11:02:00",
		"+ ticket_sla_warning{objective:resolution, ticket_id:255762} Mon 14:44:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Fri 14:50:00",
		"+ tickets{status:open} 1",
	)

	// Ingrid sees that she has to ask somebody, and lets it wait.
	s.at("2026-11-20 14:55")
	s.turns(id, apitest.Pending)
	s.at("2026-11-20 14:59:30")
	s.changed(
		"+ sla_active_clocks{objective:pending_limit, state:running} 1",
		"+ sla_active_clocks{objective:resolution, state:paused} 1",
		"+ ticket_sla_due{objective:pending_limit, ticket_id:255762} Mon 14:55:00",
		"+ ticket_sla_warning{objective:pending_limit, ticket_id:255762} Mon 00:31:00",
		"+ ticket_status_changed{status:pending, ticket_id:255762} Fri 14:55:00",
		"+ ticket_status_changes_total{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:pending} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:pending} 300",
		"+ tickets{status:pending} 1",
		"- sla_active_clocks{objective:resolution, state:running}",
		"- ticket_sla_due{objective:resolution, ticket_id:255762}",
		"- ticket_sla_warning{objective:resolution, ticket_id:255762}",
		"- ticket_status_changed{status:open, ticket_id:255762}",
		"- tickets{status:open}",
	)

	// On Saturday nothing happens, except that the office is closed.
	s.at("2026-11-21 12:00")
	s.changed(
		"- sla_calendar_open{calendar:office}",
	)

	// On Monday the limit of pending is near: three days go on over the weekend.
	s.at("2026-11-23 09:05")
	s.changed(
		"+ sla_active_clocks{objective:pending_limit, state:warning} 1",
		"+ sla_calendar_open{calendar:office} 1",
		"- sla_active_clocks{objective:pending_limit, state:running}",
	)

	// Ingrid answers. Ten minutes of Friday and 65 of Monday are an hour and a quarter.
	s.answers(id)
	s.at("2026-11-23 09:09:30")
	s.changed(
		"+ sla_clocks_total{objective:first_response} 1",
		"+ sla_duration_seconds_count{objective:first_response} 1",
		"+ sla_duration_seconds_sum{objective:first_response} 4500",
		"- sla_active_clocks{objective:first_response, state:running}",
		"- ticket_sla_due{objective:first_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:first_response, ticket_id:255762}",
	)

	// The customer has another question, which opens the ticket: 66 hours and a quarter later.
	s.at("2026-11-23 09:10")
	s.asks(id)
	s.turns(id, apitest.Open)
	s.at("2026-11-23 09:15")
	s.changed(
		"+ sla_active_clocks{objective:next_response, state:running} 1",
		"+ sla_active_clocks{objective:resolution, state:running} 1",
		"+ sla_clocks_total{objective:pending_limit} 1",
		"+ sla_duration_seconds_count{objective:pending_limit} 1",
		"+ sla_duration_seconds_sum{objective:pending_limit} 238500",
		"+ ticket_sla_due{objective:next_response, ticket_id:255762} Mon 11:10:00",
		"+ ticket_sla_due{objective:resolution, ticket_id:255762} Tue 09:35:00",
		"+ ticket_sla_warning{objective:next_response, ticket_id:255762} Mon 10:46:00",
		"+ ticket_sla_warning{objective:resolution, ticket_id:255762} Mon 15:59:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Mon 09:10:00",
		"+ ticket_status_changes_total{from:pending, to:open} 1",
		"+ ticket_status_duration_seconds_count{from:pending, to:open} 1",
		"+ ticket_status_duration_seconds_sum{from:pending, to:open} 238500",
		"+ tickets{status:open} 1",
		"- sla_active_clocks{objective:pending_limit, state:warning}",
		"- sla_active_clocks{objective:resolution, state:paused}",
		"- ticket_sla_due{objective:pending_limit, ticket_id:255762}",
		"- ticket_sla_warning{objective:pending_limit, ticket_id:255762}",
		"- ticket_status_changed{status:pending, ticket_id:255762}",
		"- tickets{status:pending}",
	)

	// Four fifths of two hours are over.
	s.at("2026-11-23 10:50")
	s.changed(
		"+ sla_active_clocks{objective:next_response, state:warning} 1",
		"- sla_active_clocks{objective:next_response, state:running}",
	)

	// Nobody has answered at 11:10. A read that began after that has shown it.
	s.at("2026-11-23 11:12")
	s.changed(
		"+ sla_active_clocks{objective:next_response, state:breached} 1",
		"+ sla_breaches_total{objective:next_response} 1",
		"+ sla_clocks_total{objective:next_response} 1",
		"- sla_active_clocks{objective:next_response, state:warning}",
	)

	// Half an hour after lunch Ingrid answers, after two hours and fifty minutes of office.
	s.at("2026-11-23 12:30")
	s.answers(id)
	s.at("2026-11-23 12:30:30")
	s.changed()

	// A minute later the ticket is done, after five minutes of Friday and 2 h 51 min of
	// Monday. All that is its own is gone at the next scrape.
	s.at("2026-11-23 12:31")
	s.turns(id, apitest.Completed)
	s.at("2026-11-23 12:36")
	s.changed(
		"+ sla_clocks_total{objective:resolution} 1",
		"+ sla_duration_seconds_count{objective:next_response} 1",
		"+ sla_duration_seconds_count{objective:resolution} 1",
		"+ sla_duration_seconds_sum{objective:next_response} 10200",
		"+ sla_duration_seconds_sum{objective:resolution} 10560",
		"+ ticket_status_changes_total{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_count{from:open, to:completed} 1",
		"+ ticket_status_duration_seconds_sum{from:open, to:completed} 12060",
		"+ tickets{status:completed} 1",
		"- sla_active_clocks{objective:next_response, state:breached}",
		"- sla_active_clocks{objective:resolution, state:running}",
		"- ticket_created{ticket_id:255762}",
		"- ticket_sla_due{objective:next_response, ticket_id:255762}",
		"- ticket_sla_due{objective:resolution, ticket_id:255762}",
		"- ticket_sla_warning{objective:next_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:resolution, ticket_id:255762}",
		"- ticket_status_changed{status:open, ticket_id:255762}",
		"- tickets{status:open}",
	)

	// The customer is not content. The ticket opens, its resolution begins from nothing.
	s.at("2026-11-24 10:00")
	s.asks(id)
	s.turns(id, apitest.Open)
	s.at("2026-11-24 10:10")
	s.changed(
		"+ sla_active_clocks{objective:next_response, state:running} 1",
		"+ sla_active_clocks{objective:resolution, state:running} 1",
		"+ ticket_created{ticket_id:255762} Fri 14:50:00",
		"+ ticket_sla_due{objective:next_response, ticket_id:255762} Tue 12:30:00",
		"+ ticket_sla_due{objective:resolution, ticket_id:255762} Wed 10:30:00",
		"+ ticket_sla_warning{objective:next_response, ticket_id:255762} Tue 12:06:00",
		"+ ticket_sla_warning{objective:resolution, ticket_id:255762} Wed 08:54:00",
		"+ ticket_status_changed{status:open, ticket_id:255762} Tue 10:00:00",
		"+ ticket_status_changes_total{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_count{from:completed, to:open} 1",
		"+ ticket_status_duration_seconds_sum{from:completed, to:open} 77340",
		"+ tickets{status:open} 1",
		"- tickets{status:completed}",
	)

	// Half an hour later everything is said.
	s.at("2026-11-24 10:30")
	s.answers(id)
	s.turns(id, apitest.Completed)
	s.at("2026-11-24 11:00")
	s.changed(
		"+ sla_clocks_total{objective:next_response} 2",
		"+ sla_clocks_total{objective:resolution} 2",
		"+ sla_duration_seconds_count{objective:next_response} 2",
		"+ sla_duration_seconds_count{objective:resolution} 2",
		"+ sla_duration_seconds_sum{objective:next_response} 12000",
		"+ sla_duration_seconds_sum{objective:resolution} 12360",
		"+ ticket_status_changes_total{from:open, to:completed} 2",
		"+ ticket_status_duration_seconds_count{from:open, to:completed} 2",
		"+ ticket_status_duration_seconds_sum{from:open, to:completed} 13860",
		"+ tickets{status:completed} 1",
		"- sla_active_clocks{objective:next_response, state:running}",
		"- sla_active_clocks{objective:resolution, state:running}",
		"- ticket_created{ticket_id:255762}",
		"- ticket_sla_due{objective:next_response, ticket_id:255762}",
		"- ticket_sla_due{objective:resolution, ticket_id:255762}",
		"- ticket_sla_warning{objective:next_response, ticket_id:255762}",
		"- ticket_sla_warning{objective:resolution, ticket_id:255762}",
		"- ticket_status_changed{status:open, ticket_id:255762}",
		"- tickets{status:open}",
	)
}
