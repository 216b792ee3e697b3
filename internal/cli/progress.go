package cli

import (
	"context"
	"log/slog"
	"math"
	"time"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/terminal"
)

// Clock tells the time and waits for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// How often it is shown how far the first pass is.
const (
	barEvery  = 500 * time.Millisecond
	logsEvery = 10 * time.Second
)

// tellProgress tells how far the first pass is until it is over or ctx is done: by a bar
// where there is a terminal, else in the log.
func tellProgress(ctx context.Context, progress func() exporter.Progress, c Clock, line *terminal.Line, log *slog.Logger) {
	every, tell := logsEvery, func(p exporter.Progress, pace *terminal.Pace) { logProgress(log, p, pace) }
	if line != nil {
		defer line.Show("")
		every, tell = barEvery, func(p exporter.Progress, pace *terminal.Pace) {
			line.Show(terminal.Bar("first pass", p.Read, p.Total, pace))
		}
	}
	var pace terminal.Pace
	for p := progress(); !p.Ready; p = progress() {
		pace.Mark(c.Now(), p.Read)
		if p.Total > 0 {
			tell(p, &pace)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.After(every):
		}
	}
}

func logProgress(log *slog.Logger, p exporter.Progress, pace *terminal.Pace) {
	args := []any{"read", p.Read, "tickets", p.Total}
	if left, ok := pace.Left(p.Total - p.Read); ok {
		args = append(args, "per_second", math.Round(10*pace.PerSecond())/10, "left", left)
	}
	log.Info("first pass goes on", args...)
}

// follow tells of the first pass once the store is loaded. What it gives waits for its end.
func follow(ctx context.Context, f Flags, e *exporter.Exporter) (end func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-e.Loaded():
			tellProgress(ctx, e.Progress, clock.System{}, f.Line, f.Log)
		case <-ctx.Done():
		}
	}()
	return func() { <-ended }
}
