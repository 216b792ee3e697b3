package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/version"

	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exporter"
	"socialboards_exporter/internal/terminal"
)

// BackfillFlags are the flags of the command backfill.
type BackfillFlags struct {
	From, To string // RFC 3339, a date in UTC, or Unix time in seconds; empty: see backfill.Settings
	Step     string // a duration of Prometheus
	Output   string // a directory, or "-" for the standard output
	Backlog  bool
}

// Backfill writes the stored history as OpenMetrics text.
func Backfill(ctx context.Context, f Flags, b BackfillFlags) error {
	s, err := b.settings()
	if err != nil {
		return err
	}
	dir := b.Output
	if dir == "-" {
		dir = ""
	}
	if f.Line != nil && (dir != "" || !terminal.Is(f.Out)) { // else it would go between the samples
		s.Progress = showBackfill(f.Line, time.Now)
		defer f.Line.Show("")
	}
	out := bufio.NewWriter(f.Out)
	summary, err := exporter.Backfill(ctx, exporter.Options{
		Config:      func() (*config.Config, error) { return loadConfig(f.ConfigFile) },
		StoragePath: f.StoragePath, Clock: clock.System{}, Logger: f.Log, Version: version.Version,
	}, s, dir, out)
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	f.Log.Info("history written", "from", summary.From, "to", summary.To, "samples", summary.Samples,
		"files", summary.Written, "files_already_there", summary.Skipped)
	if safe := summary.To.Add(head); safe.After(time.Now()) {
		f.Log.Warn("give none of this to a Prometheus yet: it may drop newer samples that it still holds in memory, of all its targets",
			"wait_until", safe)
	}
	return nil
}

// head is how far back the samples reach that Prometheus holds in memory only. A block that
// reaches into that time makes it take the samples before the block's end for stored.
const head = 3 * time.Hour

func (b BackfillFlags) settings() (s backfill.Settings, err error) {
	s.Backlog = b.Backlog
	if s.From, err = parseTime(b.From); err != nil {
		return s, fmt.Errorf("--from: %w", err)
	}
	if s.To, err = parseTime(b.To); err != nil {
		return s, fmt.Errorf("--to: %w", err)
	}
	step, err := model.ParseDuration(b.Step)
	if err != nil {
		return s, fmt.Errorf("--step: %w; write for example 30s or 1m", err)
	}
	s.Step = time.Duration(step)
	return s, nil
}

// parseTime reads a time in one of the forms that promtool and people use. Empty: zero.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	if sec, err := strconv.ParseInt(text, 10, 64); err == nil && sec > 0 && sec < 1<<33 {
		return time.Unix(sec, 0), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2026-10-01, 2026-10-01T08:00:00+02:00 or Unix seconds", strings.TrimSpace(text))
}

// showBackfill shows how far a backfill is, not more often than can be read.
func showBackfill(line *terminal.Line, now func() time.Time) func(backfill.Progress) {
	const every = 200 * time.Millisecond
	var shown time.Time
	return func(p backfill.Progress) {
		if at := now(); at.Sub(shown) >= every {
			shown = at
			line.Show(fmt.Sprintf("backfill %s, %d of %d written, %d samples", p.Day.Format(time.DateOnly), p.Days, p.Of, p.Samples))
		}
	}
}
