package logging_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/logging"
)

// FuzzLine logs what others have named: it must stay one line, in which nothing steers a
// terminal or passes for another record.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"open", "a b", "x\nlevel=error msg=forged", "\x1b[2J", "\"", "\xff", "\u2028", "\u009b31m", "=", "\x7f", "a\u202eb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range logging.Formats() {
			var out bytes.Buffer
			l, err := logging.New(&out, "info", format)
			require.NoError(t, err)
			l.Info("read", "name", text)
			line, last := strings.CutSuffix(out.String(), "\n")
			require.True(t, last)
			require.NotContains(t, line, "\n")
			steers := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
			require.False(t, strings.ContainsFunc(line, steers), "%s: %q", format, line)
			if format == "json" {
				var record struct{ Name string }
				require.NoError(t, json.Unmarshal([]byte(line), &record), line)
				require.Equal(t, strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\ufffd", ""), strings.ReplaceAll(record.Name, "\ufffd", ""))
			}
		}
	})
}
