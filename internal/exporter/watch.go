package exporter

import (
	"context"
	"time"

	"socialboards_exporter/internal/config"
)

// reading is what came of reading the configuration: its digest, or an error.
type reading struct{ digest, err string }

func readingOf(c *config.Config, err error) reading {
	if err != nil {
		return reading{err: err.Error()}
	}
	digest, err := c.Digest()
	if err != nil {
		return reading{err: err.Error()}
	}
	return reading{digest: digest}
}

// WatchConfig reloads when the configuration has come to read differently, until ctx is
// done. It reads it at every interval, as Prometheus does: that notices what notifications
// of the file system do not, such as links that were moved, mounted volumes and network file
// systems. What it finds has to be there twice in a row, lest a file be taken in that is
// half written. A configuration that is refused is not tried again until it changes.
func (e *Exporter) WatchConfig(ctx context.Context, every time.Duration) {
	var before reading
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.opts.Clock.After(every):
		}
		now := readingOf(e.opts.Config())
		if now == before && now != *e.tried.Load() {
			_, _ = e.Reload(ctx) // it logs what came of it
		}
		before = now
	}
}
