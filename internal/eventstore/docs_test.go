package eventstore_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

// TestTheDocumentedQueriesAnswer runs the examples of docs/storage.md beside a running store.
func TestTheDocumentedQueriesAnswer(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	now := fact.At(noon())
	require.NoError(t, s.Commit(t.Context(), fact.Batch{
		Series: []fact.Series{{ID: 1, Kind: fact.Events, Labels: [3]string{"reply_created", "u1", "team"}, Created: now}},
		Entries: []fact.Entry{{Seq: 1, Ticket: 255762, Time: now, Action: "reply_created", UserType: "team", UserID: "u1",
			Result: fact.New, Series: 1}},
		Changes:  []fact.Change{{Seq: 1, Ticket: 255762, Time: now, From: "open", To: "pending", Duration: 36_000_000_000, Counted: true}},
		Outcomes: []fact.Outcome{{Ticket: 255762, Objective: "first", Start: now, Breached: 1 << 56, Stopped: fact.Never, Counted: true}},
		Tickets:  []fact.Ticket{ticketRow(255762, now)},
	}))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "events.db")+"?mode=ro")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllSubmatch(read(t, filepath.Join("..", "..", "docs", "storage.md")), -1)
	require.Len(t, queries, 5)
	for _, query := range queries {
		require.Equal(t, 1, count(t, db, string(query[1])), "%s", query[1])
	}
}

func TestTheViewsShowWhatPeopleRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	at := fact.At(noon())
	require.NoError(t, s.Commit(t.Context(), fact.Batch{
		Entries: []fact.Entry{{Seq: 5, Ticket: 7, Time: at, Action: "ticket_status_changed", From: "På vent", To: "Åpen", Result: fact.Late}},
		Tickets: []fact.Ticket{{ID: 7, Found: fact.Never, Until: fact.Never, Status: "open"}, {ID: 8, Found: at, Until: at.Add(36_000_000_000), Inherited: true}},
		Changes: []fact.Change{{Seq: 5, Ticket: 7, Time: at, From: "pending", To: "open", Duration: fact.Unknown}},
	}))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "events.db")+"?mode=ro")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, query := range []string{
		`SELECT 1 FROM v_entries WHERE seq = 5 AND ticket = 7 AND time = '2026-11-23T12:00:00.000Z' AND action_type = 'ticket_status_changed'
			AND user_id = '' AND from_label = 'På vent' AND to_label = 'Åpen' AND result = 'late'`,
		`SELECT 1 FROM v_changes WHERE from_status = 'pending' AND to_status = 'open' AND duration_seconds IS NULL`,
		`SELECT 1 FROM v_tickets WHERE ticket = 7 AND status = 'open' AND found IS NULL AND until IS NULL AND NOT inherited`,
		`SELECT 1 FROM v_tickets WHERE ticket = 8 AND found = '2026-11-23T12:00:00.000Z' AND until = '2026-11-23T13:00:00.000Z' AND inherited`,
	} {
		require.Equal(t, 1, count(t, db, query), query)
	}
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		n++
	}
	require.NoError(t, rows.Err())
	return n
}
