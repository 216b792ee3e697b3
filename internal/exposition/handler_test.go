package exposition

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/tally"
)

func TestEncodings(t *testing.T) {
	h := handler(t, aDay(), options())
	plain := scrape(h, textAccepted, "", names()...).body
	for encoding, open := range map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) {
			z, err := gzip.NewReader(r)
			if err == nil {
				z.Multistream(false) // curl and browsers read one member only
			}
			return z, err
		},
		"zstd":     func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
		"identity": func(r io.Reader) (io.Reader, error) { return r, nil },
	} {
		r := scrape(h, textAccepted, encoding, names()...)
		require.Equal(t, []string{"Accept", "Accept-Encoding"}, r.header.Values("Vary"))
		if encoding != "identity" {
			require.Equal(t, encoding, r.header.Get("Content-Encoding"))
		}
		z, err := open(strings.NewReader(r.body))
		require.NoError(t, err, encoding)
		got, err := io.ReadAll(z)
		require.NoError(t, err, encoding)
		require.Equal(t, plain, string(got), encoding)
	}
}

func TestNameFilter(t *testing.T) {
	got := scrape(handler(t, aDay(), options()), textAccepted, "", "socialboards_up", "socialboards_tickets").body
	require.Equal(t, []string{"socialboards_tickets", "socialboards_up"}, typed(got))
}

// typed gives the names of the families in a text.
func typed(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			out = append(out, strings.Fields(rest)[0])
		}
	}
	return out
}

// gatherer gives what f does.
type gatherer func() ([]*dto.MetricFamily, error)

func (f gatherer) Gather() ([]*dto.MetricFamily, error) { return f() }

func TestOneFailureDoesNotFailTheScrape(t *testing.T) {
	var log bytes.Buffer
	broken := gatherer(func() ([]*dto.MetricFamily, error) { return nil, errors.New("cannot read /proc") })
	h := Handler(slog.New(slog.NewTextHandler(&log, nil)), NewDomain(aDay(), options(), now), broken)
	r := scrape(h, textAccepted, "")
	require.Equal(t, http.StatusOK, r.status)
	require.Contains(t, r.body, "socialboards_tickets{")
	require.Contains(t, log.String(), "cannot read /proc")
}

// TestScrapesAtOnce has scrapes come while one is under way: they share its answer, whatever
// they cost, and there is a limit to them.
func TestScrapesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, gathered := make(chan struct{}), 0
		slow := gatherer(func() ([]*dto.MetricFamily, error) {
			gathered++
			<-release
			return nil, nil
		})
		h := Handler(slog.New(slog.DiscardHandler), NewDomain(aDay(), options(), now), slow)
		answers := make(chan answer, maxScrapes)
		for range maxScrapes {
			go func() { answers <- scrape(h, textAccepted, "gzip") }()
		}
		synctest.Wait()
		require.Equal(t, http.StatusServiceUnavailable, scrape(h, textAccepted, "").status)
		close(release)
		first := <-answers
		for range maxScrapes - 1 {
			require.Equal(t, first, <-answers)
		}
		require.Equal(t, http.StatusOK, first.status)
		require.Equal(t, 1, gathered)
		scrape(h, textAccepted, "gzip")
		require.Equal(t, 2, gathered, "who comes later is told what is then")
	})
}

// TestScrapesDuringUpdates scrapes while things happen: each scrape shows whole updates,
// and no counter falls.
func TestScrapesDuringUpdates(t *testing.T) {
	ta := aDay()
	h := handler(t, ta, options())
	var work sync.WaitGroup
	stop := make(chan struct{})
	work.Go(func() {
		for i := int64(0); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			ta.Update(func(u *tally.Update) {
				u.Events(1, 1)
				u.Count(fact.New, 1)
				u.Ticket(tally.TicketState{ID: 1000 + i%50, Status: "open", Read: true, Begin: fact.Instant(i), Since: fact.Instant(i)})
				u.Change(fact.Change{Ticket: i + 1, From: "open", To: "pending", Counted: true, Duration: fact.Ticks(i)})
			})
		}
	})
	var scrapers sync.WaitGroup
	for range 3 {
		scrapers.Go(func() {
			for last, n := 0.0, 0; n < 30; n++ {
				r := scrape(h, protobuf, "", ticketEvents.Name, logEntries.Name, statusChanges.Name, statusDuration.Name)
				events, entries, changes, durations := sums(r.families(t))
				if events < last || events != entries || changes != events-16 || durations != changes-1 {
					t.Errorf("events %v after %v, new and late %v, changes %v, durations %v", events, last, entries, changes, durations)
				}
				last = events
			}
		})
	}
	scrapers.Wait()
	close(stop)
	work.Wait()
}

func sums(all []*dto.MetricFamily) (events, entries, changes, durations float64) {
	for _, f := range all {
		for _, m := range f.Metric {
			n := m.GetCounter().GetValue()
			switch result := m.Label[0].GetValue(); {
			case f.GetName() == ticketEvents.Name:
				events += n
			case f.GetName() == statusChanges.Name:
				changes += n
			case f.GetName() == statusDuration.Name:
				durations += float64(m.GetHistogram().GetSampleCount())
			case result == "new" || result == "late":
				entries += n
			}
		}
	}
	return events, entries, changes, durations
}
