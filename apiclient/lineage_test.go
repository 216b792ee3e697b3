package apiclient

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two processes of one account take turns: each begins with the token that the other was
// given last, which may be the only one that is good.
func TestATokenThatAnotherProcessWasGivenIsTakenUp(t *testing.T) {
	store := FileTokens(filepath.Join(t.TempDir(), "refresh_token.json"))
	quiet := slog.New(slog.DiscardHandler)
	running, passing := lineage{store: store, log: quiet}, lineage{store: store, log: quiet}

	require.Equal(t, []string{"first"}, running.candidates("first"))
	require.NoError(t, running.accepted("first", "first", "second"))
	require.Equal(t, []string{"second", "first"}, passing.candidates("first"))
	require.NoError(t, passing.accepted("first", "second", "third"))
	require.Equal(t, []string{"third", "first"}, running.candidates("first"))
	require.Equal(t, []string{"new"}, running.candidates("new"), "a newly configured one wins")
}
