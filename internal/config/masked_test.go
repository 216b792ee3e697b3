package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// checkRoundTrip parses what /config shows and compares the two configurations.
func checkRoundTrip(t require.TestingT, c *Config) {
	shown, err := c.Masked()
	require.NoError(t, err)
	again, err := Parse("masked.yml", shown, "testdata", testKnown())
	require.NoError(t, err, "%s", shown)
	for _, each := range []*Config{c, again} { // what is not to be equal
		each.warnings = nil
		if each.api.refresh.file == "" {
			*each.api.refresh.value = masked
		}
		for _, s := range each.secrets() {
			if s != nil && s.named == masked { // no file was there
				s.file = masked
			}
		}
	}
	require.Equal(t, c, again, "%s", shown)
}

func TestMaskedFilesAreTheSameConfiguration(t *testing.T) {
	for _, path := range filesLike(t, "testdata/*.ok.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			c, err := Load(path, testKnown())
			require.NoError(t, err)
			shown, err := c.Masked()
			require.NoError(t, err)
			for _, secret := range []string{"dummy", "hunter2", "the-refresh-token", "refresh-token-of-the-tests", "verify-token-of-the-tests", "0123456789abcdef"} {
				require.NotContains(t, string(shown), secret)
			}
			checkRoundTrip(t, c)
		})
	}
}

func TestMaskedShape(t *testing.T) {
	c := parse(t, account+"tickets: {ids: [7]}")
	shown, err := c.Masked()
	require.NoError(t, err)
	require.Contains(t, string(shown), "  refresh_token: <secret>\n")
	require.True(t, strings.HasPrefix(string(shown), "api:\n  base_url: https://api.socialboards.com\n"), "%s", shown)
	require.Contains(t, string(shown), "  done_for: 90d\n", "defaults are shown")
}

// TestAnyMaskedConfigurationIsTheSame draws configurations from everything the file can say.
func TestAnyMaskedConfigurationIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := yaml.Marshal(drawDocument(t))
		require.NoError(t, err)
		c, err := Parse("drawn.yml", text, "testdata", testKnown())
		require.NoError(t, err, "%s", text)
		checkRoundTrip(t, c)
	})
}

type doc = map[string]any

// maybe sets keys to what is drawn, each with even chances.
func maybe(t *rapid.T, m doc, values map[string]func() any) doc {
	keys := rapid.Custom(func(t *rapid.T) []string {
		var chosen []string
		for _, key := range sortedKeys(values) {
			if rapid.Bool().Draw(t, key) {
				chosen = append(chosen, key)
			}
		}
		return chosen
	}).Draw(t, "keys")
	for _, key := range keys {
		m[key] = values[key]()
	}
	return m
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	return sorted(keys)
}

func drawDocument(t *rapid.T) doc {
	text := func() any { return rapid.StringMatching(`[ -~æøå"'#:]{0,12}[a-z0-9]`).Draw(t, "text") }
	texts := func() any {
		return rapid.SliceOfNDistinct(rapid.StringMatching(`[!-~æøå]{1,8}`), 1, 3, rapid.ID).Draw(t, "texts")
	}
	word := rapid.StringMatching(`[a-z0-9][a-z_.æ-]{0,8}`)
	status := func() any { return word.Draw(t, "status") }
	statuses := func() any { return rapid.SliceOfNDistinct(word, 1, 3, rapid.ID).Draw(t, "statuses") }
	length := func() any { return rapid.StringMatching(`[1-9]\d{0,2}(ms|s|m|h|d|w)`).Draw(t, "duration") }
	ids := func() any {
		return rapid.SliceOfNDistinct(rapid.Int64Range(1, 1<<40), 1, 4, rapid.ID).Draw(t, "ids")
	}
	count := func() any { return rapid.IntRange(1, 1<<20).Draw(t, "count") }
	flag := func() any { return rapid.Bool().Draw(t, "flag") }

	d := doc{"api": maybe(t, doc{"client_id": "x" + text().(string), "refresh_token": "dummy"}, map[string]func() any{
		"timeout": length, "burst": count, "concurrency": count,
		"requests_per_second": func() any { return rapid.Float64Range(0.001, 1e6).Draw(t, "rate") },
		"inbox_url":           func() any { return "https://inbox.example.com/" + status().(string) },
	})}
	d["tickets"] = maybe(t, doc{"ids": ids()}, map[string]func() any{"discover": func() any {
		return []doc{maybe(t, doc{}, map[string]func() any{
			"status": status, "source": text, "created_within": length, "category_id": count,
			"custom_fields": func() any { return []doc{{"key": 2, "value": text()}, {"key": 1, "value": text()}} },
		}), {"category_id": "none"}}
	}})
	maybe(t, d, map[string]func() any{
		"poll":     func() any { return doc{"interval": "1ms", "max_interval": length(), "done_for": length()} },
		"events":   func() any { return doc{"action_types": texts()} },
		"statuses": func() any { return doc{"labels": doc{"På " + status().(string): status()}, "done": []string{"done"}} },
		"users":    func() any { return doc{"names": flag(), "limit": count()} },
		"metrics":  func() any { return doc{"max_tickets": count(), "native_histograms": flag()} },
		"shard":    func() any { return doc{"index": "hostname", "total": 3, "since": "2026-12-01T00:00:00.5+02:00"} },
		"webhook":  func() any { return doc{"verify_token_file": "verify_token", "path": "/" + word.Draw(t, "path") + "x"} },
		"sla": func() any {
			return doc{"calendars": doc{"c": drawCalendar(t)}, "objectives": []doc{
				maybe(t, doc{"name": "a", "measure": "resolution", "target": rapid.StringMatching(`[1-9]h[1-9]\d?m30s`).Draw(t, "target")}, map[string]func() any{
					"calendar": func() any { return "c" },
					"warn_at":  func() any { return rapid.Float64Range(0.01, 0.99).Draw(t, "warn_at") },
				}),
				maybe(t, doc{"name": "b", "measure": "time_in_status", "status": "open", "target": length()}, map[string]func() any{
					"pause_in": func() any { return []string{"pending"} },
					"match":    func() any { return doc{"tags": texts(), "category_ids": ids(), "sources": statuses()} },
				}),
			}}
		},
	})
	return d
}

func drawCalendar(t *rapid.T) doc {
	hours := doc{}
	for _, day := range weekdays() {
		a, b := rapid.IntRange(0, 11).Draw(t, "from"), rapid.IntRange(12, 23).Draw(t, "to")
		if day == "mon" || rapid.Bool().Draw(t, day) {
			hours[day] = []string{fmt.Sprintf("%02d:30-%02d:00", b, 24), fmt.Sprintf("%d:00-%02d:15", a, b)}
		}
	}
	zone := rapid.SampledFrom([]string{"UTC", "Europe/Oslo", "Asia/Kathmandu"}).Draw(t, "zone")
	return doc{"timezone": zone, "hours": hours, "holidays": doc{"country": "NO", "dates": []string{"2026-12-24", "2026-05-17"}}}
}

func (c *Config) secrets() []*secret {
	all := []*secret{c.api.refresh, c.api.way.proxy, c.users.pseudo}
	if c.webhook != nil {
		all = append(all, c.webhook.verify)
	}
	return all
}
