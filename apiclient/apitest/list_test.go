package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func addTickets(s *Server) {
	s.AddTicket(Ticket{ID: 1, Status: Open, Source: "web", Created: noon.Add(-4 * time.Hour)})
	s.AddTicket(Ticket{ID: 2, Status: Pending, Source: "email", CategoryID: 7, Created: noon.Add(-3 * time.Hour)})
	s.AddTicket(Ticket{ID: 3, Status: Completed, CustomFields: []CustomField{{18464, "A"}, {2, "B"}}, Created: noon.Add(-2 * time.Hour)})
	s.AddTicket(Ticket{ID: 4, Status: Open, CategoryID: 7, CustomFields: []CustomField{{18464, "A"}}, Created: noon.Add(-time.Hour)})
}

func TestFilters(t *testing.T) {
	c := newClient(t, Options{})
	addTickets(c.s)
	for body, want := range map[string][]int64{
		``:                                     {1, 2, 3, 4},
		`{}`:                                   {1, 2, 3, 4},
		`{"status":"open"}`:                    {1, 4},
		`{"source":"email"}`:                   {2},
		`{"categoryId":7}`:                     {2, 4},
		`{"categoryId":null}`:                  {1, 3},
		`{"categoryId":7,"status":"open"}`:     {4},
		`{"ticketIds":[3,1,3,99]}`:             {1, 3},
		`{"from":"2026-03-11T11:00:00+02:00"}`: {3, 4},
		`{"to":"2026-03-11T09:00:00.0000000+00:00"}`:                                {1, 2, 3},
		`{"from":"2026-03-11T08:00:00.00001Z","to":"2026-03-11T09:59:59.9999999Z"}`: {3},
		`{"customFields":[{"key":18464,"value":"A"}]}`:                              {3, 4},
		`{"customFields":[{"key":18464,"value":"A"},{"key":2,"value":"B"}]}`:        {3},
		`{"customFields":[{"key":18464,"value":"B"}]}`:                              {},
	} {
		require.ElementsMatch(t, want, c.list(body), body)
	}
}

func TestMisspeltListRequestsAreRefused(t *testing.T) {
	c := newClient(t, Options{})
	for _, body := range []string{
		`{"category_id":7}`, `{"take":-1}`, `{"skip":-1}`, `{"skip":"1"}`, `{"orderBy":"oldest"}`, `{"from":"yesterday"}`,
		`{} {}`, `[]`, `{`, `{"ticketIds":["x"]}`,
	} {
		require.Equal(t, http.StatusBadRequest, c.post("/tickets/list", body).status, body)
	}
}

func TestListOrderAndPages(t *testing.T) {
	c := newClient(t, Options{Seed: 3})
	for i := range 120 {
		c.s.AddTicket(Ticket{ID: int64(i + 1), Created: noon.Add(time.Duration(i*37%120) * time.Minute)})
	}
	require.Len(t, c.list(`{}`), 25, "the default")
	require.Len(t, c.list(`{"take":100}`), 50, "the most")
	require.Empty(t, c.list(`{"take":0}`))
	arbitrary := c.list(`{}`)
	require.False(t, slices.IsSorted(arbitrary))
	require.Equal(t, arbitrary, c.list(`{}`), "but the same each time")

	var ids []int64
	for skip := 0; skip < 150; skip += 50 {
		ids = append(ids, c.list(fmt.Sprintf(`{"take":50,"skip":%d,"orderBy":"last_thread_activity_desc"}`, skip))...)
	}
	require.Len(t, ids, 120)
	for i := 1; i < len(ids); i++ {
		newer, _ := c.s.Ticket(ids[i-1])
		older, _ := c.s.Ticket(ids[i])
		require.True(t, newer.LastActivity.After(older.LastActivity))
	}
}

func TestListsThatDoNotListen(t *testing.T) {
	const byActivity = `{"take":50,"orderBy":"last_thread_activity_desc"}`
	for name, test := range map[string]struct {
		options Options
		body    string
		want    []int64
	}{
		"ids":     {Options{IgnoreTicketIDs: true}, `{"ticketIds":[1]}`, []int64{1, 2, 3, 4}},
		"filters": {Options{IgnoreFilters: true}, `{"status":"open"}`, []int64{1, 2, 3, 4}},
		"skip":    {Options{IgnoreSkip: true}, `{"skip":3}`, []int64{1, 2, 3, 4}},
		"take":    {Options{IgnoreTake: true}, `{"take":1}`, []int64{1, 2, 3, 4}},
		"omitted": {Options{OmitFromLists: 1}, `{}`, []int64{}},
		"doubled": {Options{RepeatInLists: 1}, `{}`, []int64{1, 1, 2, 2, 3, 3, 4, 4}},
	} {
		c := newClient(t, test.options)
		addTickets(c.s)
		require.ElementsMatch(t, test.want, c.list(test.body), name)
	}
	c := newClient(t, Options{IgnoreOrder: true})
	for i := range 20 {
		c.s.AddTicket(Ticket{ID: int64(i + 1)})
	}
	require.Equal(t, c.list(`{"take":50}`), c.list(byActivity))

	c.s.OnList(func(ids []int64) []int64 { return append(ids[1:2:2], 20) })
	require.Len(t, c.list(byActivity), 2)
}

func TestListFieldsFollowTheVerbs(t *testing.T) {
	c := newClient(t, Options{})
	agent, customer := c.s.Agents()[0], Person("client", "Anna Berg")
	id := c.s.Create(Ticket{Title: "Help"}, customer, noon)
	c.s.Assign(id, agent, agent, noon.Add(time.Minute))
	c.s.Reply(id, agent, noon.Add(2*time.Minute))
	c.s.ChangeStatus(id, agent, Pending, noon.Add(3*time.Minute))
	c.s.Tag(id, agent, "vip", noon.Add(4*time.Minute))
	c.s.Tag(id, agent, "vip", noon.Add(4*time.Minute))
	c.s.Categorize(id, nil, 33527, noon.Add(5*time.Minute))
	c.s.MarkSpam(id, agent, noon.Add(6*time.Minute))

	var got []struct {
		Status   string
		Tags     []string
		Category struct {
			ID int64
		}
		LockedBy   struct{ ID string }
		Author     struct{ ID, Email string }
		ReplyCount int
		Activity   time.Time `json:"lastThreadElementCreationTime"`
		Created    time.Time `json:"creationTime"`
		Properties struct{ IsSpam, IsDeleted, IsLocked bool }
	}
	c.data(c.post("/tickets/list", `{}`), &got)
	require.Len(t, got, 1)
	require.Equal(t, Pending, got[0].Status)
	require.Equal(t, []string{"vip"}, got[0].Tags)
	require.Equal(t, int64(33527), got[0].Category.ID)
	require.Equal(t, agent.ID, got[0].LockedBy.ID)
	require.Equal(t, customer.Email, got[0].Author.Email)
	require.Equal(t, 1, got[0].ReplyCount)
	require.True(t, noon.Add(2*time.Minute).Equal(got[0].Activity), "only what is said moves it")
	require.True(t, noon.Equal(got[0].Created))
	require.True(t, got[0].Properties.IsSpam && got[0].Properties.IsLocked && !got[0].Properties.IsDeleted)

	c.s.Assign(id, agent, nil, noon.Add(7*time.Minute))
	require.Contains(t, c.post("/tickets/list", `{}`).body, `"lockedBy":null`)
}

func TestStatusMayMoveActivity(t *testing.T) {
	c := newClient(t, Options{StatusMovesActivity: true})
	id := c.s.Create(Ticket{}, nil, noon)
	c.s.ChangeStatus(id, nil, Pending, noon.Add(time.Hour))
	got, _ := c.s.Ticket(id)
	require.Equal(t, noon.Add(time.Hour), got.LastActivity)
}

func TestTicketsHaveTheShapeOfTheSample(t *testing.T) {
	c := newClient(t, Options{})
	c.s.Create(Ticket{Sentiment: "question"}, Person("client", "Anna Berg"), noon)
	require.Equal(t, shape(t, Sample(SampleList)), shape(t, []byte(c.post("/tickets/list", `{}`).body)))
}

// shape gives the keys of the first item of an answer.
func shape(t *testing.T, body []byte) []string {
	t.Helper()
	var env struct{ Data []map[string]json.RawMessage }
	require.NoError(t, json.Unmarshal(body, &env))
	require.NotEmpty(t, env.Data)
	var keys []string
	for k := range env.Data[0] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestTagsMayBeObjects(t *testing.T) {
	c := newClient(t, Options{TagObjects: true})
	c.s.AddTicket(Ticket{Tags: []string{"vip"}})
	require.Regexp(t, `"tags":\[\{"id":\d+,"name":"vip"\}\]`, c.post("/tickets/list", `{}`).body)
}
