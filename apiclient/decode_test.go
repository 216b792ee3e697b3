package apiclient

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

func TestAnswersThatAreNoEnvelope(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		kind       Kind // empty: all is well
		code       int
		items      int
	}{
		{"documented", `{"data":[{},{}],"errorCode":-1,"errorText":null}`, "", 0, 2},
		{"empty", `{"data":[],"errorCode":-1}`, "", 0, 0},
		{"null data", `{"data":null,"errorCode":-1}`, "", 0, 0},
		{"null code", `{"data":[1],"errorCode":null}`, "", 0, 1},
		{"no code", `{"data":[1]}`, "", 0, 1},
		{"code in quotes", `{"data":[1],"errorCode":"-1"}`, "", 0, 1},
		{"unknown fields and spaces", " {\"more\": {}, \"data\" : [ 1 , [2] ]}\n", "", 0, 2},
		{"byte order mark", "\xef\xbb\xbf{\"data\":[1]}", "", 0, 1},
		{"doubled key", `{"data":[1],"data":[1,2]}`, "", 0, 2},
		{"an error", `{"data":null,"errorCode":17,"errorText":"secret"}`, BadAnswer, 17, 0},
		{"code 0", `{"data":[1],"errorCode":0}`, BadAnswer, 0, 0},
		{"code in words", `{"data":[1],"errorCode":"none"}`, BadAnswer, 0, 0},
		{"code of another type", `{"data":[1],"errorCode":{}}`, BadAnswer, 0, 0},
		{"no data", `{"errorCode":-1}`, BadAnswer, 0, 0},
		{"data of another type", `{"data":{"secret":1},"errorCode":-1}`, BadAnswer, 0, 0},
		{"a bare list", `[{"secret":1}]`, BadAnswer, 0, 0},
		{"null", `null`, BadAnswer, 0, 0},
		{"nothing", ``, BadAnswer, 0, 0},
		{"HTML", `<html>secret</html>`, BadAnswer, 0, 0},
		{"text", `secret`, BadAnswer, 0, 0},
		{"cut", `{"data":[{"secret":1},{`, BadAnswer, 0, 0},
		{"more behind it", `{"data":[]} secret`, BadAnswer, 0, 0},
		{"endless", `{"data":[` + strings.Repeat("1,", mostItems) + `1]}`, TooLarge, 0, mostItems},
	}
	for _, tt := range tests {
		items := 0
		failure := eachItem([]byte(tt.body), func(json.RawMessage) { items++ })
		require.Equal(t, tt.items, items, tt.name)
		if tt.kind == "" {
			require.Nil(t, failure, tt.name)
			continue
		}
		require.NotNil(t, failure, tt.name)
		require.Equal(t, tt.kind, failure.Kind, tt.name)
		require.Equal(t, tt.code, failure.Code, tt.name)
		require.NotContains(t, failure.Error(), "secret", tt.name)
	}
}

func TestAnEntryCostsOnlyItself(t *testing.T) {
	t.Parallel()
	const good = `{"time":"2026-01-02T03:04:05Z","actionType":"ticket_read","actionString":"read","user":{"id":"u","name":"N","status":"team","isBot":false}}`
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		name, entry string
		want        *Entry // nil: unreadable
	}{
		{"documented", good, &Entry{at, "ticket_read", "read", &User{"u", "N", "team", false}}},
		{"nobody", `{"time":"2026-01-02T03:04:05Z","actionType":"x","user":null}`, &Entry{at, "x", "", nil}},
		{"nulls", `{"time":"2026-01-02T03:04:05Z","actionType":null,"actionString":null,"user":{"id":null,"name":null,"status":null,"isBot":null}}`, &Entry{at, "", "", &User{}}},
		{"number as id", `{"time":"2026-01-02T03:04:05Z","actionType":"x","user":{"id":17}}`, &Entry{at, "x", "", &User{ID: "17"}}},
		{"doubled key", `{"time":"no","time":"2026-01-02T03:04:05Z","actionType":"x"}`, &Entry{at, "x", "", nil}},
		{"no time", `{"actionType":"x"}`, nil},
		{"null time", `{"time":null,"actionType":"x"}`, nil},
		{"unreadable time", `{"time":"yesterday","actionType":"x"}`, nil},
		{"time of another type", `{"time":{},"actionType":"x"}`, nil},
		{"user of another type", `{"time":"2026-01-02T03:04:05Z","actionType":"x","user":"u"}`, nil},
		{"type of another type", `{"time":"2026-01-02T03:04:05Z","actionType":["x"]}`, nil},
		{"null", `null`, nil},
		{"a list", `[]`, nil},
	}
	for _, tt := range tests {
		page, failure := decodeLog([]byte(`{"data":[` + good + `,` + tt.entry + `,` + good + `],"errorCode":-1}`))
		require.Nil(t, failure, tt.name)
		require.Len(t, page, 3, tt.name)
		require.True(t, page[0].readable && page[2].readable, tt.name)
		require.Equal(t, tt.want != nil, page[1].readable, tt.name)
		if tt.want != nil {
			require.Equal(t, *tt.want, page[1].entry, tt.name)
		} else {
			require.Equal(t, tt.entry, page[1].raw, tt.name)
		}
	}
}

// Strings without anything to be replaced are taken as they stand, and must come out as a
// decoder has them.
func TestTextIsWhatADecoderReads(t *testing.T) {
	for _, raw := range []string{`""`, `"a"`, `"Ærlig talt"`, `"a\"b"`, `"\u00e6"`, `"\\"`, `"\""`, "\"\xff\"", `"{"`, `"null"`} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(raw), &want))
		var got text
		require.NoError(t, json.Unmarshal([]byte(raw), &got))
		require.Equal(t, want, string(got), raw)
	}
	for _, raw := range []string{`{}`, `[]`, `[""]`, `true`} {
		require.Error(t, json.Unmarshal([]byte(raw), new(text)), raw)
	}
}

func TestTicketsAreReadLeniently(t *testing.T) {
	t.Parallel()
	body := `{"data":[
		{"id":"17","status":"brand_new","source":"carrier_pigeon","category":{"id":"33527","name":"x"},"replyCount":"4",
		 "tags":["vip",{"id":3,"name":"late"},7,null,{"id":4}],"lockedBy":{"id":"a","name":"Ann","isBot":true},
		 "creationTime":"2026-01-02T03:04:05+03:00","lastThreadElementCreationTime":"some day",
		 "isMuted":true,"properties":{"isSpam":true,"hasDraft":false,"isDeleted":null,"z":[1, 2]}},
		{"id":18,"status":null,"source":null,"category":null,"replyCount":null,"tags":null,"lockedBy":null,"creationTime":null,"properties":null,"isMuted":null},
		{"id":19,"tags":"vip"},
		{"id":0},
		{"id":{}},
		null
	]}`
	tickets, unreadable, failure := decodeList([]byte(body))
	require.Nil(t, failure)
	require.Equal(t, 4, unreadable)
	require.Equal(t, []Ticket{
		{
			ID: 17, Status: "brand_new", AssigneeID: "a", AssigneeName: "Ann", AssigneeBot: true, Source: "carrier_pigeon",
			CategoryID: 33527, Tags: []string{"vip", "late", "7"}, ReplyCount: 4,
			Created: time.Date(2026, 1, 2, 0, 4, 5, 0, time.UTC), Spam: true,
			Properties: "ticket.isMuted=true hasDraft=false isDeleted=null isSpam=true z=[1,2]",
		},
		{ID: 18, Properties: "ticket.isMuted=null"},
	}, tickets)
}

func TestFingerprintSeesEveryChangeThatMatters(t *testing.T) {
	t.Parallel()
	base := Ticket{ID: 1, Status: "open", AssigneeID: "a", Tags: []string{"x", "y"}, CategoryID: 3, ReplyCount: 2, LastActivity: time.Unix(100, 0), Properties: "p"}
	require.NotZero(t, Ticket{}.Fingerprint())
	require.Equal(t, uint64(0x619e0503446c3900), base.Fingerprint(), "it is stored: it must not change between versions")

	changes := map[string]func(*Ticket){
		"status":        func(t *Ticket) { t.Status = "pending" },
		"assignee":      func(t *Ticket) { t.AssigneeID = "" },
		"replies":       func(t *Ticket) { t.ReplyCount++ },
		"tags":          func(t *Ticket) { t.Tags = []string{"x"} },
		"tags together": func(t *Ticket) { t.Tags = []string{"xy"} },
		"category":      func(t *Ticket) { t.CategoryID = 0 },
		"activity":      func(t *Ticket) { t.LastActivity = t.LastActivity.Add(100 * time.Nanosecond) },
		"properties":    func(t *Ticket) { t.Properties = "q" },
	}
	for name, change := range changes {
		changed := base
		change(&changed)
		require.NotEqual(t, base.Fingerprint(), changed.Fingerprint(), name)
	}
	same := base
	same.Tags, same.AssigneeName = []string{"y", "x"}, "Ann"
	same.LastActivity = base.LastActivity.In(time.FixedZone("", 3600))
	require.Equal(t, base.Fingerprint(), same.Fingerprint())
	require.Equal(t, []string{"y", "x"}, same.Tags, "tags are only lent")
}

func FuzzDecodeLog(f *testing.F) {
	f.Add(apitest.Sample("get-ticket-log.en.response.json"))
	f.Add(apitest.Sample("get-ticket-log.nb.response.json"))
	f.Add([]byte(`{"data":[{"time":"x"},null,7],"errorCode":"-1"}`))
	f.Add([]byte(`{"data":null,"errorCode":5}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		page, failure := decodeLog(body)
		if failure == nil {
			require.True(t, json.Valid(trimBOM(body)))
		}
		for _, p := range page {
			require.NotEqual(t, p.readable, p.raw != "")
			require.Equal(t, p.readable, !p.entry.Time.IsZero())
		}
	})
}

func FuzzDecodeList(f *testing.F) {
	f.Add(apitest.Sample("list-tickets.response.json"))
	f.Add([]byte(`{"data":[{"id":"1","tags":[{}]},null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		tickets, _, _ := decodeList(body)
		for _, ticket := range tickets {
			require.Positive(t, ticket.ID)
			require.NotZero(t, ticket.Fingerprint())
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add(apitest.Sample("token.response.json"))
	f.Add([]byte(`{"access_token":"a","expires_in":"3599"}`))
	f.Add([]byte(`{"access_token":"a\nb","expires_in":{}}`))
	f.Add([]byte(`{"ACCess_token":" 00","0000":{}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		tidy, failure := tidyToken(body)
		if failure != nil {
			return
		}
		var token struct {
			Access  string `json:"access_token"`
			Expires int64  `json:"expires_in"`
		}
		require.NoError(t, json.Unmarshal(tidy, &token))
		require.True(t, isVisible(token.Access))
		require.LessOrEqual(t, lifetime(token.Expires), longestLifetime)
		require.Positive(t, lifetime(token.Expires))
	})
}

func TestLifetimesOfTokens(t *testing.T) {
	t.Parallel()
	for expires, want := range map[string]time.Duration{
		`3599`: 3599 * time.Second, `"3599"`: 3599 * time.Second, `3599.9`: 3599 * time.Second, `3`: 3 * time.Second,
		`1e18`: longestLifetime, `0`: documentedLifetime, `-5`: documentedLifetime, `0.5`: documentedLifetime,
		`null`: documentedLifetime, `"soon"`: documentedLifetime, `""`: documentedLifetime, `{}`: documentedLifetime,
		`[1]`: documentedLifetime, `true`: documentedLifetime, `1e999`: documentedLifetime, `"NaN"`: documentedLifetime,
	} {
		tidy, failure := tidyToken([]byte(`{"access_token":"a","expires_in":` + expires + `}`))
		require.Nil(t, failure, expires)
		var token struct {
			Expires int64 `json:"expires_in"`
		}
		require.NoError(t, json.Unmarshal(tidy, &token), expires)
		require.Equal(t, want, lifetime(token.Expires), expires)
	}
}
