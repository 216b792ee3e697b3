package doccheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/exposition"
	"socialboards_exporter/internal/sla"
)

const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(b)
}

// pages gives the paths of all Markdown files, from the root of the repository.
func pages(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md").Output()
	if err != nil { // not a checkout
		found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
		require.NoError(t, err)
		all := []string{"README.md"}
		for _, f := range found {
			all = append(all, "docs/"+filepath.Base(f))
		}
		return all
	}
	return strings.Fields(string(out))
}

// help gives what the program says of itself.
func help(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "run", "socialboards_exporter", "--help").CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func unique(re string, text string) []string {
	found := regexp.MustCompile(re).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestREADMENamesEveryFlagAndCommand(t *testing.T) {
	help, readme := help(t), read(t, "README.md")
	const flag = `--(?:[a-z]+[.-])*[a-z]+`
	defined := strings.Join(unique(`(?m)^(?:  -h, |      )--\S+`, help), "\n")
	inHelp := unique(flag, strings.ReplaceAll(defined, "--[no-]", "--"))
	_, table, found := strings.Cut(readme, "| flag | default | |")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	require.Equal(t, inHelp, unique(flag, table))

	_, list, found := strings.Cut(help, "Commands:")
	require.True(t, found)
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+)\*?(?: |$)`).FindAllStringSubmatch(list, -1) {
		if m[1] != "help" {
			require.Regexp(t, "(?m)^\\| `"+m[1]+"[` ]", readme)
		}
	}
}

func TestMetricsInDocsExist(t *testing.T) {
	known := map[string]bool{}
	for _, m := range exposition.Catalogue() {
		known[m.Name] = true
	}
	name := regexp.MustCompile(`\bsocialboards_[a-z_:0-9]+`)
	for _, page := range pages(t) {
		for _, m := range name.FindAllString(read(t, page), -1) {
			base := m
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if b, ok := strings.CutSuffix(m, suffix); ok && known[b] {
					base = b
				}
			}
			if strings.Contains(m, ":") { // a recording rule
				continue
			}
			if strings.HasPrefix(m, "socialboards_exporter") && !strings.Contains(strings.TrimPrefix(m, "socialboards_exporter"), "_") ||
				strings.HasSuffix(m, "_") || m == "socialboards_refresh_token" || m == "socialboards_verify_token" {
				continue // the program itself, a pattern such as socialboards_sla_*, a file
			}
			require.True(t, known[base], "%s names %s, which is not exposed", page, m)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			target := m[1]
			if strings.Contains(target, "://") {
				continue
			}
			path, anchor, _ := strings.Cut(target, "#")
			file := page
			if path != "" {
				file = filepath.Join(filepath.Dir(page), path)
				_, err := os.Stat(filepath.Join(root, file))
				require.NoError(t, err, "%s links to %s", page, target)
			}
			if anchor != "" && strings.HasSuffix(file, ".md") {
				require.Contains(t, anchors(read(t, file)), anchor, "%s links to %s", page, target)
			}
		}
	}
}

// anchors gives the fragments that headings of a page can be linked to by.
func anchors(text string) []string {
	var all []string
	drop := regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

func TestConfigurationInREADMEIsValid(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(read(t, "README.md"))
	require.NotNil(t, block)
	text := strings.ReplaceAll(block[1], "\n   ", "\n")
	_, err := config.Parse("README.md", []byte(strings.TrimPrefix(text, "   ")), t.TempDir(), config.Known{HolidayCountry: sla.HolidayCountry})
	require.NoError(t, err)
}
