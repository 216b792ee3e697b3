package status

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var twoQuotes = regexp.MustCompile(`^[^"]*"([^"]*)"[^"]*"([^"]*)"[^"]*$`)

// FuzzSentence holds the reading of sentences in which only straight quotes stand, and
// nothing guards them, to a pattern.
func FuzzSentence(f *testing.F) {
	for _, s := range []string{
		`changed the status from "Open" to "Pending"`, `endret sakens status fra "På vent" til "Åpen"`, `"a""b"`, `" " to "b"`, `"a" "b" "c"`,
		`a "b" c "`, "from \"\xff\" to \"b\"", `Ola "K" changed it from "Open" to "Pending"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sentence string) {
		from, to, ok := Parse(sentence)
		if strings.ContainsAny(sentence, `«»“”„\`) {
			return
		}
		if strings.Count(sentence, `"`)%2 != 0 || strings.Count(sentence, `"`) < 4 {
			require.False(t, ok, "%q, %q", from, to)
			return
		}
		m := twoQuotes.FindStringSubmatch(sentence)
		if m == nil { // more is quoted, and words decide
			return
		}
		a, b := strings.TrimSpace(m[1]), strings.TrimSpace(m[2])
		require.Equal(t, a != "" && b != "", ok)
		if ok {
			require.Equal(t, []string{a, b}, []string{from, to})
		}
	})
}
