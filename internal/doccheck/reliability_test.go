package doccheck

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables of what can go wrong, and of what is protected, name tests. One that was renamed
// would leave a promise that nobody keeps.
func TestTestsInDocsExist(t *testing.T) {
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
	for _, page := range []string{"docs/reliability.md", "docs/security.md"} {
		named := unique("`(Test|Fuzz)[A-Za-z0-9]+`", read(t, page))
		require.NotEmpty(t, named)
		for _, name := range named {
			require.Contains(t, tests.String(), "\nfunc "+strings.Trim(name, "`")+"(", "%s names it", page)
		}
	}
}
