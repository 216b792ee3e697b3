package cli

import (
	"context"
	"fmt"

	"github.com/prometheus/common/version"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exporter"
)

// Recount judges the stored history anew by the configuration file, or only tells what
// that would move.
func Recount(ctx context.Context, f Flags, dryRun bool) error {
	report, kept, err := exporter.Recount(ctx, exporter.Options{
		Config:      func() (*config.Config, error) { return loadConfig(f.ConfigFile) },
		StoragePath: f.StoragePath, Clock: clock.System{}, Logger: f.Log, Version: version.Version,
	}, !dryRun)
	if err != nil {
		return err
	}
	if _, err := report.WriteTo(f.Out); err != nil {
		return err
	}
	if dryRun {
		fmt.Fprintln(f.Out, "\nThis was a preview: nothing was changed. Without --dry-run the store is replaced, and the old one kept beside it.")
		return nil
	}
	fmt.Fprintf(f.Out, "\nThe store was replaced; the old one is %s.\n", kept)
	return nil
}
