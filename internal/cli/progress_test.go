package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/terminal"
)

// pass is a first pass that reads four tickets a second, once it has found them.
func pass(c *clock.Fake, tickets int) func() exporter.Progress {
	begun := c.Now()
	return func() exporter.Progress {
		read := int(4 * c.Now().Sub(begun).Seconds())
		return exporter.Progress{Ready: read >= tickets, Read: read, Total: min(tickets, 100*read)}
	}
}

func TestProgressInTheLog(t *testing.T) {
	var out strings.Builder
	c := clock.NewJumping(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	tellProgress(t.Context(), pass(c, 120), c, nil, log)
	require.Equal(t, `level=INFO msg="first pass goes on" read=40 tickets=120 per_second=4 left=20s
level=INFO msg="first pass goes on" read=80 tickets=120 per_second=4 left=10s
`, out.String())

	out.Reset()
	tellProgress(t.Context(), func() exporter.Progress { return exporter.Progress{Ready: true} }, c, nil, log)
	require.Empty(t, out.String(), "a start on a store that is ready says nothing")
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	c := clock.NewJumping(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	tellProgress(t.Context(), pass(c, 20), c, terminal.NewLine(&out), nil)
	lines := strings.Split(out.String(), "\r\x1b[K")
	require.Len(t, lines, 11, "every half second, until it is over")
	require.Equal(t, "first pass [##----------------------] 2/20  4.0/s  5s left", lines[1])
	require.Empty(t, lines[10], "and then it is taken away")
}

func TestProgressEndsWhenItIsToldTo(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	c := clock.NewFake(time.Now())
	ended := make(chan struct{})
	go func() {
		tellProgress(ctx, func() exporter.Progress { return exporter.Progress{} }, c, terminal.NewLine(io.Discard), nil)
		close(ended)
	}()
	stop()
	<-ended
}
