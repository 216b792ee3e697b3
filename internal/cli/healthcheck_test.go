package cli

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"
	"github.com/stretchr/testify/require"
)

func TestHealthCheckSeesThatTheProcessServes(t *testing.T) {
	config := filepath.Join(t.TempDir(), "web.yml")
	require.NoError(t, os.WriteFile(config, []byte("tls_server_config: {cert_file: c, key_file: k}\n"), 0o600))
	for name, test := range map[string]struct {
		status  int
		auth    tls.ClientAuthType
		healthy bool
	}{
		"healthy":                   {http.StatusOK, tls.NoClientCert, true},
		"behind basic auth":         {http.StatusUnauthorized, tls.NoClientCert, true},
		"asks for a certificate":    {http.StatusOK, tls.RequireAnyClientCert, true},
		"something else is serving": {http.StatusNotFound, tls.NoClientCert, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.Equal(t, "/-/healthy", r.URL.Path)
				w.WriteHeader(test.status)
			}))
			s.TLS = &tls.Config{ClientAuth: test.auth, MinVersion: tls.VersionTLS12}
			s.StartTLS()
			defer s.Close()
			address := s.Listener.Addr().String()
			check := func() error {
				var out bytes.Buffer
				flags := &web.FlagConfig{WebListenAddresses: &[]string{address}, WebConfigFile: &config}
				return HealthCheck(t.Context(), Flags{Web: flags, Out: &out})
			}
			require.Equal(t, test.healthy, check() == nil)
			s.Close()
			require.Error(t, check(), "nobody serves any more")
		})
	}
}

func TestLocalURL(t *testing.T) {
	dir := t.TempDir()
	withTLS, open := filepath.Join(dir, "tls.yml"), filepath.Join(dir, "open.yml")
	require.NoError(t, os.WriteFile(withTLS, []byte("tls_server_config: {cert_file: c, key_file: k}\n"), 0o600))
	require.NoError(t, os.WriteFile(open, []byte("basic_auth_users: {}\n"), 0o600))
	for _, test := range []struct{ listen, config, want string }{
		{":10066", "", "http://localhost:10066"},
		{"0.0.0.0:1", "", "http://localhost:1"},
		{"[::]:1", "", "http://localhost:1"},
		{"[::1]:1", "", "http://[::1]:1"},
		{"127.0.0.1:1", open, "http://127.0.0.1:1"},
		{"example.com:1", withTLS, "https://example.com:1"},
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
