package exporter

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"socialboards_exporter/apiclient/apitest"
)

// What is done to tickets. A second passes before each, so that things happen one after
// the other.

func (m *machine) moment() time.Time {
	m.passes(time.Second)
	return m.clock.Now()
}

// pass lets time pass, and not more than that: while the API fails, requests wait for minutes,
// and there is always one that is due.
func (m *machine) pass(d time.Duration) { m.endure(d) }

// passes lets time pass, if the exporter runs already.
func (m *machine) passes(d time.Duration) {
	if m.e == nil {
		m.clock.Advance(d)
		return
	}
	m.pass(d)
}

func (m *machine) any(t *rapid.T) int64 {
	return rapid.SampledFrom(m.sim.TicketIDs()).Draw(t, "ticket")
}

func (m *machine) who(t *rapid.T) *apitest.User {
	return rapid.SampledFrom([]*apitest.User{
		apitest.Person("client", "Anna Berg"), m.sim.Agents()[0], m.sim.Agents()[1], m.sim.Bots()[0], apitest.Person("vendor", "Ole Lind"), nil,
	}).Draw(t, "who")
}

func (m *machine) create(t *rapid.T) {
	m.sim.Create(apitest.Ticket{Source: rapid.SampledFrom([]string{"web", "email"}).Draw(t, "source")}, m.who(t), m.moment())
	m.remember()
}

func (m *machine) reply(t *rapid.T) {
	m.sim.Reply(m.any(t), m.who(t), m.moment())
	m.remember()
}

func (m *machine) change(t *rapid.T) {
	to := rapid.SampledFrom([]string{apitest.Open, apitest.Pending, apitest.Completed}).Draw(t, "to")
	m.sim.ChangeStatus(m.any(t), m.who(t), to, m.moment())
	m.remember()
}

func (m *machine) note(t *rapid.T) {
	m.sim.Note(m.any(t), m.who(t), m.moment())
	m.remember()
}

// burst writes more than a page, with entries of the same time and type among it.
func (m *machine) burst(t *rapid.T) {
	id, by, at := m.any(t), m.who(t), m.moment()
	for i := range rapid.IntRange(2, 30).Draw(t, "entries") {
		m.sim.Note(id, by, at.Add(time.Duration(i/2)*time.Microsecond))
	}
	m.remember()
}

// late writes an entry that ought to stand below others that were there before.
func (m *machine) late(t *rapid.T) {
	id := m.any(t)
	m.moment()
	log := m.sim.Entries(id)
	k := rapid.IntRange(1, 4).Draw(t, "how deep")
	if k >= len(log) || log[k-1].Time.Sub(log[k].Time) < time.Millisecond {
		return
	}
	m.sim.Note(id, m.who(t), log[k].Time.Add(log[k-1].Time.Sub(log[k].Time)/2))
	m.remember()
}

// remove takes an entry away that was read, and that no status and no clock hangs on.
func (m *machine) remove(t *rapid.T) {
	id := m.any(t)
	m.moment()
	log := m.sim.Entries(id)
	if m.removed[id] || len(log) < 6 || !slices.Contains(m.ids(), id) {
		return
	}
	log = slices.DeleteFunc(log, func(e apitest.Entry) bool { return e.Type != apitest.NoteCreated || !e.Time.Before(m.calmAt) })
	if len(log) == 0 {
		return
	}
	gone := rapid.SampledFrom(log).Draw(t, "entry").Time
	m.removed[id] = true
	m.sim.Remove(id, func(e apitest.Entry) bool { return e.Time.Equal(gone) })
}

func (m *machine) tag(t *rapid.T) {
	m.sim.Tag(m.any(t), m.who(t), rapid.SampledFrom([]string{"vip", "bug"}).Draw(t, "tag"), m.moment())
	m.remember()
}

func (m *machine) categorize(t *rapid.T) {
	m.sim.Categorize(m.any(t), m.who(t), rapid.SampledFrom([]int64{0, 33527, 33531}).Draw(t, "category"), m.moment())
	m.remember()
}

// What the API does.

func (m *machine) fault(t *rapid.T) {
	f := rapid.SampledFrom([]apitest.Fault{
		{Status: http.StatusInternalServerError}, {Status: http.StatusTooManyRequests, RetryAfter: "90"}, {Status: http.StatusServiceUnavailable},
		{Reset: true}, {Truncate: true}, {WrongLength: true}, {NonJSON: true}, {HTML: true}, {ErrorCode: 7}, {EmptyBody: true},
		{Status: http.StatusUnauthorized},
	}).Draw(t, "fault")
	f.Endpoint = rapid.SampledFrom([]string{apitest.ListEndpoint, apitest.LogEndpoint, apitest.TokenEndpoint}).Draw(t, "endpoint")
	f.Probability = rapid.SampledFrom([]float64{0.3, 1}).Draw(t, "share")
	f.Match = func(apitest.Request) bool { return !m.settling }
	m.sim.Fault(f)
}

func (m *machine) calm(*rapid.T) { m.sim.ClearFaults() }

func (m *machine) forget(*rapid.T) { m.sim.ExpireTokens() }

func (m *machine) shift(t *rapid.T) { m.every = rapid.IntRange(0, 3).Draw(t, "every so many pages") }

// meanwhile moves the pages of a log that is being read.
func (m *machine) meanwhile(_ *apitest.Server, id int64, skip int) {
	if skip == 0 || m.every == 0 || m.settling {
		return
	}
	if m.pages++; m.pages%m.every == 0 {
		m.sim.Note(id, m.sim.Agents()[0], m.clock.Now())
		m.remember()
	}
}

// What is done to the exporter.

func (m *machine) wait(t *rapid.T) {
	m.pass(time.Duration(rapid.IntRange(1, 12*3600).Draw(t, "seconds")) * time.Second)
}

func (m *machine) again(*rapid.T) { m.restart() }

func (m *machine) off(t *rapid.T) {
	m.outage(time.Duration(rapid.IntRange(1, 30*3600).Draw(t, "seconds")) * time.Second)
}

// kill ends the process at one of the next requests, if there is one.
func (m *machine) kill(t *rapid.T) {
	m.killIn = rapid.IntRange(1, 5).Draw(t, "requests")
	m.pass(time.Duration(rapid.IntRange(0, 900).Draw(t, "seconds")) * time.Second)
	if m.killIn = 0; m.dead == nil {
		m.die()
	}
	m.stop()
	m.dir, m.said, m.dead = m.dead.dir, m.dead.said, nil
	m.start(m.text())
}

func (m *machine) reconfigure(t *rapid.T) {
	m.settings.change(t)
	m.reload(m.text())
}

// name has further tickets followed by their ids.
func (m *machine) name(t *rapid.T) {
	id := m.any(t)
	m.moment()
	if !m.named || slices.Contains(m.whom, id) {
		return
	}
	m.whom = append(m.whom, id)
	m.found[id] = m.clock.Now()
	m.reload(m.text())
}

func (m *machine) webhook(t *rapid.T) {
	require.Equal(m.t, http.StatusOK, called(m.rig, m.any(t)))
}

// perTicket says whether a sample belongs to one ticket.
func perTicket(name string) bool { return strings.Contains(name, `ticket_id="`) }
