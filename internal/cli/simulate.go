package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/sla"
)

// How the simulated team lives.
const (
	simulatedPast = 30 * 24 * time.Hour // history there is at the start
	simulatedTick = time.Second
	demoPast      = 6 * time.Hour
	demoHurry     = 150 // so many times faster than people: something happens every second or two
	demoTickets   = 500 // in the past
)

// Simulate serves only the simulated Socialboards API until ctx is done.
func Simulate(ctx context.Context, f Flags) error {
	if f.SimulateTickets < 1 {
		return fmt.Errorf("--simulate.tickets: %d is too few; give 1 or more", f.SimulateTickets)
	}
	sim := apitest.New(apitest.Options{Seed: f.SimulateSeed, Tickets: f.SimulateTickets, KeepRequests: -1})
	populate(sim, simulatedPast)
	if err := sim.Listen(f.SimulateAddress); err != nil {
		return listening("--simulate.listen-address", err)
	}
	defer sim.Close()
	fmt.Fprintf(f.Out, "The simulated Socialboards API listens at %s\n\n", sim.URL())
	fmt.Fprintf(f.Out, "api:\n  base_url: %s\n  client_id: %s\n  refresh_token: %s\ntickets:\n  discover: [{}]\n",
		sim.URL(), sim.ClientID(), sim.RefreshToken())
	return live(ctx, sim)
}

func populate(sim *apitest.Server, past time.Duration) {
	now := sim.Now()
	sim.Populate(now.Add(-past), now)
}

// live lets the team go on until ctx is done.
func live(ctx context.Context, sim *apitest.Server) error {
	if err := sim.Run(ctx, simulatedTick); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Demo serves metrics of the simulated Socialboards: a team in a hurry, with some hours of
// history and targets of minutes.
func Demo(ctx context.Context, f Flags) error {
	if f.StorageSet {
		return errors.New("demo keeps its store in a temporary directory; leave --storage.path away")
	}
	at, err := localURL((*f.Web.WebListenAddresses)[0], *f.Web.WebConfigFile)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "socialboards_exporter-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sim := apitest.New(apitest.Options{Seed: f.SimulateSeed, Tickets: demoTickets, Hurry: demoHurry, KeepRequests: -1})
	populate(sim, demoPast)
	if err := sim.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	defer sim.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lived := make(chan error, 1)
	go func() { lived <- live(ctx, sim) }()

	greet(f, sim, at)
	err = serve(ctx, f, func() (*config.Config, error) { return demoConfig(sim) }, dir)
	stop()
	return errors.Join(err, <-lived)
}

func greet(f Flags, sim *apitest.Server, at string) {
	fmt.Fprintf(f.Out, `A simulated support team is at work at %s

  metrics   %s%s
  tickets   %s/tickets
  readiness %s/-/ready

Ctrl-C ends it; nothing is kept.

`, sim.URL(), at, f.TelemetryPath, at, at)
}

// demoConfig is the configuration of the demo.
func demoConfig(sim *apitest.Server) (*config.Config, error) {
	text := strings.NewReplacer("$URL", sim.URL(), "$CLIENT", sim.ClientID(), "$TOKEN", sim.RefreshToken()).Replace(demoYAML)
	return config.Parse("demo", []byte(text), ".", config.Known{HolidayCountry: sla.HolidayCountry})
}

const demoYAML = `
api:
  base_url: $URL
  client_id: $CLIENT
  refresh_token: "$TOKEN"
  inbox_url: $URL/inbox
  requests_per_second: 1000
  burst: 1000
tickets:
  discover: [{}]
poll: {interval: 2s, max_interval: 10s, read_max_interval: 1m, done_max_interval: 1m}
users: {names: true}
sla:
  calendars:
    office: {timezone: Europe/Oslo, hours: {mon-fri: ["08:00-16:00"]}, holidays: {country: "NO"}}
  objectives:
    - {name: first_response, measure: first_response, target: 1m}
    - {name: next_response, measure: next_response, target: 2m}
    - {name: resolution, measure: resolution, target: 4m, pause_in: [pending]}
    - {name: pending_limit, measure: time_in_status, status: pending, target: 20m}
    - {name: first_response_office, measure: first_response, target: 4h, calendar: office}
`
