package tally

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestLabel(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"short", "På vent", "På vent"},
		{"exactly as long as allowed", strings.Repeat("a", 128), strings.Repeat("a", 128)},
		{"too long", strings.Repeat("a", 129), strings.Repeat("a", 128)},
		{"cut between runes", strings.Repeat("å", 100), strings.Repeat("å", 64)},
		{"a rune across the limit goes", "a" + strings.Repeat("å", 64), "a" + strings.Repeat("å", 63)},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
		{"not UTF-8 at the limit", strings.Repeat("a", 127) + "\xff", strings.Repeat("a", 127)},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, Label(tc.in)) })
	}
}

func FuzzLabel(f *testing.F) {
	for _, s := range []string{"", "open", "a\xff", strings.Repeat("å", 65), strings.Repeat("\xf0", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Label(s)
		require.True(t, utf8.ValidString(got))
		require.LessOrEqual(t, len(got), 128)
		require.Equal(t, got, Label(got), "cutting twice")
		if utf8.ValidString(s) {
			require.True(t, strings.HasPrefix(s, got))
			require.True(t, len(s) == len(got) || len(got) > 128-utf8.UTFMax, "cut more than needed")
		}
	})
}
