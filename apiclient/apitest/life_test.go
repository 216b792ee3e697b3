package apitest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// telling is everything a server knows, as text.
func telling(s *Server) string {
	var b strings.Builder
	for _, id := range s.TicketIDs() {
		t, _ := s.Ticket(id)
		fmt.Fprintln(&b, t.ID, t.Title, t.Status, t.Source, t.CategoryID, t.Tags, t.Replies, t.Created, t.LastActivity, told(t.Author), told(t.Assignee))
		for _, e := range s.Entries(id) {
			fmt.Fprintln(&b, e.Time, e.Type, told(e.User), e.From, e.To, told(e.Target), e.Category, e.Tags)
		}
	}
	return b.String()
}

func told(u *User) string {
	if u == nil {
		return "nobody"
	}
	return u.ID + " " + u.Name
}

func TestLifeIsTheSameInAnySteps(t *testing.T) {
	for _, hurry := range []float64{1, 300} {
		lives := map[time.Duration]string{}
		for _, step := range []time.Duration{3 * day, day, 7 * time.Minute} {
			s := New(Options{Seed: 7, Now: fixed, Tickets: 60})
			s.Populate(noon.Add(-14*day), noon)
			s.Hurry(hurry)
			end := noon.Add(scale(3*day, 1/hurry))
			for at := noon; at.Before(end); {
				at = at.Add(scale(step, 1/hurry))
				s.Live(minTime(at, end))
			}
			lives[step] = telling(s)
		}
		require.Equal(t, lives[3*day], lives[day])
		require.Equal(t, lives[3*day], lives[7*time.Minute])
	}
	other := New(Options{Seed: 8, Now: fixed, Tickets: 60})
	other.Populate(noon.Add(-14*day), noon)
	same := New(Options{Seed: 7, Now: fixed, Tickets: 60})
	same.Populate(noon.Add(-14*day), noon)
	require.NotEqual(t, telling(other), telling(same))
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func TestFaultsDoNotChangeTheHistory(t *testing.T) {
	plain := New(Options{Seed: 7, Now: fixed})
	plain.Populate(noon.Add(-7*day), noon)
	unlucky := newClient(t, Options{Seed: 7, RepeatInLists: 0.5, ShuffleTies: true})
	unlucky.s.Fault(Fault{Probability: 0.5, Status: 500})
	for range 10 {
		unlucky.post("/tickets/list", "")
	}
	unlucky.s.Populate(noon.Add(-7*day), noon)
	require.Equal(t, telling(plain), telling(unlucky.s))
}

func TestHistoriesArePlausible(t *testing.T) {
	s := New(Options{Seed: 1, Now: fixed, Tickets: 400})
	from := noon.Add(-28 * day)
	s.Populate(from, noon)
	require.Len(t, s.TicketIDs(), 400)
	seen := map[string]int{}
	for _, id := range s.TicketIDs() {
		log := s.Entries(id)
		ticket, _ := s.Ticket(id)
		require.Equal(t, TicketCreated, log[len(log)-1].Type)
		require.Equal(t, ticket.Created, log[len(log)-1].Time)
		checkChain(t, log, ticket, seen)
		require.False(t, log[0].Time.After(noon), "nothing happens in the future")
		require.False(t, log[len(log)-1].Time.Before(from))
	}
	require.Greater(t, seen["reply and status a moment later"], 200)
	require.Greater(t, seen["reopened"], 20)
	require.Greater(t, seen["by itself"], 20)
	require.Greater(t, seen["bot"], 50)
	require.Greater(t, seen["customer reopens"], 50)
	require.Greater(t, seen["twins"], 3)
	for _, kind := range []string{TicketRead, TicketAssigned, TicketUnassigned, TagsChanged, CategoryChanged, NoteCreated, MarkedAsSpam} {
		require.Positive(t, seen[kind], kind)
	}
	for _, status := range []string{Open, Pending, Completed} {
		require.Positive(t, seen["is "+status], status)
	}
	work := seen["agent in office hours"]
	require.Greater(t, work, 50*seen["agent at night"], "the team sleeps")
}

// checkChain follows a log from its end: each change of status begins where the last one
// ended, and the last one ends where the ticket is.
func checkChain(t *testing.T, log []Entry, ticket Ticket, seen map[string]int) {
	t.Helper()
	status, replies := Open, 0
	for i := len(log) - 1; i >= 0; i-- {
		e := log[i]
		seen[e.Type]++
		countWho(e, seen)
		if i+1 < len(log) {
			before := log[i+1]
			gap := e.Time.Sub(before.Time)
			if e.Type == StatusChanged && before.Type == ReplyCreated && gap > 0 && gap < 200*time.Millisecond {
				seen["reply and status a moment later"]++
			}
			if gap == 0 && e.Type == before.Type {
				seen["twins"]++
			}
		}
		switch e.Type {
		case ReplyCreated:
			replies++
		case StatusChanged:
			require.Equal(t, status, e.From)
			require.NotEqual(t, e.From, e.To)
			status = e.To
			if e.From == Completed {
				seen["reopened"]++
			}
			if e.To == Open && e.User != nil && e.User.Status == "client" {
				seen["customer reopens"]++
			}
		}
	}
	require.Equal(t, status, ticket.Status)
	require.Equal(t, replies, ticket.Replies)
	seen["is "+status]++
}

func countWho(e Entry, seen map[string]int) {
	switch {
	case e.User == nil:
		seen["by itself"]++
	case e.User.IsBot:
		seen["bot"]++
	case e.User.Status == "team" && e.Type == TicketRead:
		oslo, _ := time.LoadLocation("Europe/Oslo")
		local := e.Time.In(oslo)
		if h := local.Hour(); h >= 8 && h < 17 && local.Weekday() != time.Sunday {
			seen["agent in office hours"]++
		} else {
			seen["agent at night"]++
		}
	}
}

// A demonstration wants something to look at: an event every second or two over some
// forty live tickets, though each ticket is answered within minutes.
func TestHurryMakesADemonstration(t *testing.T) {
	night := time.Date(2026, 3, 14, 23, 0, 0, 0, time.UTC) // a Saturday
	s := New(Options{Seed: 5, Now: fixed, Tickets: 200})
	s.Populate(night.Add(-14*day), night)
	s.Hurry(150)
	total := func() (n int) {
		for _, count := range s.Recount() {
			n += count
		}
		return n
	}
	s.Live(night.Add(15 * time.Minute)) // what had piled up over the weekend
	before := total()
	s.Live(night.Add(75 * time.Minute))
	live := 0
	for _, id := range s.TicketIDs() {
		if ticket, _ := s.Ticket(id); ticket.Status != Completed && !ticket.Spam {
			live++
		}
	}
	perSecond := float64(total()-before) / time.Hour.Seconds()
	t.Logf("%.2f entries a second, %d live tickets", perSecond, live)
	require.InDelta(t, 0.75, perSecond, 0.35)
	require.InDelta(t, 45, live, 25)
}

func TestLiveWithoutAHistory(t *testing.T) {
	s := New(Options{Seed: 5, Now: fixed, Hurry: 1000, Tickets: 500})
	s.Live(noon)
	require.Empty(t, s.TicketIDs())
	s.Live(noon.Add(time.Hour))
	require.NotEmpty(t, s.TicketIDs())
	s.Live(noon)
	for _, id := range s.TicketIDs() {
		ticket, _ := s.Ticket(id)
		require.True(t, ticket.Created.After(noon))
	}
}

func TestDeletedTicketsEndTheirStory(t *testing.T) {
	s := New(Options{Seed: 5, Now: fixed, Tickets: 50})
	s.Populate(noon.Add(-3*day), noon)
	entries := map[int64]int{}
	for _, id := range s.TicketIDs() {
		s.Delete(id)
		entries[id] = len(s.Entries(id))
	}
	s.Live(noon.Add(30 * day))
	for id, n := range entries {
		require.Len(t, s.Entries(id), n)
	}
}

// quoted finds the two labels by a rule that is not the one under test.
var quoted = regexp.MustCompile(`["«“]([^"»”]+)["»”]`)

func TestSentencesOfEveryLanguage(t *testing.T) {
	for lang, labels := range map[string][3]string{
		"en": {"Open", "Pending", "Completed"},
		"nb": {"Åpen", "På vent", "Fullført"},
		"nn": {"Open", "På vent", "Fullført"},
		"sv": {"Öppen", "Väntande", "Slutförd"},
		"da": {"Åben", "Afventer", "Fuldført"},
	} {
		c := newClient(t, Options{Languages: []string{lang}})
		agent := c.s.Agents()[0]
		id := c.s.Create(Ticket{}, agent, noon)
		for i, to := range []string{Pending, Completed, Open} {
			c.s.ChangeStatus(id, agent, to, noon.Add(time.Duration(i+1)*time.Second))
		}
		c.s.Assign(id, agent, agent, noon.Add(time.Minute))
		c.s.Append(id, Entry{Time: noon.Add(time.Hour), Type: "something_else"})
		page := c.log("/tickets/"+fmt.Sprint(id)+"/log", "")
		require.NotEmpty(t, page[0].Sentence)
		require.Contains(t, page[1].Sentence, "{User:"+agent.ID+"}")
		for i, want := range [][2]string{{labels[2], labels[0]}, {labels[1], labels[2]}, {labels[0], labels[1]}} {
			found := quoted.FindAllStringSubmatch(page[2+i].Sentence, -1)
			require.Len(t, found, 2, page[2+i].Sentence)
			require.Equal(t, want, [2]string{found[0][1], found[1][1]})
		}
		for _, e := range page {
			require.NotContains(t, e.Sentence, "%")
		}
	}
}

func TestLanguageAndLabelsMayChange(t *testing.T) {
	c := newClient(t, Options{Labels: map[string]map[string]string{"en": {Pending: "Parked"}}})
	id := c.s.AddTicket(Ticket{Language: "nb"})
	c.s.ChangeStatus(id, nil, "on_hold", noon)
	c.s.Append(id, Entry{Time: noon.Add(time.Second), Type: TicketRead, Language: "sv"})
	c.s.Append(id, Entry{Time: noon.Add(2 * time.Second), Type: TicketRead, Action: "looked"})
	sentences := func() (all []string) {
		for _, e := range c.log("/tickets/"+fmt.Sprint(id)+"/log", "") {
			all = append(all, e.Sentence)
		}
		return all
	}
	require.Equal(t, []string{"looked", "läste ärendet", `endret sakens status fra "Åpen" til "On hold"`}, sentences())
	c.s.SwitchLanguage("en")
	c.s.ChangeStatus(id, nil, Pending, noon.Add(time.Hour))
	require.Equal(t, []string{`changed the status from "On hold" to "Parked"`, "looked", "read the ticket", `changed the status from "Open" to "On hold"`}, sentences())
	c.s.SwitchLanguage("")
	require.Equal(t, `endret sakens status fra "On hold" til "På vent"`, sentences()[0])
}
