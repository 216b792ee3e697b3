package collector

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
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
	want, err := os.ReadFile(path) //nolint:gosec // a file of this package
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if this is meant: go test ./collector -update")
}

func TestText(t *testing.T) {
	r := scrape(t, handler(t, aDay(), options()), textFormat, "identity", names()...)
	require.Contains(t, r.Header.Get("Content-Type"), "text/plain; version=0.0.4")
	golden(t, "metrics.txt", body(t, r))
}

func TestOpenMetrics(t *testing.T) {
	r := scrape(t, handler(t, aDay(), options()), openMetrics, "identity", names()...)
	require.Contains(t, r.Header.Get("Content-Type"), "application/openmetrics-text; version=1.0.0")
	got := body(t, r)
	require.True(t, strings.HasSuffix(got, "\n# EOF\n"))
	require.NotContains(t, got, "_created{")
	golden(t, "metrics.openmetrics.txt", got)
}

func TestTextUntilReady(t *testing.T) {
	ta := aDay()
	ta.Update(notReady)
	got := body(t, scrape(t, handler(t, ta, options()), textFormat, "identity", names()...))
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
	r := scrape(t, handler(t, aDay(), options()), protobuf, "identity", wanted...)
	var out strings.Builder
	for _, f := range families(t, r.Body, r.Header.Get("Content-Type")) {
		text := prototext.MarshalOptions{Multiline: true, Indent: "  "}.Format(f)
		out.WriteString(spaces.ReplaceAllString(text, ": ") + "\n")
	}
	golden(t, "metrics.protobuf.txt", out.String())
}

func families(t testing.TB, r io.Reader, contentType string) []*dto.MetricFamily {
	t.Helper()
	format := expfmt.ResponseFormat(map[string][]string{"Content-Type": {contentType}})
	require.NotEqual(t, expfmt.FmtUnknown, format, contentType)
	dec := expfmt.NewDecoder(r, format)
	var out []*dto.MetricFamily
	for {
		f := &dto.MetricFamily{}
		err := dec.Decode(f)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, f)
	}
}
