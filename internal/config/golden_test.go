package config

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the expected texts anew")

func testKnown() Known {
	return Known{
		HolidayCountry: func(code string) bool { return slices.Contains([]string{"NO", "SE", "US"}, code) },
		Hostname:       func() (string, error) { return "exporter-2", nil },
	}
}

// TestRefusedFiles compares what is said about each wrong file, word for word: line,
// column, key, value and the way to mend it are what the reader has.
func TestRefusedFiles(t *testing.T) {
	for _, path := range filesLike(t, "testdata/*.bad.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			known := testKnown()
			known.Hostname = func() (string, error) { return "laptop", nil }
			c, err := Load(path, known)
			require.Nil(t, c)
			var problems *Error
			require.ErrorAs(t, err, &problems)
			for _, secret := range []string{"the-refresh-token", "hunter2", "c5ngLXd0", "EHo=", "0123456789abcdef"} {
				require.NotContains(t, err.Error(), secret)
			}

			expected := strings.TrimSuffix(path, "yml") + "txt"
			if *update {
				require.NoError(t, os.WriteFile(expected, []byte(err.Error()+"\n"), 0o644))
			}
			want, readErr := os.ReadFile(expected)
			require.NoError(t, readErr)
			require.Equal(t, string(want), err.Error()+"\n")
		})
	}
}

func filesLike(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}
