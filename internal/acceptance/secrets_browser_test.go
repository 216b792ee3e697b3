package acceptance

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// What the API calls things is shown as text, whatever it is.
func TestHostileNamesAreShownAsText(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>` + "\nevil_metric 1\n# "
	sim := apitest.Start(t, apitest.Options{Tickets: 1})
	id := sim.Create(apitest.Ticket{Status: evil, Source: evil, Tags: []string{evil}}, apitest.Person("client", "Anna Berg"), time.Now().Add(-time.Hour))
	boss := apitest.Person("team", evil)
	boss.ID = "id" + evil
	sim.Append(id, apitest.Entry{Time: time.Now().Add(-time.Minute), Type: evil, User: boss},
		apitest.Entry{Time: time.Now().Add(-time.Minute), Type: apitest.StatusChanged, User: boss, Action: "from «" + evil + "» to «x" + evil + "»"})
	e := newExporter(t, sim, eager+"tickets: {discover: [{}, {status: '<b>bold</b>'}]}\nusers: {names: true}\n")
	e.start()
	got := e.eventually(newWatch(t), 20*time.Second, "readiness", ready)
	require.NotContains(t, got, "evil_metric")
	status, page := e.get("/tickets")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "script&gt;", "it is shown")
	for _, path := range []string{"/", "/tickets", "/tickets?q=" + "%3Cscript%3E%22", "/config"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.address+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		resp.Body.Close()
		cancel()
		if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			require.NotContains(t, string(text), "<script", path)
			require.NotContains(t, string(text), "<img", path)
		}
		policy := resp.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		require.NotContains(t, policy, "script-src", path)
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), path)
	}
}

// Who may not reload, may not; and no page of another site may in the name of who may.
func TestReloadAndConfigAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		e := newExporter(t, apitest.Start(t, apitest.Options{}), everything)
		if !allowed {
			e.args = e.args[:3] // without --web.enable-lifecycle
		}
		e.start()
		listening(t, e, e.address)
		code := map[bool]int{false: http.StatusForbidden, true: http.StatusOK}[allowed]
		status, _ := e.get("/config")
		require.Equal(t, code, status)
		status, said := send(t, http.MethodPost, "http://"+e.address+"/-/reload", "")
		require.Equal(t, code, status, said)
		status, _ = send(t, http.MethodPost, "http://"+e.address+"/-/reload", "", func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example.com")
		})
		require.Equal(t, http.StatusForbidden, status, "from another site")
		status, _ = e.get("/-/reload")
		require.Equal(t, http.StatusMethodNotAllowed, status, "an image on a page could do that")
		require.Equal(t, 0, e.stop())
	}
}
