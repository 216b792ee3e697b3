package acceptance

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// Who connects and then says too little, or too much, is cut off: on both listeners, by
// header and by body.
func TestSlowAndLargeRequestsAreCutOff(t *testing.T) {
	t.Parallel()
	e, hook := hooked(t, apitest.Start(t, apitest.Options{}))
	e.start()
	e.eventually(newWatch(t), 20*time.Second, "readiness", ready)
	listening(t, e, hook)
	const more = "HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct {
		address, begin, trickle string
		within                  time.Duration
	}{
		"header of a page":       {e.address, "GET /metrics " + more, "X: y\r\n", 12 * time.Second},
		"header of a webhook":    {hook, "POST /hook " + more, "X: y\r\n", 7 * time.Second},
		"body of a webhook":      {hook, "POST /hook " + more + "Content-Length: 1000\r\n\r\n", " ", 12 * time.Second},
		"nothing":                {hook, "", "", 12 * time.Second},
		"large header":           {e.address, "GET /metrics " + more + "X: " + strings.Repeat("x", 1<<17), "", 2 * time.Second},
		"large header, webhook":  {hook, "POST /hook " + more + "X: " + strings.Repeat("x", 1<<16), "", 2 * time.Second},
		"large body, webhook":    {hook, "POST /hook " + more + "Content-Length: 9000000\r\n\r\n" + strings.Repeat("x", 2<<20), "", 2 * time.Second},
		"body that is not asked": {e.address, "POST /-/reload " + more + "Content-Length: 9000000\r\n\r\n" + strings.Repeat("x", 2<<20), "", 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
			require.NoError(t, err)
			defer conn.Close()
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				_, _ = io.Copy(io.Discard, conn) // until the other side ends it
			}()
			_, _ = io.WriteString(conn, c.begin) // it may be cut off meanwhile
			tick := time.NewTicker(500 * time.Millisecond)
			defer tick.Stop()
			for open := true; open; {
				select {
				case <-closed:
					open = false
				case <-tick.C:
					_, _ = io.WriteString(conn, c.trickle)
				case <-ctx.Done():
					require.Fail(t, "still connected")
				}
			}
			require.Less(t, time.Since(begun), c.within+8*time.Second) // on a busy machine
		})
	}
}
