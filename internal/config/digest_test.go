package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigestTellsConfigurationsApart(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("client_id", "one")
	write("pseudonym_key", "0123456789abcdef")
	digest := func(yaml string) string {
		c, err := Parse("f", []byte(yaml), dir, testKnown())
		require.NoError(t, err)
		d, err := c.Digest()
		require.NoError(t, err)
		require.NotContains(t, d, "hunter2")
		return d
	}
	const base = "api: {client_id_file: client_id, refresh_token: hunter2}\ntickets: {ids: [1]}\nusers: {pseudonym_key_file: pseudonym_key}\n"
	first := digest(base)
	require.Equal(t, first, digest("# a remark\n"+base+"poll: {interval: 30s}\n"), "the default, written out")
	different := map[string]bool{
		first: true,
		digest("api: {client_id_file: client_id, refresh_token: hunter3}\ntickets: {ids: [1]}\nusers: {pseudonym_key_file: pseudonym_key}\n"): true,
		digest(base + "poll: {interval: 31s}\n"): true,
	}
	write("client_id", "two")
	different[digest(base)] = true
	write("client_id", "one")
	write("pseudonym_key", "0123456789abcdeg")
	different[digest(base)] = true
	require.Len(t, different, 5)
}
