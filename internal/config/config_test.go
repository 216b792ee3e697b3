package config

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const account = "api: {client_id: x, refresh_token: dummy}\n"

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("test.yml", []byte(text), "testdata", testKnown())
	require.NoError(t, err)
	return c
}

func refusal(t *testing.T, text string) string {
	t.Helper()
	_, err := Parse("test.yml", []byte(text), "testdata", testKnown())
	require.Error(t, err)
	return err.Error()
}

func TestDefaults(t *testing.T) {
	c := parse(t, account+"tickets: {discover: [{}]}")
	const day = 24 * time.Hour

	api := c.API()
	require.Equal(t, "https://api.socialboards.com", api.BaseURL)
	require.Equal(t, "https://api.socialboards.com/token", api.TokenURL)
	require.Equal(t, 10*time.Second, api.Timeout)
	require.InDelta(t, 5, api.RequestsPerSecond, 0)
	require.Equal(t, 10, api.Burst)
	require.Equal(t, 4, api.Concurrency)
	require.Empty(t, api.InboxURL)
	require.Equal(t, Poll{30 * time.Second, 15 * time.Minute, 6 * time.Hour, day, 90 * day}, c.Poll())
	require.Empty(t, c.Events().ActionTypes)
	require.Equal(t, Statuses{Labels: map[string]string{}, Done: []string{"completed"}}, c.Statuses())
	require.Equal(t, 1000, c.Users().Limit)
	require.False(t, c.Users().Names)
	require.Nil(t, c.Users().PseudonymKey())
	require.Equal(t, 5000, c.Metrics().MaxTickets)
	require.True(t, c.Metrics().NativeHistograms)
	require.Len(t, c.Metrics().StatusDurationBuckets, 14)
	require.Equal(t, 30*day, c.Metrics().StatusDurationBuckets[13])
	require.Equal(t, Shard{Total: 1}, c.Shard())
	_, webhook := c.Webhook()
	require.False(t, webhook)
	require.Empty(t, c.SLA())
	require.Empty(t, c.Warnings())
}

func TestFullFile(t *testing.T) {
	c, err := Load("testdata/full.ok.yml", testKnown())
	require.NoError(t, err)

	require.Equal(t, "https://api.socialboards.com", c.API().BaseURL, "without the slash at its end")
	token, err := c.API().RefreshToken()
	require.NoError(t, err)
	require.Equal(t, "refresh-token-of-the-tests", token)

	tickets := c.Tickets()
	require.Equal(t, []int64{255762, 4478963}, tickets.IDs)
	require.Equal(t, []Selection{
		{Status: "open"},
		{
			Status: "pending", Source: "web", CategoryID: 33527, CreatedWithin: 30 * 24 * time.Hour,
			CustomFields: []CustomField{{18464, "Option 2"}},
		},
		{Uncategorized: true},
		{},
	}, tickets.Discover)

	require.Equal(t, map[string]string{"Under behandling": "open", "Løst": "completed"}, c.Statuses().Labels)
	require.Equal(t, []string{"completed", "archived"}, c.Statuses().Done)
	require.Equal(t, 90*time.Minute, c.Metrics().StatusDurationBuckets[2])

	webhook, on := c.Webhook()
	require.True(t, on)
	require.Equal(t, "/webhook", webhook.Path)
	verify, err := webhook.VerifyToken()
	require.NoError(t, err)
	require.Equal(t, "verify-token-of-the-tests", verify)

	shard := c.Shard()
	require.Equal(t, []int{2, 3}, []int{shard.Index, shard.Total}, "the host is exporter-2")
	require.Equal(t, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), shard.Since)
}

func TestCalendars(t *testing.T) {
	c, err := Load("testdata/full.ok.yml", testKnown())
	require.NoError(t, err)
	all := c.SLA().Calendars
	require.Len(t, all, 2)
	nights, office := all[0], all[1]
	at := func(hour, minute int) time.Duration {
		return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	}

	require.Equal(t, "office", office.Name)
	require.Equal(t, "Europe/Oslo", office.Location.String())
	require.Equal(t, []Interval{{at(8, 0), at(11, 30)}, {at(12, 0), at(16, 0)}}, office.Hours[time.Thursday])
	require.Equal(t, []Interval{{at(8, 0), at(15, 0)}}, office.Hours[time.Friday])
	require.Empty(t, office.Hours[time.Saturday])
	require.Equal(t, "NO", office.Country)
	require.Equal(t, []Date{{2026, time.December, 24}}, office.Dates)

	overnight := []Interval{{at(18, 0), at(22, 0)}, {at(22, 0), at(6, 0)}}
	for _, day := range []time.Weekday{time.Friday, time.Saturday, time.Sunday, time.Monday} {
		require.Equal(t, overnight, nights.Hours[day], "sorted, and the span of days goes round the week")
	}
	require.Equal(t, []Interval{{at(16, 0), at(24, 0)}}, nights.Hours[time.Wednesday], "until 00:00 is until 24:00")
	require.Equal(t, []Interval{{0, at(24, 0)}}, nights.Hours[time.Thursday])
	require.Empty(t, nights.Hours[time.Tuesday])
}

func TestObjectives(t *testing.T) {
	c, err := Load("testdata/full.ok.yml", testKnown())
	require.NoError(t, err)
	all := c.SLA().Objectives
	require.Len(t, all, 4)

	require.Equal(t, FirstResponse, all[0].Measure)
	require.Equal(t, "office", all[0].Calendar)
	require.InDelta(t, 0.8, all[0].WarnAt, 0, "the default")
	require.Equal(t, 48*time.Hour, all[1].Target)
	require.Equal(t, []string{"pending"}, all[1].PauseIn)
	require.Equal(t, Match{Sources: []string{"web", "email"}, CategoryIDs: []int64{3, 1}, Tags: []string{"vip"}}, all[1].Match)
	require.Equal(t, "pending", all[2].Status)
	require.Equal(t, 90*time.Minute+30*time.Second, all[3].Target)
	require.InDelta(t, 0.5, all[3].WarnAt, 0)
}

func TestFilesAreReadAgainOnUse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	text := "api: {client_id: x, refresh_token_file: token}\ntickets: {ids: [1]}\n"
	c, err := Parse("test.yml", []byte(text), dir, Known{})
	require.NoError(t, err, "a token may come later")
	require.Contains(t, c.Warnings()[0], "api.refresh_token_file: the file cannot be used yet: no such file or directory")

	_, err = c.API().RefreshToken()
	require.ErrorContains(t, err, "api.refresh_token_file: no such file or directory")
	write("first\r\n")
	token, err := c.API().RefreshToken()
	require.NoError(t, err)
	require.Equal(t, "first", token)
	write("second")
	token, err = c.API().RefreshToken()
	require.NoError(t, err)
	require.Equal(t, "second", token)
	write(" \n")
	_, err = c.API().RefreshToken()
	require.EqualError(t, err, "api.refresh_token_file: "+path+" is empty")
}

func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		require.NoError(t, os.Chmod(path, mode))
	}
	file("open", "a-secret-of-some-length", 0o644)
	file("closed", "a-secret-of-some-length", 0o640)
	file("proxy", "http://u:p@127.0.0.1:1", 0o644)

	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want []string
	}{
		"none":       {"api: {client_id: x, refresh_token_file: closed}", 0o644, nil},
		"inline":     {"api: {client_id: x, refresh_token: dummy}", 0o644, []string{"holds api.refresh_token"}},
		"inline 600": {"api: {client_id: x, refresh_token: dummy}", 0o600, nil},
		"readable":   {"api: {client_id: x, refresh_token_file: open}", 0o600, []string{"can be read by every user"}},
		"proxy":      {"api: {client_id: x, refresh_token_file: closed, proxy_url_file: proxy}", 0o600, []string{"proxy can be read by every user"}},
		"key": {
			"api: {client_id: x, refresh_token_file: closed}\nusers: {pseudonym_key_file: open, names: true}", 0o600,
			[]string{"users.names: has no effect", "users.pseudonym_key_file: "},
		},
		"http":     {"api: {client_id: x, refresh_token_file: closed, base_url: 'http://api.example.com:80'}", 0o600, []string{"api.base_url: tokens", "api.token_url: tokens"}},
		"loopback": {"api: {client_id: x, refresh_token_file: closed, base_url: 'http://127.0.0.1:80', token_url: 'http://localhost/token'}", 0o600, nil},
		"ipv6":     {"api: {client_id: x, refresh_token_file: closed, base_url: 'http://[::1]:80', token_url: 'http://[::1]'}", 0o600, nil},
	} {
		t.Run(name, func(t *testing.T) {
			file("config.yml", test.text+"\ntickets: {ids: [1]}\n", test.mode)
			c, err := Load(filepath.Join(dir, "config.yml"), testKnown())
			require.NoError(t, err)
			warnings := c.Warnings()
			require.Len(t, warnings, len(test.want), "%q", warnings)
			for i, want := range test.want {
				require.Contains(t, warnings[i], want)
			}
		})
	}
}

func TestPseudonyms(t *testing.T) {
	c, err := Load("testdata/files.ok.yml", testKnown())
	require.NoError(t, err)
	require.Equal(t, []byte("0123456789abcdef0123456789abcdef"), c.Users().PseudonymKey())
	require.Zero(t, c.Users().Limit)
	require.Equal(t, "5f0c1e5a", c.API().ClientID)
	require.Equal(t, 1, c.Shard().Index)

	c = parse(t, account+"tickets: {ids: [1]}\nusers: {names: true, pseudonym_key_file: pseudonym_key}")
	require.False(t, c.Users().Names, "pseudonyms carry no names")
}

func TestShardByHostname(t *testing.T) {
	known := Known{Hostname: func() (string, error) { return "", os.ErrPermission }}
	text := account + "tickets: {ids: [1]}\nshard: {index: hostname, total: 2}"
	_, err := Parse("test.yml", []byte(text), "", known)
	require.ErrorContains(t, err, "permission denied")
	require.Contains(t, refusal(t, text), "shard.index: 2 is no shard of shard.total 2")
	require.Contains(t, refusal(t, account+"tickets: {ids: [1]}\nshard: {index: 4294967296, total: 2}"), "is no shard")
}

func TestSelectionKey(t *testing.T) {
	key := func(selection string) string {
		return parse(t, account+"tickets: {discover: ["+selection+"]}").Tickets().Discover[0].Key()
	}
	require.Equal(t,
		key("{status: pending, category_id: 3, created_within: 30d, custom_fields: [{key: 2, value: b}, {key: 1, value: a}]}"),
		key("{custom_fields: [{value: a, key: 1}, {value: b, key: 2}], created_within: 720h, category_id: 3, status: pending}"))
	different := map[string]bool{}
	for _, s := range []string{
		"{}", "{status: a}", "{source: a}", "{category_id: 1}", "{category_id: none}", "{created_within: 1d}",
		"{custom_fields: [{key: 1, value: a}]}", "{custom_fields: [{key: 1, value: b}]}", `{status: 'a","source":"b'}`, "{status: a, source: b}",
	} {
		different[key(s)] = true
	}
	require.Len(t, different, 10)
	require.Equal(t, "{}", key("{}"))
}

func TestDefinition(t *testing.T) {
	define := func(objective, calendar, rest string) string {
		c := parse(t, fmt.Sprintf("%stickets: {ids: [1]}\nsla: {calendars: {%s}, objectives: [{%s}]}\n%s", account, calendar, objective, rest))
		return c.SLA().Objectives[0].Definition()
	}
	const objective = "name: a, measure: resolution, target: 4h, calendar: c, pause_in: [p, q], match: {tags: [x, y]}"
	const calendar = `c: {timezone: UTC, hours: {mon-tue: ["08:00-12:00", "13:00-16:00"]}, holidays: {dates: [2026-12-24, 2026-12-25]}}`
	base := define(objective, calendar, "")

	same := map[string]string{
		"other name":       define("name: b, measure: resolution, target: 4h, calendar: c, pause_in: [p, q], match: {tags: [x, y]}", calendar, ""),
		"other warning":    define(objective+", warn_at: 0.5", calendar, ""),
		"other order":      define("match: {tags: [y, x]}, pause_in: [q, p], calendar: c, target: 240m, measure: resolution, name: a", calendar, ""),
		"calendar rewrite": define(objective, `c: {timezone: UTC, holidays: {dates: [2026-12-25, 2026-12-24]}, hours: {tue: ["8:00-12:00", "13:00-16:00"], mon: ["13:00-16:00", "08:00-12:00"]}}`, ""),
		"calendar renamed": define("name: a, measure: resolution, target: 4h, calendar: d, pause_in: [p, q], match: {tags: [x, y]}", "d"+calendar[1:], ""),
	}
	for what, definition := range same {
		require.Equal(t, base, definition, what)
	}
	other := map[string]string{
		"measure":  define("name: a, measure: update, target: 4h, calendar: c, pause_in: [p, q], match: {tags: [x, y]}", calendar, ""),
		"target":   define("name: a, measure: resolution, target: 5h, calendar: c, pause_in: [p, q], match: {tags: [x, y]}", calendar, ""),
		"pause":    define("name: a, measure: resolution, target: 4h, calendar: c, pause_in: [p], match: {tags: [x, y]}", calendar, ""),
		"match":    define("name: a, measure: resolution, target: 4h, calendar: c, pause_in: [p, q], match: {sources: [x, y]}", calendar, ""),
		"calendar": define("name: a, measure: resolution, target: 4h, pause_in: [p, q], match: {tags: [x, y]}", calendar, ""),
		"zone":     define(objective, `c: {timezone: Europe/Oslo, hours: {mon-tue: ["08:00-12:00", "13:00-16:00"]}, holidays: {dates: [2026-12-24, 2026-12-25]}}`, ""),
		"hours":    define(objective, `c: {timezone: UTC, hours: {mon-wed: ["08:00-12:00", "13:00-16:00"]}, holidays: {dates: [2026-12-24, 2026-12-25]}}`, ""),
		"country":  define(objective, `c: {timezone: UTC, hours: {mon-tue: ["08:00-12:00", "13:00-16:00"]}, holidays: {country: NO, dates: [2026-12-24, 2026-12-25]}}`, ""),
		"dates":    define(objective, `c: {timezone: UTC, hours: {mon-tue: ["08:00-12:00", "13:00-16:00"]}, holidays: {dates: [2026-12-24]}}`, ""),
		"done":     define(objective, calendar, "statuses: {done: [completed, archived]}"),
	}
	seen := map[string]string{base: "base"}
	for what, definition := range other {
		require.Empty(t, seen[definition], what)
		seen[definition] = what
	}
}

// TestUnchangeable writes into all that is given out and looks whether it took effect.
func TestUnchangeable(t *testing.T) {
	c, err := Load("testdata/full.ok.yml", testKnown())
	require.NoError(t, err)
	before, err := c.Masked()
	require.NoError(t, err)

	c.Tickets().IDs[0] = 1
	c.Tickets().Discover[0].Status = "x"
	c.Tickets().Discover[1].CustomFields[0].Value = "x"
	c.Events().ActionTypes[0] = "x"
	c.Statuses().Labels["Under behandling"] = "x"
	c.Statuses().Done[0] = "x"
	c.Metrics().StatusDurationBuckets[0] = 1
	sla := c.SLA()
	sla.Objectives[1].PauseIn[0], sla.Objectives[1].Match.Tags[0] = "x", "x"
	sla.Objectives[0].Name, sla.Calendars[0].Name = "x", "x"
	sla.Calendars[1].Dates[0].Year, sla.Calendars[1].Hours[1][0].From = 1, 1
	w, _ := c.Webhook()
	w.Path = "x"
	if warnings := c.Warnings(); len(warnings) > 0 {
		warnings[0] = "x"
		require.NotEqual(t, "x", c.Warnings()[0])
	}

	after, err := c.Masked()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestPrintingShowsNoSecret(t *testing.T) {
	c := parse(t, "api: {client_id: x, refresh_token: the-refresh-token}\ntickets: {ids: [1]}\nusers: {pseudonym_key_file: pseudonym_key}")
	for _, v := range []any{c, *c, c.API(), c.Users(), c.API().refresh} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, "the-refresh-token", verb)
			require.NotContains(t, text, "0123456789abcdef", verb)
		}
	}
}

func TestLoadOfNoFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yml"), Known{})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "none.yml")
	_, err = Load("/dev/zero", Known{})
	require.ErrorContains(t, err, "/dev/zero is larger than 16 MiB")
}

func TestSuggestions(t *testing.T) {
	known := []string{"interval", "max_interval", "done_for"}
	require.Equal(t, "did you mean interval?", suggest("Intervall", known))
	require.Equal(t, "did you mean done_for?", suggest("done-for", known))
	require.Equal(t, "known are done_for, interval, max_interval", suggest("x", known))
	require.Equal(t, "none can stand here", suggest("x", nil))
}
