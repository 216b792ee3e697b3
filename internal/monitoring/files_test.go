// Package monitoring tests what people look at and are paged by: that alerts, runbooks,
// dashboards, documented queries and the stack fit each other and what the exporter shows.
package monitoring

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// root is the directory of the repository.
const root = "../.."

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	require.NoError(t, err)
	return string(text)
}

// rule is a rule of alerts.yml.
type rule struct {
	Record, Alert, Expr string
	For                 string
	KeepFiringFor       string `yaml:"keep_firing_for"`
	Labels, Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []rule }
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "alerts.yml")), &file))
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

// alertNames gives each name once.
func alertNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, r := range rules(t) {
		if r.Alert != "" {
			names[r.Alert] = true
		}
	}
	return names
}

// documented is a query in a page: what stands before it, and the query itself.
type documented struct{ page, heading, expr string }

var promql = regexp.MustCompile("(?s)```promql\n(.*?)```")

// documentedQueries gives the queries of the pages that show some.
func documentedQueries(t *testing.T) []documented {
	t.Helper()
	heading := regexp.MustCompile(`(?m)^#+ (.+)$`)
	var out []documented
	for _, page := range []string{"queries.md", "metrics.md", "runbooks.md"} {
		text := read(t, "docs", page)
		for _, at := range promql.FindAllStringSubmatchIndex(text, -1) {
			d := documented{page: page, expr: text[at[2]:at[3]]}
			if all := heading.FindAllStringSubmatch(text[:at[0]], -1); len(all) > 0 {
				d.heading = all[len(all)-1][1]
			}
			out = append(out, d)
		}
	}
	require.NotEmpty(t, out)
	return out
}
