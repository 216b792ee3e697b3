package simulation

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/apiclient/apitest"
)

// The simulation counts a page for each request that the real client sends.
func TestAReadingTakesAsManyPagesAsTheClientAsksFor(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	server := apitest.New(apitest.Options{Now: func() time.Time { return now }})
	t.Cleanup(server.Close)
	client := clientOf(t, server.Transport(), server.ClientID(), server.RefreshToken())
	for _, entries := range []int{0, 1, 12, 49, 50, 51, 97, 98, 99, 120, 200} {
		id := server.AddTicket(apitest.Ticket{})
		for i := range entries {
			server.Append(id, apitest.Entry{Time: now.Add(time.Duration(i-entries) * time.Minute), Type: apitest.ReplyCreated})
		}
		for _, fresh := range []int{0, 1, 10, 48, 50, 60, 120, 200} {
			if fresh > entries {
				continue
			}
			newest := now.Add(time.Duration(-fresh) * time.Minute)
			for _, toEnd := range []bool{false, true} {
				r, err := client.ReadLog(t.Context(), id, apiclient.LogQuery{ToEnd: toEnd, Known: func(at time.Time, _ string) int {
					if at.Before(newest) {
						return 1
					}
					return 0
				}})
				require.NoError(t, err)
				require.Equal(t, r.Requests, pagesOf(entries, fresh, toEnd), "%d entries, %d of them fresh, to the end: %t", entries, fresh, toEnd)
			}
		}
	}
}

func clientOf(t testing.TB, transport http.RoundTripper, id, token string) *apiclient.Client {
	t.Helper()
	c, err := apiclient.New(apiclient.Options{
		BaseURL: "http://api.test", ClientID: id, RefreshToken: func() (string, error) { return token, nil },
		Transport: transport, RequestsPerSecond: 1e9, Burst: 1 << 30,
	})
	require.NoError(t, err)
	return c
}
