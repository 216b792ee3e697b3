package eventstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

func account() eventstore.Account {
	return eventstore.Account{BaseURL: "https://api.example.org", ClientID: "client"}
}

func open(t *testing.T, dir string) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account(), Now: noon})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// noon is the time at which the tests' stores are begun.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 300, time.UTC) }

func TestAnOpenedStoreTellsAboutItself(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.Equal(t, noon(), s.Created())
	require.Equal(t, dir, s.Dir())
	require.False(t, s.Memory())
	require.Empty(t, s.Damaged())
	bytes, err := s.Size()
	require.NoError(t, err)
	require.Greater(t, bytes, int64(4096))
	h, err := s.History(t.Context(), 7)
	require.NoError(t, err)
	require.Zero(t, h.Ticket.ID)
	require.Equal(t, fact.Never, h.Ticket.ReadAt)
}
