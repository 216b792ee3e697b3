package apitest

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSamplesAreEmbeddedWhole(t *testing.T) {
	files, err := os.ReadDir("testdata/samples")
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join("testdata/samples", f.Name()))
		require.NoError(t, err)
		require.Equal(t, want, Sample(f.Name()))
	}
	require.Nil(t, Sample("other"))
}

func TestLogSamplesByteForByte(t *testing.T) {
	for name, types := range map[string][]string{
		SampleLogEN: {StatusChanged, ReplyCreated, TicketAssigned, TicketRead, TicketCreated},
		SampleLogNB: {TicketRead, StatusChanged},
	} {
		c := newClient(t, Options{})
		require.NoError(t, c.s.ServeSample(255762, Sample(name)))
		const path = "/tickets/255762/log"
		require.Equal(t, string(Sample(name)), c.post(path+"?take=50", `{"action_types":[]}`).body)
		require.Equal(t, types[1:], typesOf(c.log(path+"?skip=1", "")))
		require.Empty(t, c.log(path+"?skip=50", ""))
		require.Equal(t, []string{StatusChanged}, typesOf(c.log(path, `{"action_types":["ticket_status_changed"]}`)))

		c.s.Read(255762, c.s.Agents()[0], noon)
		require.Equal(t, append([]string{TicketRead}, types...), typesOf(c.log(path, "")), "the log goes on after the sample")
	}
}

func TestLogSampleRequest(t *testing.T) {
	c := newClient(t, Options{})
	require.NoError(t, c.s.ServeSample(1, Sample(SampleLogEN)))
	require.Equal(t, []string{StatusChanged, TicketRead}, typesOf(c.log("/tickets/1/log", string(Sample(SampleLogRequest)))))
}

func TestSamplesAreRecounted(t *testing.T) {
	s := New(Options{Now: fixed})
	require.NoError(t, s.ServeSample(1, Sample(SampleLogEN)))
	const agent = "841c30d5-6ae4-4df1-939e-04c55aed5e98"
	require.Equal(t, map[[3]string]int{
		{StatusChanged, agent, "team"}:  1,
		{ReplyCreated, agent, "team"}:   1,
		{TicketAssigned, agent, "team"}: 1,
		{TicketRead, agent, "team"}:     1,
		{TicketCreated, "", "client"}:   1,
	}, s.Recount())
}

func TestListSampleByteForByte(t *testing.T) {
	c := newClient(t, Options{})
	require.NoError(t, c.s.ServeListSample(Sample(SampleList)))
	require.Equal(t, string(Sample(SampleList)), c.post("/tickets/list", `{"status":"open"}`).body)
	require.Empty(t, c.list(`{"skip":1}`))
	require.Empty(t, c.log("/tickets/255762/log", ""), "its ticket is there")
	require.NoError(t, c.s.ServeListSample(nil))
	require.Equal(t, []int64{255762}, c.list(`{}`))
}

func TestTokenSampleByteForByte(t *testing.T) {
	c := newClient(t, Options{})
	require.NoError(t, c.s.ServeTokenSample(Sample(SampleToken)))
	access, refresh, r := c.refresh(c.s.RefreshToken())
	require.Equal(t, string(Sample(SampleToken)), r.body)
	c.token = access
	require.Equal(t, http.StatusOK, c.post("/tickets/list", "").status)
	_, _, r = c.refresh(refresh)
	require.Equal(t, http.StatusOK, r.status)
	require.NoError(t, c.s.ServeTokenSample(nil))
	_, _, r = c.refresh(refresh)
	require.NotEqual(t, string(Sample(SampleToken)), r.body)
}

func TestSamplesThatAreNone(t *testing.T) {
	s := New(Options{Now: fixed})
	require.Error(t, s.ServeSample(1, []byte("{")))
	require.Error(t, s.ServeSample(1, []byte(`{"data":[{"time":"x"}]}`)))
	require.Error(t, s.ServeListSample([]byte("{")))
	require.Error(t, s.ServeTokenSample([]byte("{")))
}
