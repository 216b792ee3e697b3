package status

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, sentence, from, to string
	}{
		{"documented sample, English", `changed the status from "Open" to "Pending"`, "Open", "Pending"},
		{"documented sample, Norwegian", `endret sakens status fra "På vent" til "Åpen"`, "På vent", "Åpen"},
		{"guillemets", `endret status fra «På vent» til «Åpen»`, "På vent", "Åpen"},
		{"guillemets turned", `ændrede status fra »Åben« til »Afventer«`, "Åben", "Afventer"},
		{"guillemets turned one way", `ändrade status från »Öppen» till »Stängd»`, "Öppen", "Stängd"},
		{"English typography", `changed the status from “Open” to “Pending”`, "Open", "Pending"},
		{"German typography", `änderte den Status von „Offen“ auf „Wartend“`, "Offen", "Wartend"},
		{"Polish typography", `zmienił status z „Otwarte” na „Oczekujące”`, "Otwarte", "Oczekujące"},
		{"Swedish typography", `ändrade status från ”Öppen” till ”Stängd”`, "Öppen", "Stängd"},
		{"quotes of another kind inside", `from "Waiting for «Ops»" to "Done “really”"`, "Waiting for «Ops»", "Done “really”"},
		{"quotes behind backslashes", `from "The \"big\" one" to "a\\b"`, `The "big" one`, `a\b`},
		{"spaces around labels", `from " Open " to "` + "\u00a0" + `Pending"`, "Open", "Pending"},
		{"no spaces around quotes", `状態を"未対応"から"対応中"に変更`, "未対応", "対応中"},
		{"an apostrophe is no quote", `changed Ola's status from "Won't fix" to "Open"`, "Won't fix", "Open"},
		{"a quoted name before", `Ola "Kongen" Nordmann changed the status from "Open" to "Pending"`, "Open", "Pending"},
		{"a quoted name after", `endret status fra "Åpen" til "På vent" for Ola "Kongen" Nordmann`, "Åpen", "På vent"},
		{"a quoted name of another kind", `Ola «Kongen» ändrade status från "Öppen" till "Stängd"`, "Öppen", "Stängd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to, ok := Parse(c.sentence)
			require.True(t, ok)
			require.Equal(t, c.from, from)
			require.Equal(t, c.to, to)
		})
	}
}

func TestParseRefusesWhatIsNotCertain(t *testing.T) {
	for name, sentence := range map[string]string{
		"nothing":                   "",
		"no quotes":                 "changed the status from Open to Pending",
		"one label":                 `changed the status to "Pending"`,
		"a quote that does not end": `changed the status from "Open" to "Pending`,
		"an inch":                   `changed the 5" status from "Open" to "Pending"`,
		"an empty label":            `changed the status from "" to "Pending"`,
		"a label of spaces":         `changed the status from "Open" to " "`,
		"quotes of two kinds":       `Ola "Kongen" changed the status to «Pending»`,
		"three quotes, no words":    `"A" 從 "B" 到 "C"`,
		"two pairs":                 `from "A" to "B" and from "C" to "D"`,
		"single quotes":             `changed the status from 'Open' to 'Pending'`,
		"a guarded mark at the end": `from "Open" to "Pending\"`,
	} {
		t.Run(name, func(t *testing.T) {
			from, to, ok := Parse(sentence)
			require.False(t, ok, "%q, %q", from, to)
			require.Empty(t, from+to)
		})
	}
}

// Whatever the labels, what was put in quotes comes out again, in any style that does not
// use their characters; and no sentence whatever does harm.
func FuzzParse(f *testing.F) {
	f.Add("Open", "Pending")
	f.Add("På vent", "Åpen")
	f.Add(`a "b" c`, "«d»")
	f.Add("“x”", "„y“")
	f.Add(`\`, `\"`)
	f.Add("\xff", "\u00a0")
	styles := []struct{ open, closing string }{{`"`, `"`}, {"«", "»"}, {"»", "«"}, {"»", "»"}, {"“", "”"}, {"„", "“"}, {"„", "”"}, {"”", "”"}}
	f.Fuzz(func(t *testing.T, from, to string) {
		for _, raw := range []string{from, to, from + to} {
			if a, b, ok := Parse(raw); ok {
				require.NotEmpty(t, a)
				require.NotEmpty(t, b)
			} else {
				require.Empty(t, a+b)
			}
		}
		for _, s := range styles {
			a, b := strings.TrimSpace(from), strings.TrimSpace(to)
			marks := s.open + closing([]rune(s.open)[0]) + `\`
			if a == "" || b == "" || strings.ContainsAny(a+b, marks) {
				continue
			}
			gotFrom, gotTo, ok := Parse("changed from " + s.open + from + s.closing + " to " + s.open + to + s.closing)
			require.True(t, ok, "%q %q in %s%s", from, to, s.open, s.closing)
			require.Equal(t, a, gotFrom)
			require.Equal(t, b, gotTo)
		}
	})
}
