package acceptance

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"socialboards_exporter/apiclient/apitest"
)

// Polling alone would find nothing within the time of a test.
const patient = `
api: {base_url: $BASE_URL, client_id: $CLIENT_ID, refresh_token_file: refresh_token, requests_per_second: 2000, burst: 100}
poll: {interval: 10m, max_interval: 24h, read_max_interval: 24h, done_max_interval: 24h}
tickets: {discover: [{}]}
webhook: {listen_address: "$HOOK", path: /hook, verify_token_file: verify_token}
`

// hooked is an exporter that listens for webhooks.
func hooked(t *testing.T, sim *apitest.Server, args ...string) (e *exporter, address string) {
	t.Helper()
	address = freeAddress(t)
	e = newExporter(t, sim, strings.ReplaceAll(patient, "$HOOK", address), args...)
	writeToken(e, "first")
	return e, address
}

func writeToken(e *exporter, token string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(filepath.Join(e.dir, "verify_token"), []byte(token+"\n"), 0o600))
}

// send makes a call; prepare may change it.
func send(t *testing.T, method, url, body string, prepare ...func(*http.Request)) (status int, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	require.NoError(t, err)
	for _, p := range prepare {
		p(req)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestAWebhookHasNewsCountedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	sim, ids := team(t, apitest.Options{Seed: 31, Tickets: 10})
	e, address := hooked(t, sim)
	w := newWatch(t)
	e.start()
	e.eventually(w, 30*time.Second, "the history", equalsRecount(t, sim, ids))
	hook := "http://" + address + "/hook"

	status, text := send(t, http.MethodGet, hook+"?challenge=4711&verifyToken=first", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "4711", text)
	status, _ = send(t, http.MethodGet, hook+"?challenge=4711&verifyToken=wrong", "")
	require.Equal(t, http.StatusForbidden, status)
	writeToken(e, "second")
	status, _ = send(t, http.MethodGet, hook+"?challenge=4711&verifyToken=second", "")
	require.Equal(t, http.StatusOK, status, "the file is read at each call")

	sim.Note(ids[0], sim.Agents()[0], time.Now())
	status, _ = send(t, http.MethodPost, hook, `{"TicketId": `+strconv.FormatInt(ids[0], 10)+`}`)
	require.Equal(t, http.StatusOK, status)
	e.eventually(w, 2*time.Second, "the note", equalsRecount(t, sim, ids))

	fresh := sim.Create(apitest.Ticket{}, apitest.Person("client", "Anna Berg"), time.Now())
	status, _ = send(t, http.MethodPost, hook, `{"Events": [{"Ticket": {"Id": `+strconv.FormatInt(fresh, 10)+`}}]}`)
	require.Equal(t, http.StatusOK, status)
	all := append(ids, fresh)
	got := e.eventually(w, 2*time.Second, "the new ticket", equalsRecount(t, sim, all))
	require.Equal(t, 1.0, got[`socialboards_exporter_ticket_reads_total{trigger="webhook"}`])

	status, _ = send(t, http.MethodPost, hook, `{"TicketId": 1, "TicketId": 2}`)
	require.Equal(t, http.StatusBadRequest, status)
	got = e.scrape()
	for result, n := range map[string]float64{"accepted": 4, "refused": 1, "bad_request": 1, "ignored": 0, "limited": 0} {
		require.Equal(t, n, got[`socialboards_exporter_webhooks_total{result="`+result+`"}`], result)
	}

	// The listener goes on over a reload, which cannot move it.
	status, text = send(t, http.MethodPost, "http://"+e.address+"/-/reload", "")
	require.Equal(t, http.StatusOK, status, text)
	sim.Note(fresh, sim.Agents()[0], time.Now())
	send(t, http.MethodPost, hook, `{"TicketId": `+strconv.FormatInt(fresh, 10)+`}`)
	e.eventually(w, 2*time.Second, "a note after the reload", equalsRecount(t, sim, all))
	replaceConfig(e, "/hook", "/elsewhere")
	status, text = send(t, http.MethodPost, "http://"+e.address+"/-/reload", "")
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, text, "webhook.path changed")
	require.Equal(t, 0, e.stop())
	require.NotContains(t, e.log.String(), "second", "the token is in no log")
}

func replaceConfig(e *exporter, old, with string) {
	e.t.Helper()
	path := filepath.Join(e.dir, "socialboards.yml")
	text, err := os.ReadFile(path)
	require.NoError(e.t, err)
	require.Contains(e.t, string(text), old)
	require.NoError(e.t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, with)), 0o600))
}

func TestTheWebConfigurationCoversTheWebhook(t *testing.T) {
	t.Parallel()
	sim := apitest.Start(t, apitest.Options{})
	hash, err := bcrypt.GenerateFromPassword([]byte("pass"), bcrypt.MinCost)
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "web.yml")
	require.NoError(t, os.WriteFile(config, []byte("basic_auth_users: {hooks: "+string(hash)+"}\n"), 0o600))
	e, address := hooked(t, sim, "--web.config.file="+config)
	e.start()
	hook := "http://" + address + "/hook?challenge=4711&verifyToken=first"
	listening(t, e, address)
	status, _ := send(t, http.MethodGet, hook, "")
	require.Equal(t, http.StatusUnauthorized, status)
	status, text := send(t, http.MethodGet, hook, "", func(r *http.Request) { r.SetBasicAuth("hooks", "pass") })
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "4711", text)
	require.Equal(t, 0, e.stop())
}

// listening waits until somebody answers at address.
func listening(t *testing.T, e *exporter, address string) {
	t.Helper()
	require.Eventually(t, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}, 10*time.Second, 20*time.Millisecond, e.log.tail())
}

func TestAnAddressThatIsTakenForWebhooksEndsTheStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	e := newExporter(t, apitest.Start(t, apitest.Options{}), strings.ReplaceAll(patient, "$HOOK", taken.Addr().String()))
	e.start()
	select {
	case <-e.exited:
	case <-time.After(10 * time.Second):
		require.Fail(t, "it goes on without its webhook")
	}
	require.Equal(t, 1, e.cmd.ProcessState.ExitCode())
	require.Contains(t, e.log.String(), "webhook.listen_address")
}
