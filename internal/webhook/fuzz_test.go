package webhook

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTold compares what is made of a payload with what is made of the same payload written
// anew by encoding/json, where no key can stand twice and nothing can follow.
func FuzzTold(f *testing.F) {
	for _, seed := range []string{documented, `{"TicketId":7}`, `{"TicketId":1,"TicketId":2}`, `{"Events":[{"Ticket":{"Id":1,"id":2}}]}`,
		`{"Events":{}}`, `{"a":[1e999]}`, `{"\u0054icketId":3}`, `{"TicKetId":4}`, `{} {}`, "{\"\xff\":1}", `{"TicketId":1.0}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ids, err := ticketsOf(body)
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var meaning map[string]any
		if d.Decode(&meaning) != nil {
			require.Error(t, err)
			return
		}
		anew, failure := json.Marshal(meaning)
		require.NoError(t, failure)
		again, failure := ticketsOf(anew)
		if err == nil {
			require.NoError(t, failure)
			require.Equal(t, ids, again)
		} else if failure == nil {
			require.True(t, err == errTwice || d.More() || err == errNoJSON, "%v", err) //nolint:errorlint // these very values
		}
	})
}
