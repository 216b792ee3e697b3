package acceptance

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// Whatever a customer does to a ticket, nothing that would identify the customer is kept
// or shown.
func TestNothingOfACustomerIsKeptOrShown(t *testing.T) {
	t.Parallel()
	people := vault{}
	customer := func(name string) *apitest.User {
		p := apitest.Person("client", name)
		id := "crm-" + p.ID[4:]
		p.CustomIdentifier, p.Image = &id, "https://images.example.com/"+p.ID+".jpg"
		for what, text := range map[string]string{"name": p.Name, "e-mail": p.Email, "id": p.ID, "identifier": id} {
			people[what+" of "+name] = text
		}
		return p
	}
	sim := apitest.Start(t, apitest.Options{Tickets: 1})
	agent, past := sim.Agents()[0], time.Now().Add(-time.Hour)
	at := func(minute int) time.Time { return past.Add(time.Duration(minute) * time.Minute) }
	for _, name := range []string{"Zebulon Quackenbush", `Xaviera "Brimblecombe" Yttergård`, "Ignatz <b>Wolkenstein</b>", "Thjodolf «Kvitebjørn» Åsbø"} {
		p := customer(name)
		id := sim.Create(apitest.Ticket{Title: "From " + name, Message: p.Email, Author: p, Status: apitest.Open}, p, at(0))
		sim.Read(id, agent, at(1))
		sim.Reply(id, agent, at(2))
		sim.Reply(id, p, at(3))
		sim.ChangeStatus(id, p, apitest.Pending, at(4)) // by the customer
		sim.Assign(id, agent, p, at(5))                 // named in the sentence
		sim.Append(id, apitest.Entry{Time: at(6), Type: "ticket_merged", User: p, Action: "merged the ticket of “" + name + "” " + p.Email})
		anonymous := *p
		anonymous.Status = "anonymous"
		sim.Append(id, apitest.Entry{Time: at(7), Type: apitest.ReplyCreated, User: &anonymous})
		sim.Update(id, func(t *apitest.Ticket) { t.Assignee = agent })
	}
	hook := freeAddress(t)
	e := newExporter(t, sim, eager+`
tickets: {discover: [{}]}
users: {names: true}
webhook: {listen_address: "`+hook+`", path: /hook, verify_token_file: verify_token}
`, "--log.level=debug")
	writeToken(e, "first")
	e.start()
	got := e.eventually(newWatch(t), 30*time.Second, "the history", equalsRecount(t, sim, sim.TicketIDs()))
	require.Equal(t, 4.0, got[`socialboards_ticket_events_total{action_type="ticket_merged", user_id="", user_type="client"}`], "they are counted")
	for _, identity := range people {
		for _, body := range []string{`{"TicketId":1,"Author":{"Name":` + strconv.Quote(identity) + `}}`, `{"` + identity + `": `} {
			_, said := send(t, http.MethodPost, "http://"+hook+"/hook", body)
			people.requireKept(t, "an answer to a webhook", []byte(said))
		}
	}
	for _, page := range []string{"/", "/metrics", "/tickets", "/tickets?format=json", "/config"} {
		status, said := e.get(page)
		require.Equal(t, http.StatusOK, status)
		people.requireKept(t, page, []byte(said))
	}
	_, page := e.get("/metrics")
	require.Contains(t, page, agent.Name, "the team is shown where it is asked for")
	e.kill() // what is in the write-ahead log is looked at, too
	people.requireKept(t, "the log", []byte(e.log.String()))
	files := 0
	err := filepath.WalkDir(filepath.Join(e.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		people.requireKept(t, path, text)
		return err
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, files, 3, "database, its log, its index")
}
