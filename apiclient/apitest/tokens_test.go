package apitest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTokensExpire(t *testing.T) {
	now := noon
	c := newClient(t, Options{Now: func() time.Time { return now }, TokenLifetime: time.Hour})
	access, refresh, r := c.refresh(c.s.RefreshToken())
	require.Contains(t, r.body, `"expires_in":3599`)
	require.Equal(t, c.s.RefreshToken(), refresh, "without rotation the refresh token stays")

	c.token = access
	require.Equal(t, http.StatusOK, c.post("/tickets/list", "{}").status)
	now = now.Add(time.Hour - time.Second)
	require.Equal(t, http.StatusOK, c.post("/tickets/list", "{}").status)
	now = now.Add(time.Second)
	require.Equal(t, http.StatusUnauthorized, c.post("/tickets/list", "{}").status)
}

func TestSeveralAccessTokensAreGoodUntilExpired(t *testing.T) {
	c := newClient(t, Options{})
	first, _, _ := c.refresh(c.s.RefreshToken())
	second, _, _ := c.refresh(c.s.RefreshToken())
	require.NotEqual(t, first, second)
	for _, c.token = range []string{first, second} {
		require.Equal(t, http.StatusOK, c.post("/tickets/list", "{}").status)
	}
	c.s.ExpireTokens()
	for _, c.token = range []string{first, second, "", "nonsense"} {
		require.Equal(t, http.StatusUnauthorized, c.post("/tickets/list", "{}").status)
	}
}

func TestRotation(t *testing.T) {
	for _, keep := range []bool{false, true} {
		c := newClient(t, Options{RotateTokens: true, KeepRotated: keep})
		_, second, _ := c.refresh(c.s.RefreshToken())
		require.NotEqual(t, c.s.RefreshToken(), second)
		require.Equal(t, second, c.s.CurrentRefreshToken())
		_, _, old := c.refresh(c.s.RefreshToken())
		require.Equal(t, keep, old.status == http.StatusOK)
		_, third, r := c.refresh(second)
		require.Equal(t, http.StatusOK, r.status)
		require.NotEqual(t, second, third)
	}
}

func TestRotationHappensThoughTheAnswerIsLost(t *testing.T) {
	c := newClient(t, Options{RotateTokens: true})
	c.s.Fault(Fault{Endpoint: TokenEndpoint, Times: 1, ResetBody: true})
	_, _, r := c.refresh(c.s.RefreshToken())
	require.Error(t, r.err)
	_, _, r = c.refresh(c.s.RefreshToken())
	require.Equal(t, http.StatusBadRequest, r.status)
}

func TestRefusedTokens(t *testing.T) {
	c := newClient(t, Options{})
	good := url.Values{"grant_type": {"refresh_token"}, "client_id": {c.s.ClientID()}, "refresh_token": {c.s.RefreshToken()}}
	const form = "application/x-www-form-urlencoded"
	for name, change := range map[string]func(url.Values){
		"unsupported_grant_type": func(v url.Values) { v.Set("grant_type", "password") },
		"invalid_client":         func(v url.Values) { v.Del("client_id") },
		"invalid_grant":          func(v url.Values) { v.Set("refresh_token", "nonsense") },
	} {
		v := url.Values{}
		for k := range good {
			v.Set(k, good.Get(k))
		}
		change(v)
		r := c.do(http.MethodPost, "/token", form, v.Encode())
		require.Equal(t, http.StatusBadRequest, r.status)
		require.Contains(t, r.body, name)
	}
	require.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, "/token", "application/json", good.Encode()).status)
	require.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, "/token", form, "%zz").status)

	another := c.s.NewRefreshToken()
	c.s.RefuseTokens(true)
	_, _, r := c.refresh(another)
	require.Equal(t, http.StatusBadRequest, r.status)
	c.s.RefuseTokens(false)
	_, _, r = c.refresh(another)
	require.Equal(t, http.StatusOK, r.status)
	c.s.DeleteRefreshToken(another)
	_, _, r = c.refresh(another)
	require.Equal(t, http.StatusBadRequest, r.status)
}

func TestUnauthorizedAnswersDiffer(t *testing.T) {
	c := newClient(t, Options{})
	c.token = "nonsense"
	bodies := map[string]bool{}
	for range 8 {
		r := c.post("/tickets/list", "{}")
		require.Equal(t, http.StatusUnauthorized, r.status)
		bodies[r.body] = true
	}
	require.Greater(t, len(bodies), 2)
}
