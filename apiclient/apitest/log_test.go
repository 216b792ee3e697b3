package apitest

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func addLog(s *Server, n int) int64 {
	id := s.AddTicket(Ticket{})
	for i := range n {
		s.Append(id, Entry{Time: noon.Add(time.Duration(i) * time.Second), Type: fmt.Sprintf("type_%d", i)})
	}
	return id
}

func typesOf(page []shownEntry) []string {
	types := []string{}
	for _, e := range page {
		types = append(types, e.Type)
	}
	return types
}

func TestLogPages(t *testing.T) {
	c := newClient(t, Options{})
	id := addLog(c.s, 120)
	path := fmt.Sprintf("/tickets/%d/log", id)
	require.Len(t, c.log(path, ""), 25)
	require.Len(t, c.log(path+"?take=80", "{}"), 50)
	require.Empty(t, c.log(path+"?take=0", "{}"))
	require.Empty(t, c.log(path+"?skip=120", `{"action_types":[]}`))
	require.Equal(t, []string{"type_119", "type_118"}, typesOf(c.log(path+"?take=2", "")))
	require.Equal(t, []string{"type_1", "type_0"}, typesOf(c.log(path+"?take=50&skip=118", "")))
	require.Equal(t, []string{"type_7", "type_3"}, typesOf(c.log(path, `{"action_types":["type_3","type_7","unknown"]}`)))
}

func TestLogRequestsThatMakeNoSense(t *testing.T) {
	c := newClient(t, Options{})
	path := fmt.Sprintf("/tickets/%d/log", addLog(c.s, 1))
	for _, query := range []string{"?take=-1", "?take=x", "?skip=1.5", "?skip=99999999999999999999", "?take=%zz"} {
		require.Equal(t, http.StatusBadRequest, c.post(path+query, "").status, query)
	}
	for _, body := range []string{"{", `{"actionTypes":[]}`, `{"action_types":"ticket_read"}`, "{}{}"} {
		require.Equal(t, http.StatusBadRequest, c.post(path, body).status, body)
	}
	require.Equal(t, http.StatusMethodNotAllowed, c.do(http.MethodGet, path, "", "").status)
	for _, path := range []string{"/tickets/4711/log", "/tickets/x/log", "/tickets//log", "/Tickets/list", "/", "/tickets/1"} {
		require.Equal(t, http.StatusNotFound, c.post(path, "").status, path)
	}
}

func TestPrefix(t *testing.T) {
	c := newClient(t, Options{Prefix: "/api/v2"})
	id := addLog(c.s, 1)
	require.Len(t, c.log(fmt.Sprintf("/tickets/%d/log", id), ""), 1)
	_, _, r := c.refresh(c.s.RefreshToken())
	require.Equal(t, http.StatusOK, r.status)
}

func TestEntriesStandWhereTheirTimeTells(t *testing.T) {
	c := newClient(t, Options{})
	id := c.s.AddTicket(Ticket{})
	c.s.Append(id, Entry{Time: noon, Type: "b"}, Entry{Time: noon.Add(time.Second), Type: "d"},
		Entry{Time: noon.Add(-time.Hour), Type: "a"}, Entry{Time: noon.Add(99), Type: "c"})
	require.Equal(t, []string{"d", "c", "b", "a"}, typesOf(c.log(fmt.Sprintf("/tickets/%d/log", id), "")),
		"at times that are equal to 100 ns the later one is newer")
	require.Equal(t, 1, c.s.Remove(id, func(e Entry) bool { return e.Type == "b" }))
	c.s.Shift(id, time.Hour)
	page := c.log(fmt.Sprintf("/tickets/%d/log", id), "")
	require.Equal(t, []string{"d", "c", "a"}, typesOf(page))
	require.True(t, noon.Equal(page[2].Time))
}

func TestDeletedTickets(t *testing.T) {
	c := newClient(t, Options{})
	id := addLog(c.s, 1)
	path := fmt.Sprintf("/tickets/%d/log", id)
	c.s.Delete(id)
	require.Equal(t, http.StatusNotFound, c.post(path, "").status)
	require.Empty(t, c.list(`{}`))
	require.Empty(t, c.s.TicketIDs())
	c.s.Restore(id)
	require.Len(t, c.log(path, ""), 1)
	require.Equal(t, []int64{id}, c.s.TicketIDs())
}

func TestBetweenPages(t *testing.T) {
	c := newClient(t, Options{})
	id := addLog(c.s, 60)
	var skips []int
	c.s.BetweenPages(func(s *Server, ticket int64, skip int) {
		require.Equal(t, id, ticket)
		skips = append(skips, skip)
		if skip > 0 {
			s.Append(id, Entry{Time: noon.Add(time.Hour), Type: "inserted"})
		}
	})
	path := fmt.Sprintf("/tickets/%d/log?take=50", id)
	first := c.log(path, "")
	second := c.log(path+"&skip=50", "")
	require.Equal(t, []int{0, 50}, skips)
	require.Equal(t, first[49].Type, second[0].Type, "the pages are shifted")
}

func TestLogsThatDoNotListen(t *testing.T) {
	whole := newClient(t, Options{IgnoreTake: true, DefaultTake: 1 << 20})
	require.Len(t, whole.log(fmt.Sprintf("/tickets/%d/log?take=50", addLog(whole.s, 300)), ""), 300)

	same := newClient(t, Options{IgnoreSkip: true})
	path := fmt.Sprintf("/tickets/%d/log?take=5", addLog(same.s, 30))
	require.Equal(t, same.log(path, ""), same.log(path+"&skip=10", ""))

	short := newClient(t, Options{ShortPages: 1})
	path = fmt.Sprintf("/tickets/%d/log?take=50", addLog(short.s, 60))
	lengths := map[int]bool{}
	for range 20 {
		n := len(short.log(path, ""))
		require.Positive(t, n)
		require.Less(t, n, 50)
		lengths[n] = true
	}
	require.Greater(t, len(lengths), 1)

	endless := newClient(t, Options{})
	id := endless.s.AddTicket(Ticket{Endless: true})
	for _, skip := range []int{0, 50, 100_000, math.MaxInt - 50} {
		require.Len(t, endless.log(fmt.Sprintf("/tickets/%d/log?take=50&skip=%d", id, skip), ""), 50)
	}
}

func TestShuffledTies(t *testing.T) {
	c := newClient(t, Options{ShuffleTies: true})
	id := c.s.AddTicket(Ticket{})
	for i := range 6 {
		c.s.Append(id, Entry{Time: noon, Type: fmt.Sprint("tie_", i)})
	}
	c.s.Append(id, Entry{Time: noon.Add(time.Second), Type: "newest"})
	orders := map[string]bool{}
	for range 10 {
		types := typesOf(c.log(fmt.Sprintf("/tickets/%d/log", id), ""))
		require.Equal(t, "newest", types[0])
		require.ElementsMatch(t, []string{"tie_0", "tie_1", "tie_2", "tie_3", "tie_4", "tie_5"}, types[1:])
		orders[fmt.Sprint(types)] = true
	}
	require.Greater(t, len(orders), 1)
	require.Equal(t, "tie_5", c.s.Entries(id)[1].Type, "the truth is not shuffled")
}

func TestRawEntries(t *testing.T) {
	c := newClient(t, Options{})
	id := addLog(c.s, 1)
	c.s.Append(id, Entry{Time: noon.Add(-time.Hour), Raw: []byte(`{"time":"nonsense"}`)})
	require.Contains(t, c.post(fmt.Sprintf("/tickets/%d/log", id), "").body, `},{"time":"nonsense"}]`)
}

func TestRecount(t *testing.T) {
	s := New(Options{Now: fixed})
	agent, bot, customer := s.Agents()[0], s.Bots()[0], Person("client", "Anna Berg")
	id := s.Create(Ticket{}, customer, noon)
	s.Reply(id, agent, noon)
	s.Reply(id, agent, noon)
	s.Reply(id, bot, noon)
	s.ChangeStatus(id, nil, Completed, noon)
	want := map[[3]string]int{
		{TicketCreated, "", "client"}:    1,
		{ReplyCreated, agent.ID, "team"}: 2,
		{ReplyCreated, bot.ID, "bot"}:    1,
		{StatusChanged, "", "system"}:    1,
	}
	require.Equal(t, want, s.Recount())
	s.Delete(id)
	s.Reply(id, agent, noon)
	require.Equal(t, want, s.Recount(), "nothing happens to a deleted ticket, but what happened counts")
	require.Empty(t, s.Recount(4711))
}

func TestAnonymize(t *testing.T) {
	c := newClient(t, Options{})
	agent := c.s.Agents()[0]
	id := c.s.Create(Ticket{}, agent, noon)
	c.s.Assign(id, agent, agent, noon)
	newID := c.s.Anonymize(agent.ID)
	for _, r := range []result{c.post(fmt.Sprintf("/tickets/%d/log", id), ""), c.post("/tickets/list", "")} {
		for _, trace := range []string{agent.ID, agent.Name, agent.Email} {
			require.NotContains(t, r.body, trace)
		}
		require.Contains(t, r.body, newID)
	}
	require.Equal(t, agent, c.s.Agents()[0], "other holders of the user are not changed")
}
