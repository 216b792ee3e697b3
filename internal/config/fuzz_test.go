package config

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse feeds Parse with anything: it must not panic, must say where it stumbled, must
// not tell a secret, and what it accepts must be shown as the same configuration.
func FuzzParse(f *testing.F) {
	paths, err := os.ReadDir("testdata")
	require.NoError(f, err)
	for _, entry := range paths {
		if strings.HasSuffix(entry.Name(), ".yml") {
			data, err := os.ReadFile("testdata/" + entry.Name())
			require.NoError(f, err)
			f.Add(string(data), "")
			if before, after, ok := strings.Cut(string(data), "tickets:"); ok {
				f.Add(before, "\ntickets:"+after)
			}
		}
	}
	f.Add("a: &a [*a, *a]\n", "b: *a")
	f.Add("tickets: {ids: [\"", "\"]}")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "ZmFyLXRvby1zZWNyZXQ="
		data := before + "\napi: {client_id: x, refresh_token: " + secret + "}\n" + after
		for _, text := range []string{before, data} {
			c, err := Parse("fuzz.yml", []byte(text), "testdata", testKnown())
			if err == nil {
				checkRoundTrip(t, c)
				continue
			}
			require.Nil(t, c)
			require.NotContains(t, err.Error(), secret)
			require.Regexp(t, `^fuzz\.yml:[1-9]`, err.Error())
		}
	})
}
