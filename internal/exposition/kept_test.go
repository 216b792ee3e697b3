package exposition

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/splice"
	"socialboards_exporter/internal/tally"
)

// counting counts the texts that are encoded.
type counting struct {
	splice.Encoding
	texts, bytes atomic.Int64
}

func (c *counting) Piece(text []byte) splice.Piece {
	c.texts.Add(1)
	c.bytes.Add(int64(len(text)))
	return c.Encoding.Piece(text)
}

// counted gives a handler of nothing but n tickets, and what it encodes for gzip.
func counted(t *testing.T, n int64) (*metricsHandler, *tally.Tally, *counting) {
	t.Helper()
	ta, o := big(n), options()
	o.MaxTickets = int(n) * 2
	h := Handler(slog.New(slog.DiscardHandler), NewDomain(ta, o, now)).(*metricsHandler)
	c := &counting{Encoding: &splice.Gzip{}}
	h.encodings["gzip"] = c
	return h, ta, c
}

func TestOnlyWhatChangedIsRenderedAnew(t *testing.T) {
	h, ta, c := counted(t, 2000)
	size := len(scrape(h, textAccepted, "").body)
	scraped := func() (texts, bytes int64) {
		c.texts.Store(0)
		c.bytes.Store(0)
		scrape(h, textAccepted, "gzip")
		return c.texts.Load(), c.bytes.Load()
	}
	_, first := scraped()
	require.EqualValues(t, size, first, "everything, once")

	texts, bytes := scraped()
	require.LessOrEqual(t, texts, int64(2), "before and after what is kept")
	require.Less(t, bytes, first/50)

	ta.Update(func(u *tally.Update) { u.Ticket(some(1234, 1)) })
	_, bytes = scraped()
	require.Less(t, bytes, first/10, "one of thirty runs, and the totals")

	ta.Update(func(u *tally.Update) { u.Drop(some(1000, 0).ID); u.Ticket(some(3000, 0)) })
	_, bytes = scraped()
	require.Less(t, bytes, first/5, "at most three runs, and the totals")

	h.domain.Configure(ta, h.domain.options)
	_, bytes = scraped()
	require.Greater(t, bytes, first/2, "other options may show all of it in another way")
}

func TestManyScrapersCostOneRendering(t *testing.T) {
	h, ta, c := counted(t, 2000)
	rendered := func(scrapers int64) int64 {
		c.texts.Store(0)
		var wg sync.WaitGroup
		for range scrapers {
			wg.Go(func() { scrape(h, openMetrics, "gzip") })
		}
		wg.Wait()
		return c.texts.Load()
	}
	rendered(1)
	fresh := rendered(1)
	ta.Update(func(u *tally.Update) { u.Count(fact.New, 1) })
	changed := rendered(1) - fresh
	require.Positive(t, changed)
	ta.Update(func(u *tally.Update) { u.Count(fact.New, 1) })
	require.LessOrEqual(t, rendered(10), changed+10*fresh)
}

// stalled has n clients ask for metrics and not read the answer, and gives a wait for all
// of these to have ended.
func stalled(t *testing.T, h http.Handler, n int) (ended func(), hangUp func()) {
	t.Helper()
	var asked, answered sync.WaitGroup
	asked.Add(n)
	answered.Add(n)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&told{w, sync.OnceFunc(asked.Done)}, r)
		answered.Done()
	}))
	t.Cleanup(server.Close)
	var clients []net.Conn
	for range n {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, c.(*net.TCPConn).SetReadBuffer(4096))
		_, err = io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: exporter\r\n\r\n")
		require.NoError(t, err)
		clients = append(clients, c)
	}
	asked.Wait()
	return answered.Wait, func() {
		for _, c := range clients {
			c.Close()
		}
	}
}

// told is an answer that tells when its first byte is written.
type told struct {
	http.ResponseWriter
	writing func()
}

func (a *told) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *told) Write(p []byte) (int, error) {
	a.writing()
	return a.ResponseWriter.Write(p)
}

// ticketsToStall have more text than buffers on the way can take.
const ticketsToStall = 20_000

func TestWhoDoesNotReadHoldsNothingUp(t *testing.T) {
	h, ta, _ := counted(t, ticketsToStall)
	ended, hangUp := stalled(t, h, 3)
	for i := range 3 {
		change(ta, ticketsToStall, i+1)
		require.Equal(t, http.StatusOK, scrape(h, textAccepted, "gzip").status)
	}
	require.Len(t, h.places, 3, "they are still not reading")
	hangUp()
	ended()
	require.Empty(t, h.places)
}

func TestWhoDoesNotReadIsGivenUp(t *testing.T) {
	h, _, _ := counted(t, ticketsToStall)
	h.reading = 10 * time.Millisecond
	ended, hangUp := stalled(t, h, 3)
	defer hangUp()
	ended()
	require.Empty(t, h.places)
}

func TestWhatNobodyScrapesIsNotKept(t *testing.T) {
	at := noon
	d := NewDomain(aDay(), options(), func() time.Time { return at })
	h := Handler(slog.New(slog.DiscardHandler), d)
	for range 3 {
		scrape(h, textAccepted, "")
		scrape(h, textAccepted, "gzip")
		scrape(h, protobuf, "gzip")
		require.Len(t, d.editions, 3)
		at = at.Add(unused)
	}
	at = at.Add(time.Nanosecond)
	scrape(h, textAccepted, "gzip")
	require.Len(t, d.editions, 1)
}
