package exposition

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/prototext"
)

var update = flag.Bool("update", false, "write the golden files anew")

// names of what is golden: everything but the runtime, and the build.
func names() []string {
	var out []string
	for _, m := range Catalogue() {
		if m.Name != buildInfo.Name {
			out = append(out, m.Name)
		}
	}
	return out
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if this is meant: go test ./internal/exposition -update")
}

func TestText(t *testing.T) {
	r := scrape(handler(t, aDay(), options()), textAccepted, "identity", names()...)
	require.Contains(t, r.header.Get("Content-Type"), "text/plain; version=0.0.4")
	golden(t, "metrics.txt", r.body)
}

func TestOpenMetrics(t *testing.T) {
	r := scrape(handler(t, aDay(), options()), openMetrics, "identity", names()...)
	require.Contains(t, r.header.Get("Content-Type"), "application/openmetrics-text; version=1.0.0")
	got := r.body
	require.True(t, strings.HasSuffix(got, "\n# EOF\n"))
	require.NotContains(t, got, "_created{")
	golden(t, "metrics.openmetrics.txt", got)
}

func TestTextUntilReady(t *testing.T) {
	ta := aDay()
	ta.Update(notReady)
	got := scrape(handler(t, ta, options()), textAccepted, "identity", names()...).body
	for _, m := range domainMetrics() {
		require.NotContains(t, got, "# TYPE "+m.Name+" ")
	}
	for _, m := range append(stateMetrics(), processMetrics()...) {
		if m.Name != buildInfo.Name {
			require.Contains(t, got, "# TYPE "+m.Name+" ")
		}
	}
}

// spaces are those that prototext varies on purpose.
var spaces = regexp.MustCompile(`: +`)

func TestProtobuf(t *testing.T) {
	var wanted []string
	for _, m := range append(domainMetrics(), stateMetrics()...) { // the others tell when this test ran
		wanted = append(wanted, m.Name)
	}
	r := scrape(handler(t, aDay(), options()), protobuf, "identity", wanted...)
	var out strings.Builder
	for _, f := range r.families(t) {
		text := prototext.MarshalOptions{Multiline: true, Indent: "  "}.Format(f)
		out.WriteString(spaces.ReplaceAllString(text, ": ") + "\n")
	}
	golden(t, "metrics.protobuf.txt", out.String())
}
