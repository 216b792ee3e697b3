package apitest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is a Wednesday in the office hours of the invented team.
var noon = time.Date(2026, 3, 11, 11, 0, 0, 0, time.UTC)

func fixed() time.Time { return noon }

// client calls a server over HTTP with a good token.
type client struct {
	t     *testing.T
	s     *Server
	http  *http.Client
	token string
}

func newClient(t *testing.T, o Options) *client {
	t.Helper()
	if o.Now == nil {
		o.Now = fixed
	}
	s := Start(t, o)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, s: s, token: s.AccessToken(), http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// result is an answer that was read as far as it went.
type result struct {
	status int
	header http.Header
	body   string
	err    error
}

func (c *client) do(method, path, contentType, body string) result {
	c.t.Helper()
	req, err := http.NewRequest(method, c.s.URL()+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header.Set("Content-Type", contentType)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return result{err: err}
	}
	defer func() { require.NoError(c.t, resp.Body.Close()) }()
	b, err := io.ReadAll(resp.Body)
	return result{status: resp.StatusCode, header: resp.Header, body: string(b), err: err}
}

func (c *client) post(path, body string) result {
	c.t.Helper()
	return c.do(http.MethodPost, path, "application/json", body)
}

// list gives the ids that a list request shows.
func (c *client) list(body string) []int64 {
	c.t.Helper()
	var tickets []struct {
		ID int64 `json:"id"`
	}
	c.data(c.post("/tickets/list", body), &tickets)
	ids := []int64{}
	for _, t := range tickets {
		ids = append(ids, t.ID)
	}
	return ids
}

// shownEntry is an entry as a client sees it.
type shownEntry struct {
	Sentence string    `json:"actionString"`
	Type     string    `json:"actionType"`
	Time     time.Time `json:"time"`
	User     *struct {
		ID, Name, Email, Status string
		IsBot                   bool
	} `json:"user"`
}

func (c *client) log(pathAndQuery, body string) []shownEntry {
	c.t.Helper()
	var page []shownEntry
	c.data(c.post(pathAndQuery, body), &page)
	return page
}

func (c *client) data(r result, into any) {
	c.t.Helper()
	require.NoError(c.t, r.err)
	require.Equal(c.t, http.StatusOK, r.status, r.body)
	var env struct {
		Data      json.RawMessage `json:"data"`
		ErrorCode *int            `json:"errorCode"`
		ErrorText *string         `json:"errorText"`
	}
	require.NoError(c.t, json.Unmarshal([]byte(r.body), &env), r.body)
	require.NotNil(c.t, env.ErrorCode)
	require.Equal(c.t, -1, *env.ErrorCode)
	require.Nil(c.t, env.ErrorText)
	require.NoError(c.t, json.Unmarshal(env.Data, into))
}

// refresh asks for a token.
func (c *client) refresh(refreshToken string) (access, refresh string, r result) {
	c.t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {c.s.ClientID()}, "refresh_token": {refreshToken}}
	r = c.do(http.MethodPost, "/token", "application/x-www-form-urlencoded", form.Encode())
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Type    string `json:"token_type"`
	}
	if r.err == nil && r.status == http.StatusOK {
		require.NoError(c.t, json.Unmarshal([]byte(r.body), &tokens))
		require.Equal(c.t, "bearer", tokens.Type)
	}
	return tokens.Access, tokens.Refresh, r
}
