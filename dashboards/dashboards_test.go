package dashboards_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/dashboards"
)

func boards(t *testing.T) []dashboards.Board {
	t.Helper()
	all, err := dashboards.All()
	require.NoError(t, err)
	return all
}

// What is committed is what is imported: it has to be what the code renders.
func TestRenderedBoardsAreCommitted(t *testing.T) {
	committed, err := filepath.Glob("json/*.json")
	require.NoError(t, err)
	all := boards(t)
	require.Len(t, committed, len(all))
	for _, b := range all {
		want, err := b.JSON()
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("json", b.Name+".json"))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%s.json is out of date: run make dashboards", b.Name)
	}
}

// Grafana goes through these lists without asking whether they are there.
func TestNoListIsNull(t *testing.T) {
	for _, b := range boards(t) {
		text, err := b.JSON()
		require.NoError(t, err)
		require.NotRegexp(t, `"(properties|overrides|targets|transformations|steps|options|panels|mappings|links|reducer)": null`, string(text), b.Name)
	}
}

// The library writes choices that were not made as empty words. Grafana takes them for made,
// and not for its defaults: with an empty orientation it draws only the first of several values.
func TestNoChoiceIsEmpty(t *testing.T) {
	for _, b := range boards(t) {
		text, err := b.JSON()
		require.NoError(t, err)
		require.NotRegexp(t, `"(orientation|[a-zA-Z]*[mM]ode|fill|placement|layout|cellHeight)": ""`, string(text), b.Name)
	}
}

// A panel's text for no data would stand in each empty cell of a table too.
func TestEmptyCellsDoNotSpeakForTheTable(t *testing.T) {
	for _, b := range boards(t) {
		for _, p := range panelsOf(t, b) {
			if p.Type != "table" {
				continue
			}
			require.NotEmpty(t, p.FieldConfig.Overrides, p.Title)
			for _, column := range p.FieldConfig.Overrides {
				require.Equal(t, "noValue", column.Properties[0]["id"], "%s: %s", p.Title, column.Matcher.Options)
				require.NotEqual(t, p.FieldConfig.Defaults.NoValue, column.Properties[0]["value"], "%s: %s", p.Title, column.Matcher.Options)
			}
		}
	}
}

// The same red is a breach and the same grey nobody, whatever else is in the chart: series
// that have a meaning get their colour by name, and no two of a chart the same.
func TestColoursTellSeriesApart(t *testing.T) {
	painted := 0
	for _, b := range boards(t) {
		for _, p := range panelsOf(t, b) {
			taken := map[any]string{}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if property["id"] != "color" {
						continue
					}
					colour := property["value"].(map[string]any)["fixedColor"]
					require.Empty(t, taken[colour], "%s: %s has the same colour", p.Title, o.Matcher.Options)
					taken[colour] = o.Matcher.Options
					painted++
				}
			}
		}
	}
	require.Positive(t, painted)
}

// panel is what the tests look at in a rendered panel.
type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ Type, UID string }
	Targets     []struct {
		Expr       string
		RefID      string
		Datasource struct{ Type, UID string }
	}
	FieldConfig struct {
		Defaults  struct{ Unit, NoValue string }
		Overrides []struct {
			Matcher    struct{ Options string }
			Properties []map[string]any
		}
	}
}

func panelsOf(t *testing.T, b dashboards.Board) []panel {
	t.Helper()
	text, err := b.JSON()
	require.NoError(t, err)
	var model struct{ Panels []panel }
	require.NoError(t, json.Unmarshal(text, &model))
	return model.Panels
}

func TestPanelsSayWhatToDo(t *testing.T) {
	for _, b := range boards(t) {
		ids := map[int]bool{}
		for _, p := range panelsOf(t, b) {
			require.Positive(t, p.ID)
			require.False(t, ids[p.ID], "%s: two panels have id %d", b.Name, p.ID)
			ids[p.ID] = true
			if p.Type == "row" {
				continue
			}
			require.Greater(t, len(p.Description), 30, "%s: %s has no description", b.Name, p.Title)
			require.NotEmpty(t, p.FieldConfig.Defaults.NoValue, "%s: %s says nothing when it is empty", b.Name, p.Title)
			if p.Type != "table" && p.Type != "heatmap" {
				require.NotEmpty(t, p.FieldConfig.Defaults.Unit, "%s: %s has no unit", b.Name, p.Title)
			}
		}
	}
}

func TestPanelsFitTheGrid(t *testing.T) {
	for _, b := range boards(t) {
		taken := map[[2]int]string{}
		for _, p := range panelsOf(t, b) {
			g := p.GridPos
			require.LessOrEqual(t, g.X+g.W, 24, "%s: %s", b.Name, p.Title)
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					require.Empty(t, taken[[2]int{x, y}], "%s: %s overlaps", b.Name, p.Title)
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// Each selector has to obey the variables, and nothing may be tied to one set-up.
func TestQueriesObeyTheVariables(t *testing.T) {
	selector := regexp.MustCompile(`[a-z_]+(?::[a-z_0-9]+)*:?[a-z_0-9]*\{[^}]*\}`)
	for _, b := range boards(t) {
		for _, p := range panelsOf(t, b) {
			if p.Type != "row" {
				require.Equal(t, "${datasource}", p.Datasource.UID, "%s: %s", b.Name, p.Title)
				require.NotEmpty(t, p.Targets, "%s: %s", b.Name, p.Title)
			}
			for _, q := range p.Targets {
				require.Equal(t, "${datasource}", q.Datasource.UID)
				found := selector.FindAllString(q.Expr, -1)
				require.NotEmpty(t, found, q.Expr)
				for _, s := range found {
					require.Contains(t, s, `job=~"$job"`, q.Expr)
					if !strings.HasPrefix(s, "job_objective:") {
						require.Contains(t, s, `instance=~"$instance"`, q.Expr)
					}
				}
			}
		}
	}
}

// Colours by name adapt to light and dark; hexadecimal ones do not.
func TestColoursAreNamed(t *testing.T) {
	for _, b := range boards(t) {
		text, err := b.JSON()
		require.NoError(t, err)
		require.NotRegexp(t, `"#[0-9a-fA-F]{3,8}"`, string(text), b.Name)
	}
}

func TestQueriesAreFound(t *testing.T) {
	for _, b := range boards(t) {
		targets := 0
		for _, p := range panelsOf(t, b) {
			targets += len(p.Targets)
		}
		queries := b.Queries()
		require.Len(t, queries, targets, b.Name)
		for _, q := range queries {
			require.NotRegexp(t, `\$[a-z_]`, q.Resolve("1h", "1m"), "%s: %s", b.Name, q.Panel)
		}
	}
}
