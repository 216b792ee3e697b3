package apiclient

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, value, date string
		want              time.Duration
	}{
		{"missing", "", "", 0},
		{"seconds", "7", "", 7 * time.Second},
		{"seconds among spaces", " 7 ", "", 7 * time.Second},
		{"none", "0", "", 0},
		{"longer than is borne", "86400", "", 15 * time.Minute},
		{"longer than fits a number", "99999999999999999999999", "", 15 * time.Minute},
		{"negative", "-5", "", 0},
		{"words", "soon", "", 0},
		{"a date by our clock", "Sun, 01 Mar 2026 12:00:30 GMT", "", 30 * time.Second},
		{"a date by the server's clock", "Sun, 01 Mar 2026 15:00:30 GMT", "Sun, 01 Mar 2026 15:00:10 GMT", 20 * time.Second},
		{"a date that is over", "Sun, 01 Mar 2026 11:59:59 GMT", "", 0},
		{"a date far off", "Mon, 02 Mar 2026 12:00:30 GMT", "", 15 * time.Minute},
		{"an older form of date", "Sunday, 01-Mar-26 12:00:30 GMT", "", 30 * time.Second},
		{"with a date that cannot be read", "Sun, 01 Mar 2026 12:00:30 GMT", "today", 30 * time.Second},
	}
	for _, tt := range tests {
		h := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
		require.Equal(t, tt.want, retryAfter(h, now), tt.name)
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7", "")
	f.Add("Sun, 01 Mar 2026 12:00:30 GMT", "Sun, 01 Mar 2026 12:00:00 GMT")
	f.Add("-1", "x")
	f.Add("99999999999", "")
	f.Fuzz(func(t *testing.T, value, date string) {
		got := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Unix(0, 0))
		require.GreaterOrEqual(t, got, time.Duration(0))
		require.LessOrEqual(t, got, 15*time.Minute)
	})
}
