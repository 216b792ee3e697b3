package apitest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tokens are the keys to the API: refresh tokens that stay until they are deleted or
// rotated, and access tokens that expire. Any number of them is good at once.
type tokens struct {
	made    uint64
	refresh map[string]bool
	current string // the refresh token that was last given out
	access  map[string]time.Time
	refuse  bool
}

func newTokens(o Options) tokens {
	return tokens{
		refresh: map[string]bool{o.RefreshToken: true},
		current: o.RefreshToken,
		access:  map[string]time.Time{},
	}
}

// ClientID is the client id that token requests must state.
func (s *Server) ClientID() string { return s.opts.ClientID }

// RefreshToken is the refresh token that a user would configure.
func (s *Server) RefreshToken() string { return s.opts.RefreshToken }

// CurrentRefreshToken is the refresh token that was last given out.
func (s *Server) CurrentRefreshToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens.current
}

// NewRefreshToken makes another refresh token, as a user can in the settings of the inbox.
func (s *Server) NewRefreshToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.nextToken("refresh token")
	s.tokens.refresh[t] = true
	return t
}

// DeleteRefreshToken makes a refresh token worthless.
func (s *Server) DeleteRefreshToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens.refresh, token)
}

// RefuseTokens makes the token endpoint refuse everything, or not any more. Access tokens
// that were given out stay good.
func (s *Server) RefuseTokens(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens.refuse = refuse
}

// ExpireTokens makes all access tokens that were given out worthless.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens.access)
}

// AccessToken gives a good access token without a request.
func (s *Server) AccessToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grantAccess()
}

func (s *Server) answerToken(req Request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	form, wrong := readTokenForm(req)
	switch {
	case wrong != "":
		return tokenError("invalid_request", wrong)
	case form.Get("grant_type") != "refresh_token":
		return tokenError("unsupported_grant_type", "")
	case form.Get("client_id") != s.opts.ClientID:
		return tokenError("invalid_client", "")
	case s.tokens.refuse, !s.tokens.refresh[form.Get("refresh_token")]:
		return tokenError("invalid_grant", "The refresh token is invalid.")
	case s.tokenSample != nil:
		return answer{status: http.StatusOK, body: s.tokenSample}
	}
	return s.grant(form.Get("refresh_token"))
}

// readTokenForm gives the form of a token request, or what is wrong with it.
func readTokenForm(req Request) (form url.Values, wrong string) {
	if kind, _, err := mime.ParseMediaType(req.ContentType); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, "The body must be a form."
	}
	form, err := url.ParseQuery(req.Body)
	if err != nil {
		return nil, "The form is malformed."
	}
	return form, ""
}

// grant answers with new tokens for a good refresh token. The caller holds mu.
func (s *Server) grant(refresh string) answer {
	if s.opts.RotateTokens {
		if !s.opts.KeepRotated {
			delete(s.tokens.refresh, refresh)
		}
		refresh = s.nextToken("refresh token")
		s.tokens.refresh[refresh] = true
	}
	s.tokens.current = refresh
	// A second less than the lifetime, as the documented sample has it.
	expires := max(1, int(s.opts.TokenLifetime.Seconds())-1)
	return jsonAnswer(http.StatusOK, struct {
		AccessToken  string `json:"access_token"`
		TokenType    string `json:"token_type"`
		ExpiresIn    int    `json:"expires_in"`
		RefreshToken string `json:"refresh_token"`
	}{s.grantAccess(), "bearer", expires, refresh})
}

// grantAccess makes an access token, and forgets those that have expired. The caller
// holds mu.
func (s *Server) grantAccess() string {
	now := s.opts.Now()
	maps.DeleteFunc(s.tokens.access, func(_ string, until time.Time) bool { return now.After(until) })
	t := s.nextToken("access token")
	s.tokens.access[t] = now.Add(s.opts.TokenLifetime)
	return t
}

func (s *Server) nextToken(kind string) string {
	s.tokens.made++
	return opaque(kind, s.opts.Seed, s.tokens.made)
}

func (s *Server) authorized(req Request) bool {
	scheme, token, _ := strings.Cut(req.Authorization, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.tokens.access[token]
	return ok && strings.EqualFold(scheme, "bearer") && s.opts.Now().Before(until)
}

// unauthorized is an answer of which the documentation says nothing: each differs.
func (s *Server) unauthorized(req Request) answer {
	const status = http.StatusUnauthorized
	s.mu.Lock()
	n := s.journal.counts[req.Endpoint]
	s.mu.Unlock()
	switch n % 4 {
	case 0:
		return answer{status: status}
	case 1:
		return failure(status, "Authorization has been denied for this request.")
	case 2:
		return answer{status: status, kind: htmlType, body: []byte("<html><body><h1>401 Unauthorized</h1></body></html>")}
	}
	return jsonAnswer(status, map[string]string{"Message": "Authorization has been denied for this request."})
}

func tokenError(code, description string) answer {
	body := map[string]string{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	return jsonAnswer(http.StatusBadRequest, body)
}

// ServeTokenSample answers good token requests with body, byte for byte; the tokens in it
// are good from now on. nil: no sample any more.
func (s *Server) ServeTokenSample(body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokenSample = body
	if body == nil {
		return nil
	}
	var t struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal(body, &t); err != nil {
		return fmt.Errorf("token sample: %w", err)
	}
	s.tokens.access[t.Access] = s.opts.Now().Add(s.opts.TokenLifetime)
	s.tokens.refresh[t.Refresh] = true
	return nil
}

// opaque makes a string that says nothing, always the same from the same parts.
func opaque(parts ...any) string {
	return base64.StdEncoding.EncodeToString(digest(parts...))
}

// guid makes a GUID, always the same from the same parts.
func guid(parts ...any) string {
	h := hex.EncodeToString(digest(parts...))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

func digest(parts ...any) []byte {
	sum := sha256.Sum256(fmt.Append(nil, parts...))
	return sum[:]
}
