package monitoring

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/dashboards"
)

func TestAlertsCarryWhatAPageNeeds(t *testing.T) {
	for _, r := range rules(t) {
		if r.Alert == "" {
			require.Empty(t, r.Labels, r.Record)
			continue
		}
		require.Contains(t, []string{"critical", "warning", "info"}, r.Labels["severity"], r.Alert)
		require.Contains(t, []string{"agents", "leads", "operators"}, r.Labels["audience"], r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		require.NotEmpty(t, r.Annotations["description"], r.Alert)
		require.NotEmpty(t, r.Annotations["value"], r.Alert)
		require.Equal(t, "docs/runbooks.md#"+strings.ToLower(r.Alert), r.Annotations["runbook_url"])
		if strings.Contains(r.Expr, "ticket_id") {
			require.Contains(t, r.Annotations["summary"], "$labels.ticket_id", r.Alert)
			require.Contains(t, r.Annotations["link"], "$labels.ticket_id", r.Alert)
		}
		if !strings.HasPrefix(r.Alert, "SocialboardsExporter") { // these rest on up, which a failed scrape sets
			require.NotEmpty(t, r.KeepFiringFor, "a missed scrape would resolve %s", r.Alert)
		}
	}
}

func TestAlertsHaveRunbooksReasonsAndStories(t *testing.T) {
	runbooks, reasons := read(t, "docs", "runbooks.md"), read(t, "docs", "alerts.md")
	stories := read(t, "alerts_test.yml") + read(t, "alerts_slow_test.yml")
	names := alertNames(t)
	for name := range names {
		_, section, found := strings.Cut(runbooks, "\n## "+name+"\n")
		require.True(t, found, "docs/runbooks.md has no section %s", name)
		section, _, _ = strings.Cut(section, "\n## ")
		for _, part := range []string{"**Means.**", "**See.**", "**Do.**"} {
			require.Contains(t, section, part, name)
		}
		require.Contains(t, reasons, "| ["+name+"](runbooks.md#"+strings.ToLower(name)+")", "docs/alerts.md")
		require.Regexp(t, "alertname: "+name+`(\n|, exp_alerts: \[\{)`, stories, "no story in which %s fires", name)
	}
	for _, section := range regexp.MustCompile(`(?m)^## (Socialboards\w+)$`).FindAllStringSubmatch(runbooks, -1) {
		require.True(t, names[section[1]], "docs/runbooks.md: there is no alert %s", section[1])
	}
}

// What queries ask for has to exist: in the reference of metrics, or as a recorded rule.
func TestQueriesAskForWhatExists(t *testing.T) {
	reference := read(t, "docs", "metrics.md")
	recorded := map[string]bool{}
	for _, r := range rules(t) {
		recorded[r.Record] = true
	}
	name := regexp.MustCompile(`\b(?:[a-z_]+:)?socialboards_[a-z_]+(?::[a-z0-9_]+)?\b`)
	check := func(where, expr string) {
		for _, metric := range name.FindAllString(expr, -1) {
			if strings.Contains(metric, ":") {
				require.True(t, recorded[metric], "%s: no rule records %s", where, metric)
				continue
			}
			plain := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(metric, "")
			require.Contains(t, reference, "`"+plain+"`", where)
		}
	}
	for _, r := range rules(t) {
		check(r.Alert+r.Record, r.Expr)
	}
	boards, err := dashboards.All()
	require.NoError(t, err)
	for _, b := range boards {
		for _, q := range b.Queries() {
			check(q.Board+" "+q.Panel, q.Expr)
		}
	}
	for _, q := range documentedQueries(t) {
		check(q.page+" "+q.heading, q.expr)
	}
}
