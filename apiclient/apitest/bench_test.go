package apitest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A simulation must not be held up by the simulated side.
func BenchmarkAnswers(b *testing.B) {
	s := New(Options{Seed: 1, Now: fixed, KeepRequests: -1})
	for i := range 10_000 {
		id := s.AddTicket(Ticket{Created: noon.Add(-time.Duration(i) * time.Minute)})
		s.Read(id, s.Agents()[0], noon)
	}
	long := s.AddTicket(Ticket{ID: 1})
	for i := range 10_000 {
		s.Read(long, s.Agents()[0], noon.Add(time.Duration(i)*time.Second))
	}
	token := s.AccessToken()
	for name, ask := range map[string][2]string{
		"list of 10,000":      {"/tickets/list", `{"take":50,"orderBy":"last_thread_activity_desc"}`},
		"list by ids":         {"/tickets/list", `{"take":50,"ticketIds":[255762,255763,255764]}`},
		"log of 10,000, page": {"/tickets/1/log?take=50&skip=5000", `{"action_types":[]}`},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				req, err := http.NewRequest(http.MethodPost, s.URL()+ask[0], strings.NewReader(ask[1]))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := s.Transport().RoundTrip(req)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(err, resp)
				}
				_ = resp.Body.Close()
			}
		})
	}
}

func BenchmarkLife(b *testing.B) {
	for b.Loop() {
		s := New(Options{Seed: 1, Now: fixed, Tickets: 1000})
		s.Populate(noon.Add(-14*day), noon)
	}
}
