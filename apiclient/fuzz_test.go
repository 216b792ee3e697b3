package apiclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
)

// FuzzAnswers has a server say anything to both a request and to the token request before
// it. The client must give an error of its own or take it, and never repeat what was said.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "7", `{"data":[{"id":1,"status":"open"}],"errorCode":-1}`, apitest.Sample("token.response.json"))
	f.Add(401, "Sun, 01 Mar 2026 12:00:30 GMT", `{"errorCode":12,"errorText":"x"}`, []byte(`{"access_token":"a","expires_in":1}`))
	f.Add(429, "-1", "<html>", []byte(`{"error":"invalid_grant"}`))
	f.Add(307, "x", "\xef\xbb\xbf{}", []byte(`{"access_token":"a\u0000"}`))
	f.Fuzz(func(t *testing.T, status int, header, body string, token []byte) {
		const said = "WhatTheServerSaid"
		if status < 200 || status > 599 {
			return
		}
		server := apitest.New(apitest.Options{})
		defer server.Close()
		server.Fault(apitest.Fault{Endpoint: apitest.TokenEndpoint, Body: string(token) + " "})
		server.Fault(apitest.Fault{Endpoint: apitest.ListEndpoint, Status: status, Body: body + said, Header: http.Header{"Retry-After": {header + said}, "X": {said}}})
		var logs bytes.Buffer
		c, err := New(Options{
			BaseURL: server.URL(), ClientID: "c", RefreshToken: func() (string, error) { return "r", nil }, Transport: server.Transport(),
			Clock: clock.NewJumping(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), RequestsPerSecond: 1e6, Burst: 1e6,
			Logger: slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		require.NoError(t, err)
		_, err = c.List(t.Context(), ListQuery{})
		require.Error(t, err, "what was said is not JSON")
		require.NotContains(t, err.Error()+logs.String(), said)
		var known *Error
		require.ErrorAs(t, err, &known)
		require.NotEqual(t, Canceled, known.Kind)
		require.LessOrEqual(t, known.RetryAfter, longestRetryAfter)
	})
}

// FuzzItems reads the items of an answer one by one, as the client does, and all at once.
func FuzzItems(f *testing.F) {
	f.Add(apitest.Sample("get-ticket-log.en.response.json"))
	f.Add(apitest.Sample("list-tickets.response.json"))
	f.Add([]byte(`{"data":[1,{"a":1,"a":2},[[]]],"errorCode":"-1","data":[null]}`))
	f.Add([]byte(`{"DATA":[1],"errorcode":-1.0}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var items []string
		failure := eachItem(body, func(raw json.RawMessage) { items = append(items, string(raw)) })
		var whole struct{ Data []json.RawMessage }
		err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &whole)
		if err != nil {
			require.NotNil(t, failure)
			return
		}
		if failure != nil {
			require.True(t, errors.Is(failure.Err, errCode) || errors.Is(failure.Err, errNoList), "%v", failure)
			return
		}
		require.Len(t, items, len(whole.Data))
		for i, raw := range whole.Data {
			require.Equal(t, string(raw), items[i])
		}
	})
}

// decoded is an entry as encoding/json reads it.
type decoded struct {
	Time   text      `json:"time"`
	Type   text      `json:"actionType"`
	Action text      `json:"actionString"`
	User   *wireUser `json:"user"`
}

// FuzzEntry holds the reading of an entry to that of encoding/json.
func FuzzEntry(f *testing.F) {
	const at = `"time":"2026-01-02T03:04:05Z"`
	for _, s := range []string{
		`{` + at + `,"actionType":"a","actionString":"s","user":{"id":"u","name":"n","status":"team","isBot":true}}`,
		` { "TIME" : "2026-01-02T03:04:05Z" , "action\u0054ype" : 7 , "user" : { "\u0131d":1, "iſBot":true, "I\u0044":2, "Key":0 } } `,
		`{"time":"x",` + at + `,"time":null,"user":{"id":"a","isBot":true},"user":{"name":"b"},"actionString":"\ud83d\ude00 \ud83d \u00e6"}`,
		`{` + at + `,"user":{"id":"a"},"user":null,"user":{"name":"b","isBot":null}}`,
		`{` + at + `,"user":[]}`, `{` + at + `,"user":{"isBot":0}}`, `{` + at + `,"actionType":{"a":[1,{}]}}`,
		"{" + at + ",\"actionType\":\"\xff\",\"x\":[{},[],\"]\\\"\",-1.5e3]}", `{}`, `null`, `[]`, `"x"`, ` 7 `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		raw = bytes.TrimSpace(raw)
		got := decodeEntry(raw)
		var w decoded
		err := json.Unmarshal(raw, &w)
		at, ok := parseTime(string(w.Time))
		if err != nil || !ok {
			require.Equal(t, place{identity: identity{raw: string(raw)}}, got)
			return
		}
		want := Entry{Time: at, ActionType: string(w.Type), Action: string(w.Action)}
		who := ""
		if w.User != nil {
			who = string(w.User.ID)
			want.User = &User{who, string(w.User.Name), string(w.User.Status), w.User.IsBot}
		}
		require.Equal(t, identity{at: at, action: want.ActionType, sentence: want.Action, user: who}, got.identity)
		require.Equal(t, want, got.entry)
		require.True(t, got.readable)
	})
}

// spelled is a time as the API and its like write it, taken apart by hand.
var spelled = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d|)$`)

// reckon gives the instant that s spells, by arithmetic alone.
func reckon(s string) (time.Time, bool) {
	m := spelled.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	day := time.Date(n(1), time.Month(n(2)), n(3), 0, 0, 0, 0, time.UTC)
	if day.Month() != time.Month(n(2)) || day.Day() != n(3) || n(4) > 23 || n(5) > 59 || n(6) > 59 {
		return time.Time{}, false
	}
	fraction, _ := strconv.Atoi((m[7] + "0000000")[:7]) // in 100 ns; the rest is cut off
	at := day.Add(time.Duration(n(4))*time.Hour + time.Duration(n(5))*time.Minute + time.Duration(n(6))*time.Second + time.Duration(fraction)*100)
	if zone := strings.ReplaceAll(m[8], ":", ""); len(zone) == 5 {
		hours, _ := strconv.Atoi(zone[1:3])
		minutes, _ := strconv.Atoi(zone[3:])
		if hours > 24 || minutes > 60 {
			return time.Time{}, false
		}
		offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
		if zone[0] == '+' {
			offset = -offset
		}
		at = at.Add(offset)
	}
	return at, at.Year() >= 2
}

// FuzzTimeAgainstArithmetic holds the reading of times to another one.
func FuzzTimeAgainstArithmetic(f *testing.F) {
	for _, s := range []string{
		"2023-12-13T22:11:52.9031351+00:00", "2023-08-03T20:39:35.5-0330", "2023-02-29T00:00:00Z", "2024-02-29T23:59:59,99999999",
		"0001-12-31T23:59:59-01:00", "9999-12-31T23:59:59-23:59", "2023-08-03T24:00:00Z", "2023-08-03T1:02:03Z", "2023-08-03 20:39:35Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, wantOK := reckon(s)
		got, ok := parseTime(s)
		require.Equal(t, wantOK, ok, "%q: %v, %v", s, want, got)
		if ok {
			require.Equal(t, want, got, "%q", s)
		}
	})
}

// FuzzWait holds Retry-After in seconds to arithmetic without bounds.
func FuzzWait(f *testing.F) {
	for _, s := range []string{"0", "7", "899", "901", "2147483648", "99999999999999999999999", " 5 ", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := retryAfter(http.Header{"Retry-After": {s}}, time.Unix(0, 0))
		seconds, ok := new(big.Int).SetString(s, 10)
		if !ok || s[0] == '+' || s[0] == '-' || strings.Contains(s, "_") {
			return
		}
		if seconds.Cmp(big.NewInt(int64(longestRetryAfter/time.Second))) > 0 {
			require.Equal(t, longestRetryAfter, got)
			return
		}
		require.Equal(t, time.Duration(seconds.Int64())*time.Second, got)
	})
}

// FuzzRotation has a file hold anything in place of the rotated token.
func FuzzRotation(f *testing.F) {
	path := filepath.Join(f.TempDir(), "refresh_token.json")
	for _, s := range []string{`{"configured_sha256":"a","refresh_token":"b"}`, `{"refresh_token":"b"}`, `{}`, "", "null", `{"refresh_token":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		const written = "WhatTheFileHeld"
		require.NoError(t, os.WriteFile(path, append(text, written...), 0o600))
		r, err := FileTokens(path).Load()
		require.ErrorContains(t, err, path, "it is not JSON")
		require.NotContains(t, err.Error(), written)
		require.Zero(t, r)

		require.NoError(t, os.WriteFile(path, text, 0o600))
		if r, err = FileTokens(path).Load(); err != nil {
			require.Zero(t, r)
			return
		}
		require.NotEmpty(t, r.Token)
		require.NoError(t, FileTokens(path).Save(r))
		again, err := FileTokens(path).Load()
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}
