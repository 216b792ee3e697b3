package acceptance

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"socialboards_exporter/apiclient/apitest"
)

// guarded is an exporter whose every secret is odd, and written nowhere but where it belongs.
type guarded struct {
	*exporter
	sim   *apitest.Server
	hook  string // address of the webhook listener
	vault vault
}

const secretive = `
api:
  base_url: $BASE_URL
  client_id_file: client_id
  refresh_token_file: refresh_token
  requests_per_second: 2000
  burst: 100
poll: {interval: 1s, max_interval: 1s, read_max_interval: 2s, done_max_interval: 2s}
tickets: {discover: [{}]}
users: {pseudonym_key_file: pseudonym_key}
webhook: {listen_address: "$HOOK", path: /hook, verify_token_file: verify_token}
`

func guard(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{hook: freeAddress(t), vault: vault{
		"refresh token": `rT7f"Qz<+/%41&e=\>Zk9 of the api`, "client id": "cid-83hd72hs-of-the-account", "pseudonym key": "pK/8s7dhf6s+of=users&4jd8",
		"verify token": "vT 5jf8&s+of%20the/hook", "password": "pW:9sk3+of/basic=auth", "proxy password": "pP-7dh3ks-of-the-proxy",
	}}
	g.sim = apitest.Start(t, apitest.Options{Tickets: 3, RefreshToken: g.vault["refresh token"], ClientID: g.vault["client id"], RotateTokens: true, KeepRotated: true})
	g.sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), time.Now().Add(-time.Hour))
	hash, err := bcrypt.GenerateFromPassword([]byte(g.vault["password"]), bcrypt.MinCost)
	require.NoError(t, err)
	g.vault["password's hash"] = string(hash)

	g.exporter = newExporter(t, g.sim, strings.ReplaceAll(secretive, "$HOOK", g.hook), "--log.level=debug")
	for name, text := range map[string]string{
		"client_id": g.vault["client id"], "pseudonym_key": g.vault["pseudonym key"], "verify_token": g.vault["verify token"],
		"web.yml": "basic_auth_users: {scraper: " + string(hash) + "}\n",
	} {
		g.write(name, text)
	}
	g.flag("web.config.file", filepath.Join(g.dir, "web.yml"))
	g.env = []string{"HTTPS_PROXY=http://scraper:" + g.vault["proxy password"] + "@127.0.0.1:1"} // not used on the way to this host
	return g
}

func (g *guarded) write(name, text string) {
	g.t.Helper()
	require.NoError(g.t, os.WriteFile(filepath.Join(g.dir, name), []byte(text), 0o600))
}

// ask makes a request as one who may, and gives all of the answer, headers included.
func (g *guarded) ask(method, address string, header ...string) (status int, said []byte) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address, nil)
	require.NoError(g.t, err)
	req.SetBasicAuth("scraper", g.vault["password"])
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(g.t, err)
	return resp.StatusCode, append(fmt.Appendln(nil, resp.Header), body...)
}

// until waits for a line of /metrics.
func (g *guarded) until(line string) {
	g.t.Helper()
	var last []byte
	require.Eventually(g.t, func() bool {
		_, last = g.ask(http.MethodGet, g.address+"/metrics")
		return strings.Contains(string(last), "\n"+line)
	}, 20*time.Second, 20*time.Millisecond, "%s\n%s", line, last)
}

// all gives the secrets, those that the API gave included.
func (g *guarded) all() vault {
	v := maps.Clone(g.vault)
	v["rotated token"] = g.sim.CurrentRefreshToken()
	for _, req := range g.sim.Requests() {
		if _, token, ok := strings.Cut(req.Authorization, " "); ok {
			v["access token "+token[:4]] = token
		}
		form, err := url.ParseQuery(req.Body)
		if token := form.Get("refresh_token"); err == nil && token != "" {
			v["refresh token "+token[:4]] = token
		}
	}
	return v
}

// check looks for secrets behind every door.
func (g *guarded) check(when string) {
	g.t.Helper()
	v := g.all()
	g.checkPages(when, v)
	if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", g.cmd.Process.Pid)); err == nil { // where there is such a thing
		v.requireKept(g.t, when+": the command line", line)
	}
	// How a running Go program is made to tell all that it is doing.
	require.NoError(g.t, g.cmd.Process.Signal(syscall.SIGQUIT))
	<-g.exited
	require.Contains(g.t, g.log.String(), "goroutine ")
	v.requireKept(g.t, when+": the log and the dump of goroutines", []byte(g.log.String()))
	g.checkStore(when, v)
}

func (g *guarded) checkPages(when string, v vault) {
	g.t.Helper()
	for _, page := range []string{
		"/", "/metrics", "/tickets", "/tickets?format=json", "/config", "/-/healthy", "/-/ready", "/nothing", "/debug/pprof/", "/debug/vars",
	} {
		for _, accept := range []string{"text/html", "application/openmetrics-text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
			status, said := g.ask(http.MethodGet, g.address+page, "Accept", accept)
			require.NotZero(g.t, status, page)
			v.requireKept(g.t, when+": "+page, said)
		}
	}
	_, said := g.ask(http.MethodPost, g.address+"/-/reload")
	v.requireKept(g.t, when+": reload", said)
	for _, token := range []string{"wrong", g.vault["verify token"]} {
		_, said = g.ask(http.MethodGet, g.hook+"/hook?challenge=1&verifyToken="+url.QueryEscape(token))
		v.requireKept(g.t, when+": the webhook", said)
	}
}

// checkStore: what is kept is the owner's alone, and holds no secret but the rotated token,
// in the one file that is there for it. The client id says whose the store is.
func (g *guarded) checkStore(when string, v vault) {
	g.t.Helper()
	delete(v, "client id")
	err := filepath.WalkDir(filepath.Join(g.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		require.NoError(g.t, err)
		info, err := d.Info()
		require.NoError(g.t, err)
		if d.IsDir() {
			require.Equal(g.t, fs.FileMode(0o700), info.Mode().Perm(), path)
			return nil
		}
		require.Equal(g.t, fs.FileMode(0o600), info.Mode().Perm(), path)
		text, err := os.ReadFile(path)
		require.NoError(g.t, err)
		if d.Name() != "refresh_token.json" {
			v.requireKept(g.t, when+": "+path, text)
		}
		return nil
	})
	require.NoError(g.t, err)
}

func TestNoSecretComesOutWhileAllIsWell(t *testing.T) {
	t.Parallel()
	g := guard(t)
	for _, agent := range g.sim.Agents() { // known by pseudonyms only
		g.vault["name of "+agent.Name], g.vault["id of "+agent.Name] = agent.Name, agent.ID
		g.sim.Reply(g.sim.TicketIDs()[0], agent, time.Now().Add(-time.Minute))
		g.sim.Assign(g.sim.TicketIDs()[0], agent, agent, time.Now().Add(-time.Minute))
	}
	g.start()
	g.until("socialboards_exporter_ready 1")
	_, said := g.ask(http.MethodGet, g.address+"/metrics")
	require.Regexp(t, `socialboards_ticket_events_total\{action_type="reply_created",user_id="[0-9a-f]{16}",user_type="team"\} 1`, string(said))
	g.check("well")
	require.FileExists(t, filepath.Join(g.dir, "data", "refresh_token.json"))
}

// What a hostile server, or what stands in its place, answers may repeat what it was sent.
func TestNoSecretComesOutWhenTheAPIIsHostile(t *testing.T) {
	t.Parallel()
	g := guard(t)
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	echo := g.vault["refresh token"] + " " + g.vault["client id"]
	told := func(endpoint string, code string) string {
		return fmt.Sprintf("socialboards_exporter_api_requests_total{code=%q,endpoint=%q} 1", code, endpoint)
	}
	for name, c := range map[string]struct {
		fault apitest.Fault
		code  string
	}{
		"refused, and repeated": {apitest.Fault{Endpoint: apitest.TokenEndpoint, Status: 400,
			Body: fmt.Sprintf(`{"error":"invalid_grant","error_description":%q}`, echo)}, "400"},
		"an error with 200":           {apitest.Fault{Endpoint: apitest.TokenEndpoint, Body: fmt.Sprintf(`{"access_token":"x","error":%q}`, echo)}, "200"},
		"a token that is none":        {apitest.Fault{Endpoint: apitest.TokenEndpoint, Body: fmt.Sprintf(`{"access_token":%q}`, "a "+echo)}, "200"},
		"the form in place of JSON":   {apitest.Fault{Endpoint: apitest.TokenEndpoint, Body: "refresh_token=" + url.QueryEscape(echo)}, "200"},
		"a page that repeats":         {apitest.Fault{Endpoint: apitest.ListEndpoint, Status: 500, Body: "<html>" + echo + "</html>"}, "500"},
		"an error text that repeats":  {apitest.Fault{Endpoint: apitest.ListEndpoint, Body: fmt.Sprintf(`{"data":null,"errorCode":7,"errorText":%q}`, echo)}, "200"},
		"a header that repeats":       {apitest.Fault{Endpoint: apitest.ListEndpoint, Status: 429, Header: http.Header{"Retry-After": {echo}, "X": {echo}}}, "429"},
		"a redirect to somebody else": {apitest.Fault{Endpoint: apitest.ListEndpoint, Redirect: elsewhere.URL + "/?" + url.QueryEscape(echo)}, "307"},
		"the tokens' redirect":        {apitest.Fault{Endpoint: apitest.TokenEndpoint, Redirect: elsewhere.URL + "/token"}, "307"},
		"cut off":                     {apitest.Fault{Endpoint: apitest.TokenEndpoint, WrongLength: true}, "none"},
	} {
		endpoint := map[string]string{apitest.TokenEndpoint: "token", apitest.ListEndpoint: "list"}[c.fault.Endpoint]
		end := g.sim.Fault(c.fault)
		g.log = &logBuffer{}
		g.start()
		g.until(strings.TrimSuffix(told(endpoint, c.code), "1"))
		g.until(`socialboards_exporter_ready 0`)
		g.check(name)
		require.Contains(t, g.log.String(), "level=warn", name)
		end()
	}
	require.Zero(t, visits.Load(), "nobody else was asked")
}

// What is wrong with a configuration is said without the secrets in it, at the start, at a
// reload and by check-config.
func TestNoSecretComesOutOfAWrongConfiguration(t *testing.T) {
	t.Parallel()
	g := guard(t)
	path := filepath.Join(g.dir, "socialboards.yml")
	right, err := os.ReadFile(path)
	require.NoError(t, err)
	g.start()
	g.until("socialboards_exporter_ready 1")

	const token = "c5ngLXd0zVrgN6U7jdAw2EOGd9fj0GkZEFOvdd6yEHo="
	g.vault["token in the file"] = token
	for name, change := range map[string][2]string{
		"in place of its file":   {"refresh_token_file: refresh_token", "refresh_token_file: " + token},
		"in place of the id's":   {"client_id_file: client_id", "client_id_file: " + token},
		"in place of the key's":  {"pseudonym_key_file: pseudonym_key", "pseudonym_key_file: " + token},
		"in place of the hook's": {"verify_token_file: verify_token", "verify_token_file: " + token},
		"in an address":          {"base_url: ", "base_url: http://me:" + token + "@"},
		"in a query":             {"  client_id_file", "  token_url: https://api.example.com/token?key=" + token + "\n  client_id_file"},
		"a key too much":         {"refresh_token_file: refresh_token", "refresh_token_file: refresh_token\n  refresh_tokn: " + token},
		"given twice":            {"refresh_token_file: refresh_token", "refresh_token_file: refresh_token\n  refresh_token: " + token},
		"without a space":        {"refresh_token_file: refresh_token", "refresh_token:" + token},
		"without a colon":        {"refresh_token_file: refresh_token", "refresh_token " + token},
		"as a key":               {"refresh_token_file: refresh_token", token + ": refresh_token"},
		"as a list":              {"refresh_token_file: refresh_token", "refresh_token: [" + token + "]"},
		"as an anchor":           {"refresh_token_file: refresh_token", "refresh_token: *" + token},
		"as a tag":               {"refresh_token_file: refresh_token", "refresh_token: !" + token},
		"as a section":           {"poll: {", "poll: " + token + "\nx: {"},
		"as a number":            {"burst: 100", "burst: " + token},
		"a quote too few":        {"refresh_token_file: refresh_token", `refresh_token: "` + token},
		"a proxy's password":     {"  client_id_file", "  proxy_url: http://u:" + token + "@127.0.0.1:1\n  client_id_file"},
	} {
		wrong := strings.Replace(string(right), change[0], change[1], 1)
		require.NotEqual(t, string(right), wrong, name)
		g.write("socialboards.yml", wrong)
		_, said := g.ask(http.MethodPost, g.address+"/-/reload")
		g.vault.requireKept(t, name+": reload", said)
		out, _ := program(t, "check-config", path) // a wrong path is only a warning
		require.Contains(t, out, "socialboards.yml:", name)
		g.vault.requireKept(t, name+": check-config", []byte(out))
	}
	g.check("after wrong configurations")
}

func TestNoSecretComesOutOfHelp(t *testing.T) {
	t.Parallel()
	g := guard(t)
	for _, args := range [][]string{{"--help"}, {"--version"}, {"--nonsense"}, {"run", "--help"}, {"help", "check-config"}} {
		out, _ := program(t, args...)
		require.NotEmpty(t, out)
		g.vault.requireKept(t, strings.Join(args, " "), []byte(out))
		for _, word := range []string{"token", "password", "secret", "key"} {
			require.NotContains(t, strings.ToLower(out), "--"+word, "a flag for a secret")
		}
	}
}

// A secret that others can read, or that is gone, is told by the name of its file.
func TestSecretFilesThatAreNotAsTheyShouldBe(t *testing.T) {
	t.Parallel()
	g := guard(t)
	names := []string{"refresh_token", "pseudonym_key", "verify_token"}
	for _, name := range names {
		require.NoError(t, os.Chmod(filepath.Join(g.dir, name), 0o644))
	}
	g.start()
	g.until("socialboards_exporter_ready 1")
	for _, name := range names {
		require.Contains(t, g.log.String(), name+" can be read by every user of this machine; chmod 0600 it")
		require.NoError(t, os.Remove(filepath.Join(g.dir, name)))
	}
	status, said := g.ask(http.MethodPost, g.address+"/-/reload")
	require.Equal(t, http.StatusInternalServerError, status, "the key is needed at once")
	require.Contains(t, string(said), "users.pseudonym_key_file")
	status, _ = g.ask(http.MethodGet, g.hook+"/hook?challenge=1&verifyToken=x")
	require.Equal(t, http.StatusServiceUnavailable, status)
	g.check("files removed")
}
