//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const images = "../../../docs/images"

func TestPicturesShowTheFigures(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(images, table))
	require.NoError(t, err)
	all, err := read(bytes.NewReader(text))
	require.NoError(t, err)
	require.NotEmpty(t, all)
	var again bytes.Buffer
	require.NoError(t, write(&again, all))
	require.Equal(t, string(text), again.String())
	for name, c := range charts(all) {
		picture, err := os.ReadFile(filepath.Join(images, name))
		require.NoError(t, err)
		require.Equal(t, c.svg(), string(picture), "%s: draw it with go run ./internal/simulation/curves docs/images draw", name)
	}
}
