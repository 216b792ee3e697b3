package exporter

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/recorder"
)

// seldom is a configuration under which nothing is found soon without a webhook.
const seldom = `
poll: {interval: 15m, max_interval: 24h, read_max_interval: 24h, done_max_interval: 24h}
webhook: {verify_token_file: verify_token}
`

func called(r *rig, ticket int64) int {
	w := httptest.NewRecorder()
	body := `{"TicketId":` + strconv.FormatInt(ticket, 10) + `}`
	r.e.Webhook("/webhook", r.e.log).ServeHTTP(w,
		httptest.NewRequestWithContext(r.ctx(), http.MethodPost, "/webhook", strings.NewReader(body)))
	return w.Code
}

func results(s samples, result string) float64 {
	return s[series("socialboards_exporter_webhooks_total", "result", result)]
}

func TestAWebhookBringsNewsAtOnce(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start("tickets: {ids: [" + strconv.FormatInt(id, 10) + "]}\n" + seldom)
	s.pass(time.Minute)
	s.answers(id)
	before := s.scrape()
	require.Equal(t, http.StatusOK, called(s.rig, id))
	require.Equal(t, http.StatusOK, called(s.rig, id+1))
	s.pass(time.Second)
	got := s.scrape()
	require.Equal(t, s.sim.Recount(id), got.events())
	const reads = "socialboards_exporter_ticket_reads_total"
	require.Equal(t, 1.0, got[series(reads, "trigger", "webhook")]-before[series(reads, "trigger", "webhook")])
	require.Equal(t, 1.0, results(got, "accepted"))
	require.Equal(t, 1.0, results(got, "ignored"), "no selection could take up the other ticket")
}

// What a webhook names that nobody follows is looked for among what the selections show.
func TestAWebhookFindsNewTicketsOfTheSelectionsAlone(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	s.created(apitest.Ticket{})
	s.start("tickets: {discover: [{source: web}]}\n" + seldom)
	s.pass(time.Minute)
	mail, web := s.created(apitest.Ticket{Source: "email"}), s.created(apitest.Ticket{Source: "web"})
	require.Equal(t, http.StatusOK, called(s.rig, mail))
	require.Equal(t, http.StatusOK, called(s.rig, web))
	s.pass(time.Second)
	followed, err := s.e.Tickets(t.Context(), []int64{mail, web})
	require.NoError(t, err)
	require.Len(t, followed, 1)
	require.Equal(t, web, followed[0].ID)
	require.Equal(t, 2.0, results(s.scrape(), "accepted"))
	require.Equal(t, 2.0, s.scrape()[series("socialboards_ticket_events_total",
		"action_type", "ticket_created", "user_id", "", "user_type", "client")])
}

func TestAWebhookForATicketOfAnotherShardIsIgnored(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	s.start("tickets: {discover: [{}]}\nshard: {index: 0, total: 2}\n" + seldom)
	s.pass(time.Minute)
	before := s.sim.Count(apitest.ListEndpoint)
	id := int64(1)
	for ; s.s.recorder.Owns(id); id++ {
	}
	require.Equal(t, http.StatusOK, called(s.rig, id))
	s.pass(time.Second)
	require.Equal(t, 1.0, results(s.scrape(), "ignored"))
	require.Equal(t, before, s.sim.Count(apitest.ListEndpoint))
}

func TestAReloadForgetsNoWebhook(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	config := "tickets: {ids: [" + strconv.FormatInt(id, 10) + "]}\n" + seldom
	s.start(config)
	s.pass(time.Minute)
	s.answers(id)
	called(s.rig, id)
	s.reload(config + "metrics: {max_tickets: 10}\n")
	s.pass(time.Second)
	require.Equal(t, s.sim.Recount(id), s.scrape().events())
}

// A call between the end of the old session and the begin of the new one reaches either.
func TestAWebhookIsTakenInWhileTheConfigurationChanges(t *testing.T) {
	s := tell(t, "2026-03-02 09:00", apitest.Options{})
	id := s.created(apitest.Ticket{})
	s.start("tickets: {ids: [" + strconv.FormatInt(id, 10) + "]}\n" + seldom)
	s.pass(time.Minute)
	s.answers(id)
	var rec *recorder.Recorder
	rec, err := s.e.adopt(s.ctx(), s.e.Config())
	require.NoError(t, err)
	called(s.rig, id)
	s.s = s.e.newSession(s.e.Config(), rec)
	called(s.rig, id)
	s.pass(time.Second)
	require.Equal(t, s.sim.Recount(id), s.scrape().events())
}

func TestTheListenerOfWebhooksNeedsARestartToMove(t *testing.T) {
	r := newRig(t, monday(), apitest.Options{})
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "verify_token"), []byte("one"), 0o600))
	const tickets = "tickets: {discover: [{}]}\n"
	for change, ok := range map[string]bool{
		"webhook: {verify_token_file: other}": true,
		"":                                    false,
		"webhook: {verify_token_file: verify_token, path: /elsewhere}":           false,
		"webhook: {verify_token_file: verify_token, listen_address: \":10068\"}": false,
	} {
		r.yaml = api + tickets + "webhook: {verify_token_file: verify_token}\n"
		running, err := r.config()
		require.NoError(t, err)
		r.yaml = api + tickets + change
		next, err := r.config()
		require.NoError(t, err)
		err = reloadable(running, next)
		if ok {
			require.NoError(t, err, change)
		} else {
			require.ErrorContains(t, err, "restart", change)
		}
	}
}
