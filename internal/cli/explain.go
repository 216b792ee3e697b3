package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/common/version"

	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exporter"
)

// ExplainFlags are those of the command explain.
type ExplainFlags struct {
	Output      string // table or json
	Lists, Logs int
}

// Explain tells what the configuration comes to. Its error says, too, why the configuration
// cannot keep its own interval.
func Explain(ctx context.Context, f Flags, x ExplainFlags) error {
	if x.Lists < 1 || x.Logs < 0 {
		return fmt.Errorf("--max-lists=%d, --logs=%d: give 1 or more lists, and 0 or more logs", x.Lists, x.Logs)
	}
	report, err := exporter.Explain(ctx, exporter.Options{
		Config:      func() (*config.Config, error) { return loadConfig(f.ConfigFile) },
		StoragePath: f.StoragePath, Clock: clock.System{}, Logger: f.Log, Version: version.Version,
	}, exporter.Sample{Lists: x.Lists, Logs: x.Logs})
	if err != nil {
		return asking(err)
	}
	write := report.WriteTable
	if x.Output == "json" {
		write = report.WriteJSON
	}
	if err := write(f.Out); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return errors.New("the configuration cannot keep its own interval: " + strings.Join(report.Problems, "; "))
	}
	return nil
}
