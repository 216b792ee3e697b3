package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/sla"
)

// The tests tell time in minutes from midnight of a Monday, and what happens to a ticket
// in scripts such as
//
//	0:new/client 5:client 9:team 12:open>pending
//
// in which one word is one entry of the log, in the order of its arrival.

const minute = fact.Instant(time.Minute / 100)

var monday = fact.At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))

func min0(m float64) fact.Instant { return monday + fact.Instant(m*float64(minute)) }

// testRules know three statuses, of which "shut" and "Shut" are one, and take every other
// label for a status of its own.
func testRules(objectives ...Objective) *Rules {
	return &Rules{
		Status: func(label string) (string, bool) {
			switch l := strings.ToLower(label); l {
			case "open", "pending":
				return l, true
			case "shut", "closed":
				return "shut", true
			default:
				return l, false
			}
		},
		Done:       func(s string) bool { return s == "shut" },
		Objectives: objectives,
	}
}

func objective(m Measure, target float64) Objective {
	return Objective{Name: string(m), Measure: m, Status: "pending", WarnAt: 0.8, Since: fact.Never,
		Target: time.Duration(target * float64(time.Minute))}
}

// story is a ticket whose log is read again and again.
type story struct {
	t     *testing.T
	rules *Rules
	c     Case
}

func newStory(t *testing.T, r *Rules) *story {
	t.Helper()
	return &story{t: t, rules: r, c: Case{Known: fact.Never, History: fact.History{Ticket: fact.Ticket{ID: 7,
		Found: fact.Never, Until: fact.Never, Departed: fact.Never, Created: fact.Never}}}}
}

// happens lets entries arrive.
func (s *story) happens(script string) *story {
	s.t.Helper()
	for _, word := range strings.Fields(script) {
		when, what, ok := strings.Cut(word, ":")
		require.True(s.t, ok, word)
		m, err := strconv.ParseFloat(when, 64)
		require.NoError(s.t, err, word)
		s.arrives(entryOf(min0(m), what))
	}
	return s
}

func (s *story) arrives(e fact.Entry) {
	s.c.Seq++
	e.Seq, e.Ticket = s.c.Seq, s.c.Ticket.ID
	e.Result = fact.New
	if e.Time < s.c.Ticket.Found {
		e.Result = fact.Backlog
	}
	s.c.Entries = append(s.c.Entries, e)
}

func entryOf(at fact.Instant, what string) fact.Entry {
	e := fact.Entry{Time: at, Action: fact.ReplyCreated, UserType: what}
	if by, ok := strings.CutPrefix(what, "new/"); ok {
		e.Action, e.UserType = fact.TicketCreated, by
	}
	if from, to, ok := strings.Cut(what, ">"); ok {
		e.Action, e.UserType, e.From, e.To = fact.TicketStatusChanged, fact.Team, from, to
	}
	return e
}

// corrected lets a correction arrive.
func (s *story) corrected(m float64, status string) *story {
	s.c.Seq++
	s.c.Corrections = append(s.c.Corrections, fact.Correction{Ticket: s.c.Ticket.ID, Time: min0(m), Status: status, Seq: s.c.Seq})
	return s
}

// read judges what a complete read begun at m showed, and keeps what was counted. Judging
// the same again must count nothing.
func (s *story) read(m float64) Judgement {
	s.t.Helper()
	return s.readAt(min0(m))
}

func (s *story) readAt(known fact.Instant) Judgement {
	s.t.Helper()
	s.c.Known = known
	before := s.copied()
	j := Judge(s.c, s.rules)
	require.Equal(s.t, before, s.c, "a case is not changed by judging it")
	s.keep(j)
	again := Judge(s.c, s.rules)
	require.Empty(s.t, again.Changes, "changes judged twice")
	require.Empty(s.t, again.Outcomes, "outcomes judged twice: %+v\n%s", s.c.Outcomes, s)
	require.Equal(s.t, []any{j.Begin, j.Status, j.Since, j.Done, j.Clocks},
		[]any{again.Begin, again.Status, again.Since, again.Done, again.Clocks})
	return j
}

func (s *story) copied() Case {
	c := s.c
	c.Entries, c.Changes, c.Outcomes = slices.Clone(c.Entries), slices.Clone(c.Changes), slices.Clone(c.Outcomes)
	c.Views, c.Corrections = slices.Clone(c.Views), slices.Clone(c.Corrections)
	return c
}

// keep stores a judgement as the event store does.
func (s *story) keep(j Judgement) {
	s.t.Helper()
	s.c.Changes = append(s.c.Changes, j.Changes...)
	for _, o := range j.Outcomes {
		i := slices.IndexFunc(s.c.Outcomes, func(p fact.Outcome) bool { return p.Objective == o.Objective && p.Start == o.Start })
		if i < 0 {
			s.c.Outcomes = append(s.c.Outcomes, o)
			continue
		}
		requireOnlyStopped(s.t, s.c.Outcomes[i], o)
		s.c.Outcomes[i] = o
	}
}

// requireOnlyStopped holds that a stored outcome changes in nothing but that it stops.
func requireOnlyStopped(t *testing.T, before, after fact.Outcome) {
	t.Helper()
	require.False(t, before.Stopped.Known(), "an outcome that was final has changed: %+v", after)
	require.True(t, after.Stopped.Known() && after.Observed)
	after.Stopped, after.StopSeq, after.Duration, after.Observed = before.Stopped, before.StopSeq, before.Duration, before.Observed
	require.Equal(t, before, after)
}

// outcomes tells what was judged of clocks, as "start-stop=duration", with "!breach" if it
// was breached, nothing for what is not known, and "-" before it if it was not counted.
func (s *story) outcomes() string {
	rows := slices.Clone(s.c.Outcomes)
	slices.SortStableFunc(rows, func(a, b fact.Outcome) int { return int(a.Start - b.Start) })
	var told []string
	for _, o := range rows {
		require.True(s.t, o.Counted || o.Observed)
		text := minutes(o.Start) + "-"
		if !o.Counted {
			text = "-" + text
		}
		if o.Stopped.Known() {
			text += fmt.Sprintf("%s=%s", minutes(o.Stopped), minutes(monday+fact.Instant(o.Duration)))
			require.True(s.t, o.Observed)
		}
		if o.Breached.Known() {
			text += "!" + minutes(o.Breached)
		}
		told = append(told, text)
	}
	return strings.Join(told, " ")
}

// changes tells what was judged of changes, as "from>to=duration", with "?" if it was
// inconsistent, "*" if it decides nothing and "-" before it if it was not counted.
func (s *story) changes() string {
	var told []string
	for _, c := range s.c.Changes {
		text := c.From + ">" + c.To
		if !c.Counted {
			text = "-" + text
		}
		if c.Duration != fact.Unknown {
			text += "=" + minutes(monday+fact.Instant(c.Duration))
		}
		if c.Inconsistent {
			text += "?"
		}
		if !c.Decides {
			text += "*"
		}
		told = append(told, text)
	}
	return strings.Join(told, " ")
}

func minutes(at fact.Instant) string {
	return strconv.FormatFloat(float64(at-monday)/float64(minute), 'f', -1, 64)
}

// shown tells an active clock: its start, state and what is known of its instants.
func shown(clocks []Clock) string {
	var told []string
	for _, c := range clocks {
		text := minutes(c.Start) + " running"
		switch {
		case c.Breached:
			text = minutes(c.Start) + " breached"
		case c.Paused && c.Warned:
			text = minutes(c.Start) + " paused warned"
		case c.Paused:
			text = minutes(c.Start) + " paused"
		}
		for _, at := range []struct {
			name string
			fact.Instant
		}{{"warn", c.Warning}, {"due", c.Due}, {"over", c.Exceeded}} {
			if at.Known() {
				text += " " + at.name + " " + minutes(at.Instant)
			}
		}
		told = append(told, text)
	}
	return strings.Join(told, ", ")
}

// officeHours are open from 00:00 to 01:00 and from 02:00 to 03:00 every day.
func officeHours(t testing.TB) *sla.Calendar {
	t.Helper()
	spec := sla.Spec{Name: "office", Location: time.UTC}
	for d := range spec.Hours {
		spec.Hours[d] = []sla.Interval{{From: 0, To: time.Hour}, {From: 2 * time.Hour, To: 3 * time.Hour}}
	}
	c, err := sla.New(spec)
	require.NoError(t, err)
	return c
}

type zoned struct {
	*sla.Calendar
	zone *time.Location
}

// office is open from 08:00 to 11:30 and from 12:00 to 16:00, on Fridays to 15:00, in Oslo.
func office(t testing.TB) zoned {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	spec := sla.Spec{Name: "office", Location: zone}
	for d := time.Monday; d <= time.Thursday; d++ {
		spec.Hours[d] = []sla.Interval{{From: 8 * time.Hour, To: 11*time.Hour + 30*time.Minute}, {From: 12 * time.Hour, To: 16 * time.Hour}}
	}
	spec.Hours[time.Friday] = []sla.Interval{{From: 8 * time.Hour, To: 15 * time.Hour}}
	c, err := sla.New(spec)
	require.NoError(t, err)
	return zoned{c, zone}
}
