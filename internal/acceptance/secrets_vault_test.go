package acceptance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// vault is what must not come out, by what it is.
type vault map[string]string

// requireKept fails if any secret, or half of one, stands in text in any form in which it
// could be told.
func (v vault) requireKept(t *testing.T, where string, text []byte) {
	t.Helper()
	for what, secret := range v {
		if form, found := reveals(text, secret); found {
			require.Fail(t, "a secret came out", "%s in %s, as %q: %s", what, where, form, around(text, form))
		}
	}
}

// reveals looks for a secret, and gives the form in which it is found.
func reveals(text []byte, secret string) (form string, found bool) {
	for _, form := range forms(secret) {
		if bytes.Contains(text, []byte(form)) {
			return form, true
		}
	}
	return "", false
}

func around(text []byte, form string) string {
	at := bytes.Index(text, []byte(form))
	return string(text[max(0, at-200):min(len(text), at+len(form)+50)])
}

// forms gives the ways in which a secret or half of it may be written.
func forms(secret string) []string {
	var all []string
	half := len(secret) / 2
	for _, part := range []string{secret, secret[:half], secret[half:]} {
		asJSON, _ := json.Marshal(part) // a string always can be
		plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(asJSON))
		all = append(all, part, url.QueryEscape(part), url.PathEscape(part), html.EscapeString(part),
			strings.Trim(string(asJSON), `"`), strings.Trim(plain, `"`), inside(strconv.Quote(part)), hex.EncodeToString([]byte(part)))
		all = append(all, base64Forms(part)...)
	}
	return all
}

func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// base64Forms gives what stands in the base64 of any text that holds s, wherever in it.
func base64Forms(s string) []string {
	var all []string
	for before := range 3 {
		text := strings.Repeat("x", before) + s
		text = text[:len(text)/3*3] // whole groups only, whatever follows
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			encoded := encoding.EncodeToString([]byte(text))
			all = append(all, encoded[(before+2)/3*4:])
		}
	}
	return all
}

// A search that finds nothing anywhere would prove nothing.
func TestSecretsAreFoundInAnyForm(t *testing.T) {
	const secret = `odd "secret" <+/%41&æ=\> of some length`
	hidden := []string{
		secret, "x" + secret[:len(secret)/2], secret[len(secret)/2:] + "x", url.QueryEscape(secret), "?token=" + url.PathEscape(secret),
		html.EscapeString(secret), strconv.Quote("x" + secret), base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		base64.RawURLEncoding.EncodeToString([]byte("me:" + secret + "!")), hex.EncodeToString([]byte(secret)),
	}
	for _, v := range []any{secret, map[string]any{"a": []string{"Bearer " + secret}}} {
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		hidden = append(hidden, string(encoded))
	}
	for _, text := range hidden {
		_, found := reveals([]byte(text), secret)
		require.True(t, found, "%s", text)
	}
	for _, text := range []string{"", "odd", "of some", base64.StdEncoding.EncodeToString([]byte("nothing to be seen here"))} {
		_, found := reveals([]byte(text), secret)
		require.False(t, found, "%s", text)
	}
}

// program runs a command to its end and gives all that it says.
func program(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	text, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil {
		require.ErrorAs(t, err, &exit)
	}
	return string(text), cmd.ProcessState.ExitCode()
}
