package config

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheWayToTheAPI(t *testing.T) {
	c, err := Load("testdata/way.ok.yml", testKnown())
	require.NoError(t, err)
	text, err := os.ReadFile("testdata/ca.pem")
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	ca, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	_, err = ca.Verify(x509.VerifyOptions{Roots: c.API().Roots(), CurrentTime: ca.NotBefore})
	require.NoError(t, err)
	require.Equal(t, "http://scraper:hunter2@proxy.example.com:3128", c.API().Proxy().String())

	c = parse(t, account+"tickets: {ids: [1]}")
	require.Nil(t, c.API().Roots(), "as the machine says")
	require.Nil(t, c.API().Proxy(), "as the environment says")
	c = parse(t, "api: {client_id: x, refresh_token: dummy, proxy_url: 'socks5://127.0.0.1:1080'}\ntickets: {ids: [1]}")
	require.Equal(t, "socks5://127.0.0.1:1080", c.API().Proxy().String())
}

func TestAnotherWayIsSeen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, from string) {
		text, err := os.ReadFile("testdata/" + from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	write("ca.pem", "ca.pem")
	write("proxy", "proxy")
	with := func(keys string) API {
		c, err := Parse("test.yml", []byte("api: {client_id: x, refresh_token: dummy"+keys+"}\ntickets: {ids: [1]}"), dir, testKnown())
		require.NoError(t, err)
		return c.API()
	}
	require.True(t, with("").SameWay(with(", burst: 7")))
	require.False(t, with("").SameWay(with(", ca_file: ca.pem")))
	require.False(t, with("").SameWay(with(", proxy_url: 'http://127.0.0.1:1'")))
	before := with(", proxy_url_file: proxy")
	require.False(t, with("").SameWay(before))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "proxy"), []byte("http://other:hunter3@127.0.0.1:1"), 0o600))
	require.False(t, with(", proxy_url_file: proxy").SameWay(before), "what the file holds counts")
}

func TestWhatLooksSecret(t *testing.T) {
	for _, text := range []string{
		"c5ngLXd0zVrgN6U7jdAw2EOGd9fj0GkZEFOvdd6yEHo=", "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJjaWQiOiIxIn0.c2ln",
		"841c30d5-6ae4-4df1-939e-04c55aed5e98", "Bearer 0123456789abcdef0123456789abcdef", "token:AbCdEfGhIjKlMnOpQrSt1",
	} {
		require.Equal(t, masked, quote(text))
	}
	for _, text := range []string{
		"", "hunter2", "https://api.example.com/v2", "first_response_office_hours_2026", "2026-12-01T00:00:00Z", "America/Argentina/Buenos_Aires",
		"127.0.0.1:10067", "08:00-16:00", "/run/secrets/socialboards_refresh_token", "12345678901234567", "socialboards-refresh-token-1",
	} {
		require.NotEqual(t, masked, quote(text), "an error about it has to show it")
	}
}

// A token written where its file belongs must not come out by any door.
func TestATokenInPlaceOfItsFileIsNotShown(t *testing.T) {
	c := parse(t, "api: {client_id: x, refresh_token_file: hunter2}\ntickets: {ids: [1]}\nwebhook: {verify_token_file: hunter3}")
	shown, err := c.Masked()
	require.NoError(t, err)
	said := string(shown)
	require.Len(t, c.Warnings(), 2)
	for _, w := range c.Warnings() {
		said += w
	}
	_, err = c.API().RefreshToken()
	require.ErrorContains(t, err, "api.refresh_token_file")
	said += err.Error()
	w, _ := c.Webhook()
	_, err = w.VerifyToken()
	require.ErrorContains(t, err, "webhook.verify_token_file")
	said += err.Error()
	require.NotContains(t, said, "hunter")
	require.Contains(t, said, "refresh_token_file: <secret>")
}
