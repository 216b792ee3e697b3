package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestListenOnceAndCloseTwice(t *testing.T) {
	s := New(Options{})
	require.Contains(t, s.URL(), ".invalid")
	require.NoError(t, s.Listen("127.0.0.1:0"))
	require.ErrorContains(t, s.Listen("127.0.0.1:0"), "already listening")
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	require.Error(t, New(Options{}).Listen(u.Host), "the address is taken")
	s.Close()
	s.Close()
}

func TestRunLivesInRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Seed: 2, Hurry: 2000})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx, time.Second) }()
		<-time.After(10 * time.Minute) // by the clock of synctest
		require.NotEmpty(t, s.TicketIDs())
		cancel()
		require.NoError(t, <-ended)
	})
}

func TestSlowAnswersWithoutANetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		s.Fault(Fault{SlowBody: time.Minute})
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/tickets/list", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.AccessToken())
		_, err = s.Transport().RoundTrip(req) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
	})
}

// Whatever is sent, the server answers, with JSON where it says so.
func FuzzServeHTTP(f *testing.F) {
	f.Add("POST", "/token", "", "grant_type=refresh_token&client_id=x&refresh_token=y", "application/x-www-form-urlencoded")
	f.Add("POST", "/tickets/list", "", `{"categoryId":null,"customFields":[{"key":1,"value":"x"}],"from":"2020-02-27T12:28:02.6019432+01:00"}`, "application/json")
	f.Add("POST", "/tickets/list", "", `{"take":9223372036854775807,"skip":9223372036854775807,"ticketIds":[1,255762]}`, "")
	f.Add("POST", "/tickets/255762/log", "take=50&skip=9223372036854775807", `{"action_types":["ticket_read"]}`, "")
	f.Add("POST", "/tickets/1/log", "take=50&skip=9223372036854775807", "", "")
	f.Add("GET", "/tickets/-1/log", "take=%zz", "", "")
	s := New(Options{Now: fixed, Tickets: 5, ShortPages: 0.5, ShuffleTies: true})
	s.Populate(noon.Add(-3*day), noon)
	id := s.AddTicket(Ticket{ID: 1, Endless: true})
	s.Append(id, Entry{Time: noon, Type: TicketRead})
	token := s.AccessToken()
	f.Fuzz(func(t *testing.T, method, path, query, body, kind string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
			require.True(t, json.Valid(bytes.TrimSpace(w.Body.Bytes())), w.Body.String())
		default:
			t.Fatalf("%s %q?%q %q: %d", method, path, query, body, w.Code)
		}
	})
}
