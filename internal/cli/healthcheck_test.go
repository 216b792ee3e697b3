package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLocalURL(t *testing.T) {
	dir := t.TempDir()
	tls, open := filepath.Join(dir, "tls.yml"), filepath.Join(dir, "open.yml")
	require.NoError(t, os.WriteFile(tls, []byte("tls_server_config: {cert_file: c, key_file: k}\n"), 0o600))
	require.NoError(t, os.WriteFile(open, []byte("basic_auth_users: {}\n"), 0o600))
	for _, test := range []struct{ listen, config, want string }{
		{":10066", "", "http://localhost:10066"},
		{"0.0.0.0:1", "", "http://localhost:1"},
		{"[::]:1", "", "http://localhost:1"},
		{"[::1]:1", "", "http://[::1]:1"},
		{"127.0.0.1:1", open, "http://127.0.0.1:1"},
		{"example.com:1", tls, "https://example.com:1"},
	} {
		got, err := localURL(test.listen, test.config)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	_, err := localURL("10066", "")
	require.ErrorContains(t, err, "10066")
	_, err = localURL(":1", filepath.Join(dir, "none.yml"))
	require.ErrorContains(t, err, "none.yml")
}
