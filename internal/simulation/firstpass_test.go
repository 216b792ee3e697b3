//go:build unix

package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/tally"
)

// page is a request, and the answer to it.
type page struct {
	path, body string
	answer     []byte
}

// copies answers requests that come again by what was answered first, so that the server
// costs next to nothing.
type copies struct {
	next http.Handler

	mu    sync.Mutex
	pages map[string]*page
	order []*page // of lists and logs, as they were asked for since it was emptied
}

func (c *copies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.URL.RequestURI() + string(body)
	c.mu.Lock()
	p := c.pages[key]
	c.mu.Unlock()
	if p == nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		c.next.ServeHTTP(answer, r)
		p = &page{r.URL.RequestURI(), string(body), answer.Body.Bytes()}
	}
	c.mu.Lock()
	c.pages[key] = p
	if r.URL.Path != "/token" {
		c.order = append(c.order, p)
	}
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(p.answer)
}

// taken gives the pages that were asked for since it was last called.
func (c *copies) taken() []*page {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.order
	c.order = nil
	return taken
}

// filled is an inbox of tickets with logs of two pages.
func filled(tickets int) *apitest.Server {
	s := apitest.New(apitest.Options{Seed: 3, KeepRequests: -1, TokenLifetime: 24 * time.Hour})
	now := s.Now()
	for i := range tickets {
		begun := now.Add(-time.Duration(i+200) * time.Hour)
		id := s.AddTicket(apitest.Ticket{Created: begun})
		s.Append(id, apitest.Entry{Time: begun, Type: apitest.TicketCreated})
		for e := range 97 {
			user := &apitest.User{ID: fmt.Sprint("u", e%7), Name: "Someone", Status: []string{"team", "client"}[e%2]}
			s.Append(id, apitest.Entry{Time: begun.Add(time.Duration(e+1) * time.Hour), Type: apitest.ReplyCreated, User: user})
		}
	}
	return s
}

// counter is an Observer that calls full when so many tickets were read.
type counter struct {
	nobody
	missing atomic.Int64
	full    func()
}

func (c *counter) ReadDone(int64, poll.Trigger, time.Time) {
	if c.missing.Add(-1) == 0 {
		c.full()
	}
}

// parts are what reads an inbox into a store on disk.
type parts struct {
	store    *eventstore.Store
	recorder *recorder.Recorder
	client   *apiclient.Client
}

// assemble opens the store in dir. Nothing is paced.
func assemble(b *testing.B, dir, url string, s *apitest.Server, transport http.RoundTripper, c clock.Clock) (p parts) {
	b.Helper()
	var err error
	p.store, err = eventstore.Open(b.Context(), eventstore.Options{Dir: dir, Account: eventstore.Account{BaseURL: url, ClientID: s.ClientID()}})
	require.NoError(b, err)
	p.recorder, err = recorder.Open(b.Context(), p.store, recorder.Settings{
		Selections: []string{"all"}, Done: []string{"completed"}, UserLimit: 1000,
		Shard: recorder.Shard{Total: 1, Since: fact.Never}, Definitions: map[string]string{},
		Tally: tally.Settings{Bounds: []float64{60, 3600}, Native: true},
	}, c.Now, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	p.client, err = apiclient.New(apiclient.Options{
		BaseURL: url, ClientID: s.ClientID(), RefreshToken: func() (string, error) { return s.RefreshToken(), nil },
		Transport: transport, Clock: c, RequestsPerSecond: 1e9, Burst: 1 << 30,
	})
	require.NoError(b, err)
	return p
}

// firstPass reads an inbox into an empty store.
func firstPass(b *testing.B, url string, s *apitest.Server, tickets int) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	with := assemble(b, b.TempDir(), url, s, nil, clock.System{})
	set := Defaults()
	set.RequestRate, set.Selections = 0, []poll.Selection{{Key: "all"}}
	watch := &counter{full: cancel}
	watch.missing.Store(int64(tickets))
	p := poll.New(poll.Options{Source: with.client, Recorder: with.recorder, Observer: watch, Clock: clock.System{}, Settings: set})
	require.NoError(b, p.Run(ctx))
	require.LessOrEqual(b, watch.missing.Load(), int64(0))
	require.NoError(b, with.store.Close())
}

// decodeOnly does what anybody would do with these pages at least, four at once, over
// connections that are kept.
func decodeOnly(b *testing.B, url string, pages []*page) {
	b.Helper()
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	defer client.CloseIdleConnections()
	work := make(chan *page)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for p := range work {
				resp, err := client.Post(url+p.path, "application/json", bytes.NewReader([]byte(p.body)))
				if err != nil {
					b.Error(err)
					continue
				}
				var into struct {
					Data []struct {
						Time           string `json:"time"`
						ActionType     string `json:"actionType"`
						Action         string `json:"action"`
						User           map[string]any
						ID             int64 `json:"id"`
						Status, Source string
						Tags           []any
					} `json:"data"`
				}
				if err := json.NewDecoder(resp.Body).Decode(&into); err != nil {
					b.Error(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	for _, p := range pages {
		work <- p
	}
	close(work)
	all.Wait()
}

// BenchmarkFirstPass reads an inbox over HTTP, without latency and pacing, into a store on
// disk, and the same pages with net/http and encoding/json alone. The ratio is that of pages
// a second, and of pages for each second of CPU; the server's is in both.
func BenchmarkFirstPass(b *testing.B) {
	const tickets = 500
	s := filled(tickets)
	defer s.Close()
	c := &copies{next: s, pages: map[string]*page{}}
	server := httptest.NewServer(c)
	defer server.Close()
	firstPass(b, server.URL, s, tickets)
	c.taken()
	var ours, plain spent
	n := 0
	for b.Loop() {
		ours.add(b, func() { firstPass(b, server.URL, s, tickets) })
		pages := c.taken()
		n += len(pages)
		plain.add(b, func() { decodeOnly(b, server.URL, pages) })
		require.Len(b, c.taken(), len(pages))
	}
	b.ReportMetric(float64(n)/ours.wall.Seconds(), "pages/s")
	b.ReportMetric(ours.cpu.Seconds()*1e6/float64(n), "cpu-µs/page")
	b.ReportMetric(plain.cpu.Seconds()*1e6/float64(n), "decoding-only-cpu-µs/page")
	b.ReportMetric(plain.wall.Seconds()/ours.wall.Seconds(), "of-decoding-only")
	b.ReportMetric(plain.cpu.Seconds()/ours.cpu.Seconds(), "of-decoding-only-by-cpu")
}
