package apiclient

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesAreReadInAllTheirForms(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"2023-12-13T22:11:52.9031351+00:00", "2023-12-13T22:11:52.9031351Z"},
		{"2023-12-13T22:11:39.031395+00:00", "2023-12-13T22:11:39.031395Z"},
		{"2023-08-03T20:39:35.01+03:00", "2023-08-03T17:39:35.01Z"},
		{"2023-08-03T20:39:35+0300", "2023-08-03T17:39:35Z"},
		{"2023-08-03T20:39:35.5-0330", "2023-08-04T00:09:35.5Z"},
		{"2023-08-03T20:39:35Z", "2023-08-03T20:39:35Z"},
		{"2023-08-03T20:39:35.1234567", "2023-08-03T20:39:35.1234567Z"},
		{"2023-08-03T20:39:35.123456789Z", "2023-08-03T20:39:35.1234567Z"},
		{"2023-08-03T20:39:35.12345678901234567890Z", "2023-08-03T20:39:35.1234567Z"},
		{"1969-12-31T23:59:59.99999999Z", "1969-12-31T23:59:59.9999999Z"},
		{"9999-12-31T23:59:59.9999999+00:00", "9999-12-31T23:59:59.9999999Z"},
		{"0001-01-01T00:00:00", ""},
		{"0001-01-01T00:00:00+03:00", ""},
		{"2023-02-30T00:00:00Z", ""},
		{"2023-08-03", ""},
		{"1702505512", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, ok := parseTime(tt.in)
		require.Equal(t, tt.want != "", ok, tt.in)
		if ok {
			require.Equal(t, tt.want, got.Format(time.RFC3339Nano), tt.in)
			require.Equal(t, time.UTC, got.Location(), tt.in)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{
		"2023-12-13T22:11:52.9031351+00:00", "2023-08-03T20:39:35.01+03:00", "2023-08-03T20:39:35+0300",
		"2023-08-03T20:39:35", "0001-01-01T00:00:00", "2023-08-03T20:39:35,5Z", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := parseTime(s)
		if !ok {
			require.True(t, at.IsZero())
			return
		}
		require.Zero(t, at.Nanosecond()%100)
		again, ok := parseTime(formatTime(at))
		if at.Year() < 10000 { // a negative offset may push the last hours of 9999 over
			require.True(t, ok)
			require.Equal(t, at, again)
		}
	})
}
