package collector_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/collector"
)

// A program with metrics of its own registers the collector beside them. Socialboards is a
// simulated one here: a customer wrote, and somebody answered.
func ExampleNew() {
	socialboards := apitest.New(apitest.Options{})
	if err := socialboards.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer socialboards.Close()
	customer, agent, now := apitest.Person("client", "Kari Nordmann"), socialboards.Agents()[0], time.Now()
	ticket := socialboards.Create(apitest.Ticket{}, customer, now.Add(-time.Hour))
	socialboards.Reply(ticket, customer, now.Add(-time.Hour))
	socialboards.Reply(ticket, agent, now.Add(-time.Minute))

	storage, err := os.MkdirTemp("", "storage")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(storage)
	c, err := collector.New(collector.Options{
		Config: fmt.Appendf(nil, `
api: {base_url: %q, client_id: %q, refresh_token: %q}
tickets: {discover: [{status: open}]}
users: {names: true}
`, socialboards.URL(), socialboards.ClientID(), socialboards.RefreshToken()),
		StoragePath: storage,
	})
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)

	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- c.Run(ctx) }()
	for tick := time.Tick(time.Millisecond); !c.Ready(); {
		<-tick
	}

	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "socialboards_ticket_events_total" {
			for _, m := range f.GetMetric() {
				fmt.Println(m.GetLabel()[0].GetValue(), "by", m.GetLabel()[2].GetValue()+":", m.GetCounter().GetValue())
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}

	// Output:
	// reply_created by client: 1
	// reply_created by team: 1
	// ticket_created by client: 1
}
