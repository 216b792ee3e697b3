package apiclient_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

// shelf is a TokenStore that can fail.
type shelf struct {
	mu       sync.Mutex
	kept     apiclient.Rotation
	saves    int
	loadFail error
	saveFail error
	onSave   func()
}

func (s *shelf) Load() (apiclient.Rotation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, s.loadFail
}

func (s *shelf) Save(r apiclient.Rotation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	if s.onSave != nil {
		s.onSave()
	}
	if s.saveFail == nil {
		s.kept = r
	}
	return s.saveFail
}

func (r *rig) tokens() int { return r.server.Count(apitest.TokenEndpoint) }

func TestATokenIsUsedUntilShortlyBeforeItsEnd(t *testing.T) {
	t.Parallel()
	for lifetime, margin := range map[time.Duration]time.Duration{
		time.Hour: time.Minute, 3 * time.Second: 300 * time.Millisecond,
	} {
		// The server states a second less than the lifetime.
		r := newRig(t, apitest.Options{TokenLifetime: lifetime + time.Second})
		r.must(t)
		r.must(t)
		r.clock.Advance(lifetime - margin - time.Nanosecond)
		r.must(t)
		require.Equal(t, 1, r.tokens(), lifetime)
		r.clock.Advance(time.Nanosecond)
		r.must(t)
		require.Equal(t, 2, r.tokens(), lifetime)
		require.Equal(t, []bool{false}, r.seen.refused, lifetime)
	}
}

func TestATokenThatCannotBeRenewedEarlyIsUsedToItsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{TokenLifetime: time.Hour})
	r.must(t)
	r.clock.Advance(59 * time.Minute)
	remove := r.server.Fault(apitest.Fault{Endpoint: apitest.TokenEndpoint, Status: 500})
	r.must(t)
	r.must(t)
	require.Equal(t, 2, r.tokens(), "and not tried again at once")
	r.clock.Advance(time.Minute)
	e := r.fails(t)
	require.Equal(t, apiclient.ServerError, e.Kind)
	require.Equal(t, apiclient.TokenEndpoint, e.Endpoint)
	_, err := r.ReadLog(t.Context(), 5, apiclient.LogQuery{})
	require.ErrorAs(t, err, &e)
	require.Equal(t, apiclient.TokenEndpoint, e.Endpoint)
	require.Zero(t, e.Ticket, "it is not about the ticket")
	remove()
	r.must(t)
}

func TestManyWaitForOneToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{}, func(o *apiclient.Options) { o.Concurrency = 8 })
	r.server.Fault(apitest.Fault{Endpoint: apitest.TokenEndpoint, SlowBody: 30 * time.Millisecond})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := r.List(t.Context(), apiclient.ListQuery{})
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.Equal(t, 1, r.tokens())
}

func TestARefusedAccessTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	r.must(t)
	r.server.ExpireTokens()
	r.must(t)
	require.Equal(t, 2, r.tokens())
	require.Equal(t, map[string]int{"token 200": 2, "list 200": 2, "list 401": 1}, r.seen.codes)
	require.Equal(t, []bool{false}, r.seen.refused)

	remove := r.server.Fault(apitest.Fault{Endpoint: apitest.ListEndpoint, Status: 401})
	e := r.fails(t)
	require.Equal(t, apiclient.Auth, e.Kind)
	require.Equal(t, 401, e.Status)
	require.Equal(t, map[string]int{"token 200": 3, "list 200": 2, "list 401": 3}, r.seen.codes)
	require.Equal(t, []bool{false, true}, r.seen.refused)

	var last time.Duration
	for range 8 {
		before := len(r.server.Requests())
		waited := r.passed(func() { require.Equal(t, apiclient.Auth, r.fails(t).Kind) })
		require.GreaterOrEqual(t, waited, min(max(5*time.Second, last*3/2), 5*time.Minute), "slowly")
		require.Len(t, r.server.Requests(), before+2, "one token, one request")
		last = waited
	}
	require.Equal(t, []bool{false, true}, r.seen.refused, "a new token alone is no reason for hope")
	remove()
	r.must(t)
	require.Equal(t, []bool{false, true, false}, r.seen.refused)
	r.server.ExpireTokens()
	require.Zero(t, r.passed(func() { r.must(t) }))
}

func TestARefusedRefreshTokenIsTriedSlowly(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]apitest.Fault{
		"400": {Status: 400}, "401": {Status: 401}, "403": {Status: 403},
		"200 that tells an error": {Body: `{"error":"invalid_grant","error_description":"secret"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, apitest.Options{})
			fault.Endpoint = apitest.TokenEndpoint
			remove := r.server.Fault(fault)
			e := r.fails(t)
			require.Equal(t, apiclient.Auth, e.Kind)
			require.Equal(t, apiclient.TokenEndpoint, e.Endpoint)
			require.NotContains(t, e.Error(), "secret")
			require.Equal(t, []bool{true}, r.seen.refused)
			took := r.passed(func() {
				for range 10 {
					require.Equal(t, apiclient.Auth, r.fails(t).Kind)
				}
			})
			require.Equal(t, 11, r.tokens())
			require.Greater(t, took, 20*time.Minute)
			require.Less(t, took, 40*time.Minute)
			remove()
			r.must(t)
			require.Equal(t, []bool{true, false}, r.seen.refused)
			require.Zero(t, r.seen.throttled)
		})
	}
}

func TestAnotherConfiguredTokenEndsTheWait(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	var change time.Time // when another token is configured
	r.options.RefreshToken = func() (string, error) {
		if change.IsZero() || r.clock.Now().Before(change) {
			return "wrong", nil
		}
		return r.server.RefreshToken(), nil
	}
	r.open(t)
	for range 8 {
		require.Equal(t, apiclient.Auth, r.fails(t).Kind)
	}
	change = r.clock.Now().Add(time.Minute)
	require.Equal(t, time.Minute, r.passed(func() { r.must(t) }), "though the wait was to be 5 min")
}

func TestAConfiguredTokenThatCannotBeReadIsWaitedFor(t *testing.T) {
	t.Parallel()
	missing := errors.New("the file is not there")
	r := newRig(t, apitest.Options{})
	text, err := "", missing
	r.options.RefreshToken = func() (string, error) { return text, err }
	r.open(t)
	e := r.fails(t)
	require.Equal(t, apiclient.Auth, e.Kind)
	require.ErrorIs(t, e, missing)
	require.Equal(t, []bool{true}, r.seen.refused)
	err = nil
	require.ErrorContains(t, r.fails(t), "empty")
	require.Zero(t, r.tokens())
	text = r.server.RefreshToken()
	require.Zero(t, r.passed(func() { r.must(t) }))
}

func TestTokenAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]apitest.Fault{
		"HTML": {HTML: true}, "nothing": {EmptyBody: true}, "cut": {Truncate: true},
		"no token": {Body: `{"token_type":"bearer"}`}, "null": {Body: `{"access_token":null}`},
		"another type": {Body: `{"access_token":["secret"]}`}, "no header": {Body: `{"access_token":"secret\r\nX: y"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, apitest.Options{})
			fault.Endpoint = apitest.TokenEndpoint
			remove := r.server.Fault(fault)
			e := r.fails(t)
			require.Equal(t, apiclient.BadAnswer, e.Kind)
			require.NotContains(t, e.Error(), "secret")
			require.Empty(t, r.seen.refused, "it says nothing of the token")
			remove()
			require.Zero(t, r.passed(func() { r.must(t) }))
		})
	}
}

func TestTokensAreReadWhateverTheirAnswerClaimsToBe(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{})
	r.server.Fault(apitest.Fault{Endpoint: apitest.TokenEndpoint, Header: map[string][]string{"Content-Type": {"text/plain"}}})
	r.must(t)
}

func TestARotatedTokenIsDurableBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{RotateTokens: true, TokenLifetime: time.Minute})
	s := &shelf{}
	s.onSave = func() { require.Zero(t, r.server.Count(apitest.ListEndpoint), "its access token was used before") }
	r.options.Rotated = s
	r.open(t)
	r.must(t)
	s.onSave = nil
	require.Equal(t, r.server.CurrentRefreshToken(), s.kept.Token)
	require.NotContains(t, s.kept.Configured, r.server.RefreshToken())
	for range 3 {
		r.clock.Advance(time.Hour)
		r.must(t)
		require.Equal(t, r.server.CurrentRefreshToken(), s.kept.Token)
	}
	r.clock.Advance(time.Hour)
	r.open(t)
	r.must(t)
	require.Equal(t, 5, r.tokens(), "after a restart the rotated one is sent at once")
	require.Equal(t, []bool{false}, r.seen.refused)
}

func TestARotatedTokenThatCannotBeSavedWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{RotateTokens: true})
	s := &shelf{saveFail: errors.New("the disk is full")}
	r.options.Rotated = s
	r.open(t)
	for range 3 {
		e := r.fails(t)
		require.Equal(t, apiclient.Auth, e.Kind)
		require.ErrorIs(t, e, s.saveFail)
	}
	require.Equal(t, 1, r.tokens(), "no token is asked for, to lose another one")
	require.Zero(t, r.server.Count(apitest.ListEndpoint))
	require.Equal(t, []bool{true}, r.seen.refused)
	s.saveFail = nil
	r.must(t)
	require.Equal(t, 1, r.tokens())
	require.Equal(t, r.server.CurrentRefreshToken(), s.kept.Token)
	require.Equal(t, []bool{true, false}, r.seen.refused)
}

func TestWhichRefreshTokenIsSent(t *testing.T) {
	t.Parallel()
	t.Run("the stored one is refused, the configured one is tried once", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, apitest.Options{RotateTokens: true, KeepRotated: true})
		s := &shelf{}
		r.options.Rotated = s
		r.open(t)
		r.must(t)
		r.server.DeleteRefreshToken(s.kept.Token)
		r.open(t)
		r.must(t)
		require.Equal(t, 3, r.tokens())
		require.Equal(t, r.server.CurrentRefreshToken(), s.kept.Token)

		r.server.RefuseTokens(true)
		r.open(t)
		require.Equal(t, apiclient.Auth, r.fails(t).Kind)
		require.Equal(t, 5, r.tokens())
	})
	t.Run("a refused one is not sent again at each start", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, apitest.Options{RotateTokens: true, KeepRotated: true})
		s := &shelf{}
		r.options.Rotated = s
		r.open(t)
		r.must(t)
		r.server.DeleteRefreshToken(s.kept.Token)
		steady := r.server.Fault(apitest.Fault{Endpoint: apitest.TokenEndpoint, Edit: func(body []byte) []byte {
			return []byte(strings.Replace(string(body), `"refresh_token"`, `"other"`, 1)) // no rotation
		}})
		defer steady()
		r.open(t)
		r.must(t)
		require.Equal(t, 3, r.tokens())
		r.open(t)
		r.must(t)
		require.Equal(t, 4, r.tokens())
	})
	t.Run("a newly configured one wins", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, apitest.Options{RotateTokens: true})
		s := &shelf{}
		r.options.Rotated = s
		r.open(t)
		r.must(t)
		fresh := r.server.NewRefreshToken()
		r.options.RefreshToken = func() (string, error) { return fresh, nil }
		r.open(t)
		r.must(t)
		requests := r.server.Requests()
		require.Equal(t, 2, r.tokens())
		require.Contains(t, requests[len(requests)-2].Body, "refresh_token="+urlEscaped(fresh))
		require.Equal(t, r.server.CurrentRefreshToken(), s.kept.Token)
	})
	t.Run("a store that cannot be read", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, apitest.Options{RotateTokens: true})
		s := &shelf{loadFail: errors.New("store.json is damaged")}
		r.options.Rotated = s
		r.open(t)
		r.must(t)
		require.Contains(t, r.logged.String(), "store.json is damaged")
		require.Equal(t, 1, s.saves)
	})
	t.Run("without a store", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, apitest.Options{RotateTokens: true, TokenLifetime: time.Minute})
		for range 3 {
			r.must(t)
			r.clock.Advance(time.Hour)
		}
		require.Equal(t, []bool{false}, r.seen.refused)
	})
}

func urlEscaped(s string) string {
	return strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(s)
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t, apitest.Options{RotateTokens: true, KeepRotated: true})
	r.options.Rotated = apiclient.FileTokens(filepath.Join(t.TempDir(), "gone", "token.json"))
	r.open(t)
	errs := []error{r.fails(t), r.fails(t)}
	r.options.Rotated = nil
	r.open(t)
	r.must(t)
	for _, fault := range []apitest.Fault{{Status: 401}, {Status: 400}, {HTML: true}, {Reset: true}, {Truncate: true}, {Redirect: "http://x.invalid"}} {
		remove := r.server.Fault(fault)
		errs = append(errs, r.fails(t))
		remove()
	}
	shown := r.logged.String()
	for _, err := range errs {
		shown += err.Error()
	}
	for _, q := range r.server.Requests() {
		if _, token, ok := strings.Cut(q.Authorization, " "); ok {
			require.NotContains(t, shown, token)
		}
	}
	for _, secret := range []string{r.server.RefreshToken(), r.server.CurrentRefreshToken()} {
		require.NotContains(t, shown, secret)
		require.NotContains(t, shown, urlEscaped(secret))
	}
}

func TestFileTokens(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token.json")
	s := apiclient.FileTokens(path)
	r, err := s.Load()
	require.NoError(t, err)
	require.Zero(t, r)
	for _, want := range []apiclient.Rotation{{Configured: "a", Token: "secret 1"}, {Configured: "b", Token: "secret 2"}} {
		require.NoError(t, s.Save(want))
		got, err := apiclient.FileTokens(path).Load()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	mode := func() os.FileMode {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	require.Equal(t, os.FileMode(0o600), mode())
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = s.Load()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), mode(), "a copy that everybody could read is tightened")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary file is left")

	for _, damaged := range []string{"", "{", `{"refresh_token":"secret"}`, `{"configured_sha256":"a"}`, `"secret"`, "\x00\x00"} {
		require.NoError(t, os.WriteFile(path, []byte(damaged), 0o600))
		_, err := s.Load()
		require.ErrorContains(t, err, path)
		require.NotContains(t, err.Error(), "secret")
	}
	require.Error(t, apiclient.FileTokens(filepath.Dir(path)).Save(r), "a directory stands there")
	left, err = os.ReadDir(filepath.Dir(filepath.Dir(path)))
	require.NoError(t, err)
	for _, f := range left {
		require.NotContains(t, f.Name(), ".tmp")
	}
	_, err = apiclient.FileTokens(filepath.Dir(path)).Load()
	require.Error(t, err)
}
