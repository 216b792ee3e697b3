package exposition

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/tally"
)

// big gives five series for each of n live tickets.
func big(n int64) *tally.Tally {
	ta := aDay()
	ta.Update(func(u *tally.Update) {
		for id := range n {
			u.Ticket(some(id, 0))
		}
	})
	return ta
}

// some is one of many tickets, the first of which become known by the minute. Each version
// of it has other series.
func some(id int64, version int) tally.TicketState {
	begin := time.Duration(id) * time.Minute
	since := begin + time.Duration(version)*time.Second
	return tally.TicketState{
		ID: 1e6 + id*7, Status: []string{"open", "pending"}[id%2], Read: true, Source: "web", Assignee: fmt.Sprint(id % 40),
		Begin: at(begin), Since: at(since),
		Clocks: []tally.ClockState{{Objective: "first_response", Due: at(since + 4*time.Hour), Warning: at(since + 3*time.Hour)}},
	}
}

// change has each thousandth of n tickets change, spread evenly.
func change(ta *tally.Tally, n int64, version int) {
	ta.Update(func(u *tally.Update) {
		for id := int64(version) % 1000; id < n; id += 1000 {
			u.Ticket(some(id, version))
		}
	})
}

// cpu gives the time that this process has used. On a machine with other work to do it
// says more than the time that passed.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// measure reports the CPU time of f, and what it is for each series.
func measure(b *testing.B, series int64, f func(i int)) time.Duration {
	b.Helper()
	b.ReportAllocs()
	begun, n := cpu(b), 0
	for b.Loop() {
		f(n)
		n++
	}
	took := (cpu(b) - begun) / time.Duration(n)
	b.ReportMetric(float64(took)/1e3, "cpu-us")
	if series > 0 {
		b.ReportMetric(float64(took)/float64(series), "cpu-ns/series")
	}
	return took
}

// BenchmarkScrape is what a scrape of 100,000 series costs when nothing changed since the
// one before, when one ticket in a thousand did, and when it is the first. In the format
// that is scraped most, also of twice as many, and of none: what the exporter tells of
// itself costs the same then.
func BenchmarkScrape(b *testing.B) {
	const n = 20_000
	for _, kind := range []struct {
		format, accept, encoding string
		tickets                  int64
	}{
		{"text", textAccepted, "gzip", n}, {"text", textAccepted, "gzip", 2 * n}, {"text", textAccepted, "gzip", 0},
		{"text", textAccepted, "identity", n}, {"text", textAccepted, "zstd", n},
		{"openmetrics", openMetrics, "gzip", n}, {"protobuf", protobuf, "gzip", n},
	} {
		b.Run(fmt.Sprintf("%s/%s/%d", kind.format, kind.encoding, 5*kind.tickets), func(b *testing.B) {
			benchmarkScrapes(b, kind.tickets, func(h http.Handler) { scrapeInto(h, kind.accept, kind.encoding) })
		})
	}
}

// BenchmarkStandardCollectors is a scrape of what client_golang tells of any Go program.
func BenchmarkStandardCollectors(b *testing.B) {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h := promhttp.HandlerFor(r, promhttp.HandlerOpts{})
	measure(b, 0, func(int) { scrapeInto(h, textAccepted, "gzip") })
}

func benchmarkScrapes(b *testing.B, n int64, scrape func(http.Handler)) {
	o := options()
	o.MaxTickets = 100_000
	b.Run("unchanged", func(b *testing.B) {
		h := handler(b, big(n), o)
		scrape(h)
		measure(b, 5*n, func(int) { scrape(h) })
	})
	if n == 0 {
		return
	}
	b.Run("onethousandth", func(b *testing.B) {
		ta := big(n)
		h := handler(b, ta, o)
		scrape(h)
		measure(b, 5*n, func(i int) { change(ta, n, i+1); scrape(h) })
	})
	b.Run("first", func(b *testing.B) {
		ta := big(n)
		measure(b, 5*n, func(int) { scrape(handler(b, ta, o)) })
	})
}

func scrapeInto(h http.Handler, accept, encoding string) {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", encoding)
	h.ServeHTTP(unread{}, r)
}

// BenchmarkScrapeOverHTTP compares unchanged scrapes with serving the same bytes from memory,
// over a connection, the client's reading included: of what is kept alone, and with the
// metrics of the process, whose cost does not depend on the number of tickets.
func BenchmarkScrapeOverHTTP(b *testing.B) {
	const n = 20_000
	ta, o := big(n), options()
	o.MaxTickets = n * 2
	var body bytes.Buffer
	whole := httptest.NewServer(handler(b, ta, o))
	fetch(b, whole, textAccepted, &body)
	whole.Close()
	var written time.Duration
	for _, test := range []struct {
		name string
		h    http.Handler
	}{
		{"write", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
			w.Write(body.Bytes())
		})},
		{"kept", Handler(slog.New(slog.DiscardHandler), NewDomain(ta, o, now))},
		{"all", handler(b, ta, o)},
	} {
		server := httptest.NewServer(test.h)
		defer server.Close()
		fetch(b, server, textAccepted, io.Discard)
		b.Run(test.name, func(b *testing.B) {
			took := measure(b, 5*n, func(int) { fetch(b, server, textAccepted, io.Discard) })
			if test.name == "write" {
				written = took
			}
			b.ReportMetric(float64(took)/float64(written), "of-writing")
			b.ReportMetric(float64(body.Len())/(5*n), "bytes/series")
		})
	}
}

// fetch scrapes as Prometheus does.
func fetch(b *testing.B, server *httptest.Server, accept string, to io.Writer) {
	r, err := http.NewRequest(http.MethodGet, server.URL, nil)
	require.NoError(b, err)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := server.Client().Do(r)
	require.NoError(b, err)
	defer answer.Body.Close()
	_, err = io.Copy(to, answer.Body)
	require.NoError(b, err)
}
