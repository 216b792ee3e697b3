package status

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	table := NewTable(map[string]string{"Under behandling": "in_progress", "Løst": "pending"},
		map[string]string{"Parkert": "pending", "Åpen": "completed", "Under behandling": "open"})
	for _, c := range []struct {
		label, status string
		recognized    bool
	}{
		{"Åpen", "open", true},
		{"ÅPEN", "open", true},
		{" åpen ", "open", true},
		{"A\u030apen", "open", true},
		{"\u212bpen", "open", true}, // the sign of the ångström
		{"På vent", "pending", true},
		{"på  vent", "pending", true},
		{"på\u00a0vent", "pending", true},
		{"Öppen", "open", true},
		{"O\u0308ppen", "open", true},
		{"open", "open", true},
		{"PENDING", "pending", true},
		{"completed", "completed", true},
		{"Under behandling", "in_progress", true}, // what is configured goes before what was learned
		{"Løst", "pending", true},                 // ... and before what is built in
		{"Parkert", "pending", true},
		{"parkert", "pending", true},
		{"Noe Annet", "noe_annet", false},
		{"", "unknown", false},
	} {
		status, recognized := table.Resolve(c.label)
		require.Equal(t, c.status, status, "%q", c.label)
		require.Equal(t, c.recognized, recognized, "%q", c.label)
	}
	require.Equal(t, []string{"completed", "in_progress", "open", "pending"}, table.Known())
	table.Known()[0] = "other"
	require.Equal(t, "completed", table.Known()[0], "a caller cannot change the table")
}

// What is built in was not learned: a label that one account once learned otherwise.
func TestBuiltInWordsGoBeforeLearnedOnes(t *testing.T) {
	status, _ := NewTable(nil, map[string]string{"Åpen": "completed"}).Resolve("Åpen")
	require.Equal(t, "open", status)
}

func TestNoWordMeansTwoThings(t *testing.T) {
	seen := map[string]string{}
	for language, statuses := range words {
		for status, labels := range statuses {
			for _, label := range labels {
				before, ok := seen[fold(label)]
				require.True(t, !ok || before == status, "%s %q: %s and %s", language, label, before, status)
				seen[fold(label)] = status
			}
		}
	}
}

func TestEveryWordIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/statuses.md")
	require.NoError(t, err)
	for language, statuses := range words {
		for status, labels := range statuses {
			var row string
			for line := range strings.Lines(string(doc)) {
				if strings.HasPrefix(line, "| "+language+" ") && strings.Contains(line, "`"+status+"`") {
					row = line
				}
			}
			require.NotEmpty(t, row, "%s %s", language, status)
			require.Contains(t, row, "| "+strings.Join(labels, ", ")+" |")
		}
	}
}

func TestSlug(t *testing.T) {
	for label, want := range map[string]string{
		"Under behandling":            "under_behandling",
		" På Vent\u00a0nå ":           "på_vent_nå",
		"":                            "unknown",
		"  ":                          "unknown",
		"未対応":                         "未対応",
		"a\xffb":                      "a\ufffdb",
		strings.Repeat("x", 200):      strings.Repeat("x", 128),
		"x" + strings.Repeat("Å", 90): "x" + strings.Repeat("å", 63),
	} {
		require.Equal(t, want, Slug(label), "%q", label)
	}
}

func FuzzSlug(f *testing.F) {
	for _, label := range []string{"", "Åpen", "a b", "\xff", strings.Repeat("Ⱥ", 70), "İ"} {
		f.Add(label)
	}
	table := NewTable(nil, nil)
	f.Fuzz(func(t *testing.T, label string) {
		s := Slug(label)
		require.True(t, utf8.ValidString(s))
		require.NotEmpty(t, s)
		require.LessOrEqual(t, len(s), 128)
		require.NotContains(t, s, " ")
		if status, ok := table.Resolve(label); !ok {
			require.Equal(t, s, status)
		}
		require.Equal(t, fold(label), fold(" "+fold(label)+" "), "folded once is folded for good")
	})
}
