package check

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// blocks gives the parts of a page that are a file of this name, as their first line says.
func blocks(t *testing.T, page, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", page))
	require.NoError(t, err)
	var files []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n# "+regexp.QuoteMeta(name)+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(file, []byte(m[1]), 0o600))
		files = append(files, file)
	}
	return files
}

// Prometheus takes the configurations that the pages show.
func TestDocumentedPrometheus(t *testing.T) {
	files := blocks(t, "shards.md", "prometheus.yml")
	require.Len(t, files, 4)
	for _, file := range files {
		_, complaint := run(t, "PROMTOOL", "check", "config", "--syntax-only", file)
		require.Empty(t, complaint)
	}
}

// The chart takes the values that the page shows, and the exporter what becomes of them.
func TestDocumentedValues(t *testing.T) {
	files := blocks(t, "install.md", "values.yaml")
	require.Len(t, files, 1)
	out, complaint := run(t, "HELM", "template", "socialboards-exporter", chart, "--values", files[0])
	require.Empty(t, complaint)
	m := decode(t, out)
	m.testConfig(t)
	m.testShards(t)
	m.testRules(t)
	require.NotNil(t, m.PrometheusRule)
}
