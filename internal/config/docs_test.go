package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const docs = "../../docs/"

// TestEveryKeyIsDocumented compares the keys that the decoder knows with the tables of
// docs/configuration.md. The decoder tells its keys when it meets one it does not know.
func TestEveryKeyIsDocumented(t *testing.T) {
	text := strings.ReplaceAll(`{X, api: {X}, poll: {X}, events: {X}, statuses: {X}, users: {X}, metrics: {X}, webhook: {X}, shard: {X},
tickets: {X, discover: [{X, custom_fields: [{X}]}]},
sla: {X, calendars: {office: {X, holidays: {X}}}, objectives: [{X, match: {X}}]}}`, "X", "zzzzzzzzzzzz: 1")
	_, err := Parse("keys.yml", []byte(text), "", Known{})
	var problems *Error
	require.ErrorAs(t, err, &problems)
	known := map[string]bool{}
	for _, p := range problems.Problems {
		at, isUnknown := strings.CutSuffix(p.Key, "zzzzzzzzzzzz")
		_, keys, _ := strings.Cut(p.Text, "known are ")
		if !isUnknown {
			continue
		}
		at = strings.NewReplacer("[0]", "[]", "office", "*").Replace(at)
		for _, key := range strings.Split(keys, ", ") {
			known[at+key] = true
		}
	}
	page, err := os.ReadFile(docs + "configuration.md")
	require.NoError(t, err)
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.*\\[\\]]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = true
	}
	for _, section := range []string{"api", "tickets", "poll", "events", "statuses", "users", "metrics", "sla", "webhook", "shard"} {
		require.True(t, known[section])
		require.Contains(t, string(page), "`"+section+"`")
		delete(known, section)
	}
	require.Equal(t, sortedKeys(known), sortedKeys(documented))
}

func TestDocumentedExamplesAreValid(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"refresh_token", "secrets/refresh_token", "verify_token"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("dummy"), 0o600))
	}
	whole, err := os.ReadFile(docs + "examples/socialboards.yml")
	require.NoError(t, err)
	c, err := Parse("socialboards.yml", whole, dir, testKnown())
	require.NoError(t, err)
	require.Empty(t, c.Warnings())

	page, err := os.ReadFile(docs + "configuration.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 6)
	for _, block := range blocks {
		text := block[1]
		if !strings.Contains(text, "api:") {
			text += account
		}
		if !strings.Contains(text, "tickets:") {
			text += "tickets: {ids: [1]}\n"
		}
		_, err := Parse("example.yml", []byte(text), dir, testKnown())
		require.NoError(t, err, text)
	}
	require.Contains(t, string(page), refusalOfTypo(t))
}

// refusalOfTypo gives the error that the page quotes.
func refusalOfTypo(t *testing.T) string {
	t.Helper()
	text := account + "tickets: {ids: [1]}\n" + strings.Repeat("\n", 4) + `sla:
  objectives:
    - {name: a, measure: resolution, target: 4h}
    - name: b
      measure: resolution
      targt: 4h
      target: 4h
`
	_, err := Parse("socialboards.yml", []byte(text), "", Known{})
	require.Error(t, err)
	return err.Error()
}
