package doccheck

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table of what can go wrong names tests. One that was renamed would leave a promise
// that nobody keeps.
func TestTestsInReliabilityExist(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	require.NoError(t, err)
	named := unique("`Test[A-Za-z0-9]+`", read(t, "docs/reliability.md"))
	require.NotEmpty(t, named)
	for _, name := range named {
		require.Contains(t, tests.String(), "\nfunc "+strings.Trim(name, "`")+"(t *testing.T)", "docs/reliability.md names it")
	}
}
