package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTickets asks for any page of tickets that have any status and come from anywhere.
func FuzzTickets(f *testing.F) {
	f.Add("open", "2", "pen", "{}")
	f.Add(`"><script>alert(1)</script>`, "-1", `"><script>`, "<img src=x onerror=alert(1)>")
	f.Add("\xff\x00", "9223372036854775808", "\u2028", "javascript:alert(1)")
	f.Fuzz(func(t *testing.T, status, page, query, origin string) {
		tickets := []Ticket{{ID: 1, Status: status, Origin: origin, Link: origin, LastError: origin, Clocks: []Clock{{Objective: status, State: origin}}}}
		h := handler(t, &fakes{tickets: tickets}, nil)
		target := "/tickets?" + url.Values{"q": {query}, "page": {page}}.Encode()
		w := request(h, http.MethodGet, target, "Accept", "text/html")
		require.Equal(t, http.StatusOK, w.Code)
		for _, tag := range []string{"<script", "<img", "href=\"javascript:", "<!--x"} {
			require.NotContains(t, w.Body.String(), tag)
		}
		w = request(h, http.MethodGet, target+"&format=json")
		require.Equal(t, http.StatusOK, w.Code)
		require.NotContains(t, w.Body.String(), "<")
		var l listing
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &l))
		require.Equal(t, 1, l.Page)
	})
}
