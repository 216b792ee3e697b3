package exposition

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

// big gives 100,000 series: five for each of 20,000 live tickets.
func big() *tally.Tally {
	ta := aDay()
	ta.Update(func(u *tally.Update) {
		for id := range int64(20_000) {
			u.Ticket(tally.TicketState{
				ID: 1e6 + id, Status: "open", Read: true, Begin: at(-time.Hour), Since: at(-time.Minute), Source: "web",
				Clocks: []tally.ClockState{{Objective: "first_response", Due: at(time.Hour), Warning: at(time.Minute)}},
			})
		}
	})
	return ta
}

func BenchmarkScrapeOf100000Series(b *testing.B) {
	ta, o := big(), options()
	o.MaxTickets = 1 << 20
	h := handler(b, ta, o)
	for _, encoding := range []string{"identity", "gzip", "zstd"} {
		for name, accept := range map[string]string{"text": textFormat, "protobuf": protobuf} {
			b.Run(name+"/"+encoding+"/unchanged", func(b *testing.B) { run(b, h, accept, encoding, func() {}) })
			b.Run(name+"/"+encoding+"/changed", func(b *testing.B) {
				run(b, h, accept, encoding, func() { ta.Update(func(u *tally.Update) { u.Count(fact.New, 1) }) })
			})
		}
	}
}

func run(b *testing.B, h http.Handler, accept, encoding string, before func()) {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	b.ReportAllocs()
	for b.Loop() {
		before()
		h.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}

// discard is a response that nobody reads.
type discard struct {
	header http.Header
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
