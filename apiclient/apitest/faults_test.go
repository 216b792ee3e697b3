package apitest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// empty is the answer of a list without tickets.
const empty = `{"data":[],"errorCode":-1,"errorText":null}`

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault  Fault
		status int    // 0: no answer
		body   string // what came of it
		err    string // part of the error
		header [2]string
	}{
		"status": {fault: Fault{Status: 503, RetryAfter: "7"}, status: 503, header: [2]string{"Retry-After", "7"},
			body: `{"data":null,"errorCode":503,"errorText":"Service Unavailable"}`},
		"error code":   {fault: Fault{ErrorCode: 12}, status: 200, body: `{"data":null,"errorCode":12,"errorText":"Something went wrong."}`},
		"body":         {fault: Fault{Status: 201, Body: "x"}, status: 201, body: "x"},
		"html":         {fault: Fault{HTML: true, Status: 502}, status: 502, header: [2]string{"Content-Type", htmlType}, body: maintenance},
		"redirect":     {fault: Fault{Redirect: "http://other.invalid/"}, status: 307, header: [2]string{"Location", "http://other.invalid/"}},
		"header":       {fault: Fault{Header: http.Header{"x-odd": {"1"}}}, status: 200, header: [2]string{"X-Odd", "1"}, body: empty},
		"edit":         {fault: Fault{Edit: bytes.ToUpper}, status: 200, body: strings.ToUpper(empty)},
		"non-json":     {fault: Fault{NonJSON: true}, status: 200, body: "Service temporarily unavailable"},
		"empty":        {fault: Fault{EmptyBody: true}, status: 200},
		"truncate":     {fault: Fault{Truncate: true}, status: 200, body: empty[:len(empty)/2]},
		"wrong length": {fault: Fault{WrongLength: true}, status: 200, body: empty, err: "EOF"},
		"reset":        {fault: Fault{Reset: true}, err: "reset"},
		"reset body":   {fault: Fault{ResetBody: true}, status: 200, err: "reset"},
		"padding":      {fault: Fault{Padding: 1000}, status: 200, body: empty + strings.Repeat(" ", 1000)},
		"slow headers": {fault: Fault{SlowHeaders: 1}, status: 200, body: empty},
		"slow body":    {fault: Fault{SlowBody: 1}, status: 200, body: empty},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			memory := *c
			memory.http = &http.Client{Transport: c.s.Transport(), CheckRedirect: c.http.CheckRedirect}
			for _, way := range []*client{c, &memory} {
				remove := c.s.Fault(test.fault)
				r := way.post("/tickets/list", "{}")
				require.Equal(t, test.status, r.status)
				if test.err != "" {
					require.ErrorContains(t, r.err, test.err)
				} else {
					require.NoError(t, r.err)
					require.Equal(t, []string{test.body}, []string{r.body})
				}
				if test.header[0] != "" {
					require.Equal(t, test.header[1], r.header.Get(test.header[0]))
				}
				remove()
				r = way.post("/tickets/list", "{}")
				require.Equal(t, []any{200, empty}, []any{r.status, r.body})
			}
		})
	}
}

func TestBombs(t *testing.T) {
	c := newClient(t, Options{})
	c.s.Fault(Fault{GzipBomb: true})
	for _, way := range []http.RoundTripper{c.http.Transport, c.s.Transport()} {
		req, err := http.NewRequest(http.MethodPost, c.s.URL()+"/tickets/list", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := way.RoundTrip(req)
		require.NoError(t, err)
		begin := make([]byte, len(empty)+2<<20) // there is more, but to unpack it takes long
		_, err = io.ReadFull(resp.Body, begin)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, []string{empty}, []string{strings.TrimRight(string(begin), " ")})
	}
	var packed bytes.Buffer
	writeBomb(&packed, []byte(empty))
	require.Less(t, packed.Len(), 1<<20)
	require.Equal(t, 64<<20, bombMembers*bombMember)
}

func TestWhichRequestsGoWrong(t *testing.T) {
	c := newClient(t, Options{Seed: 1})
	id := addLog(c.s, 1)
	other := addLog(c.s, 1)
	ask := func(n int, ticket int64) (failed []int) {
		for i := range n {
			if c.post("/tickets/"+strconv.FormatInt(ticket, 10)+"/log", "").status == 500 {
				failed = append(failed, i)
			}
		}
		return failed
	}
	c.s.Fault(Fault{Endpoint: LogEndpoint, Ticket: id, After: 2, Times: 3, Status: 500})
	require.Empty(t, ask(9, other))
	require.Equal(t, http.StatusOK, c.post("/tickets/list", "{}").status)
	require.Equal(t, []int{2, 3, 4}, ask(9, id))

	c.s.ClearFaults()
	c.s.Fault(Fault{Probability: 0.5, Status: 500})
	require.InDelta(t, 50, len(ask(100, id)), 20)

	c.s.ClearFaults()
	c.s.Fault(Fault{Match: func(r Request) bool { return r.Skip == 7 }, Status: 500})
	require.Empty(t, ask(3, id))
	require.Equal(t, 500, c.post("/tickets/"+strconv.FormatInt(id, 10)+"/log?skip=7", "").status)
}

func TestSlowAnswersEndWithTheClientAndTheServer(t *testing.T) {
	for name, f := range map[string]Fault{"headers": {SlowHeaders: time.Hour}, "body": {SlowBody: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			ctx, cancel := context.WithCancel(t.Context())
			f.Match = func(Request) bool { cancel(); return true }
			c.s.Fault(f)
			require.ErrorIs(t, c.ask(ctx), context.Canceled)

			f.Match = func(Request) bool { go c.s.Close(); return true }
			c.s.ClearFaults()
			c.s.Fault(f)
			require.Error(t, c.ask(t.Context()))
		})
	}
}

// ask gives the error of a request, wherever it comes.
func (c *client) ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.s.URL()+"/tickets/list", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func TestTheDateIsTheServersOwn(t *testing.T) {
	c := newClient(t, Options{})
	require.Equal(t, "Wed, 11 Mar 2026 11:00:00 GMT", c.post("/tickets/list", "{}").header.Get("Date"))
}

func TestRequestsAreKept(t *testing.T) {
	c := newClient(t, Options{KeepRequests: 3})
	id := addLog(c.s, 1)
	for skip := range 10 {
		c.post("/tickets/"+strconv.FormatInt(id, 10)+"/log?take=5&skip="+strconv.Itoa(skip), `{"action_types":[]}`)
	}
	c.post("/nowhere", "")
	require.Equal(t, 10, c.s.Count(LogEndpoint))
	all := c.s.Requests()
	require.Len(t, all, 3)
	require.Equal(t, 404, all[2].Status)
	last := all[1]
	require.Equal(t, []any{noon, LogEndpoint, id, 5, 9, 200, `{"action_types":[]}`, "take=5&skip=9"},
		[]any{last.At, last.Endpoint, last.Ticket, *last.Take, last.Skip, last.Status, last.Body, last.Query})
	c.s.ForgetRequests()
	require.Zero(t, c.s.Count(LogEndpoint))
	require.Empty(t, c.s.Requests())

	none := newClient(t, Options{KeepRequests: -1})
	none.post("/tickets/list", "")
	require.Empty(t, none.s.Requests())
	require.Equal(t, 1, none.s.Count(ListEndpoint))
}
