package doccheck

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestREADMELeadsToEveryPage(t *testing.T) {
	_, index, found := strings.Cut(read(t, "README.md"), "## Documentation\n")
	require.True(t, found)
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		require.Contains(t, index, "](docs/"+filepath.Base(page)+")")
	}
}

// A map that leaves out a package is believed all the same.
func TestTheMapNamesEveryPackage(t *testing.T) {
	design := read(t, "docs/design.md")
	packages := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		if strings.HasPrefix(name, ".") && name != "." || name == "deploy" || d.Name() == "testdata" {
			return fs.SkipDir // deploy holds a module of its own
		}
		p, err := build.ImportDir(path, 0)
		if name == "." || err != nil && len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
			return nil
		}
		packages++
		require.Contains(t, design, "`"+filepath.ToSlash(name)+"`")
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, packages, 20)
}

// Tables, and links alone on their line, cannot be broken.
func TestLinesOfPagesAreShort(t *testing.T) {
	const widest = 140
	for _, page := range pages(t) {
		for i, line := range strings.Split(read(t, page), "\n") {
			if !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "[") {
				require.LessOrEqual(t, utf8.RuneCountInString(line), widest, "%s:%d", page, i+1)
			}
		}
	}
}
