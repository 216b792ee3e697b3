// Package logging makes the program's logger: slog for those who log, go-kit/log as the
// writer behind it.
package logging

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/go-kit/log"
	slgk "github.com/tjhop/slog-gokit"
)

// Levels and Formats are what New accepts.
func Levels() []string { return []string{"debug", "info", "warn", "error"} }

// Formats are the formats that New accepts.
func Formats() []string { return []string{"logfmt", "json"} }

// New gives a logger that writes a line for each record of at least the level to w.
func New(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want one of %v", level, Levels())
	}
	w = plain{w}
	var out log.Logger
	switch format {
	case "logfmt":
		out = log.NewLogfmtLogger(log.NewSyncWriter(w))
	case "json":
		out = log.NewJSONLogger(log.NewSyncWriter(w))
	default:
		return nil, fmt.Errorf("log format %q: want one of %v", format, Formats())
	}
	v := new(slog.LevelVar)
	v.Set(l)
	return slog.New(slgk.NewGoKitHandler(out, v)), nil
}
