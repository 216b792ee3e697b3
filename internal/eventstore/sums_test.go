package eventstore_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

func TestSumsHoldUntilAChangeOrAnOutcomeComes(t *testing.T) {
	change := fact.Change{Ticket: 1, Seq: 1, From: "open", To: "pending"}
	outcome := fact.Outcome{Ticket: 1, Objective: "x", Start: 1, Breached: fact.Never, Stopped: 7}
	for name, c := range map[string]struct {
		batch fact.Batch
		edit  string
		keeps bool
	}{
		"nothing":              {keeps: true},
		"a ticket and entries": {batch: fact.Batch{Tickets: []fact.Ticket{{ID: 1}}, Entries: []fact.Entry{{Seq: 9, Ticket: 1, Time: 5, Action: "a"}}}, keeps: true},
		"the same change":      {batch: fact.Batch{Changes: []fact.Change{change}}, keeps: true},
		"another change":       {batch: fact.Batch{Changes: []fact.Change{{Ticket: 1, Seq: 2, From: "open", To: "pending"}}}},
		"the same outcome":     {batch: fact.Batch{Outcomes: []fact.Outcome{outcome}}},
		"another outcome":      {batch: fact.Batch{Outcomes: []fact.Outcome{{Ticket: 2, Objective: "x", Start: 1}}}},
		"an edited change":     {edit: "UPDATE changes SET duration = 1"},
		"a removed change":     {edit: "DELETE FROM changes"},
		"an edited outcome":    {edit: "UPDATE outcomes SET counted = 0"},
		"a removed outcome":    {edit: "DELETE FROM outcomes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			require.NoError(t, s.Commit(t.Context(), fact.Batch{Changes: []fact.Change{change}, Outcomes: []fact.Outcome{outcome}}))
			before, err := s.Sums(t.Context())
			require.NoError(t, err)
			require.Empty(t, before)
			require.NoError(t, s.KeepSums(t.Context(), `{"a":1}`))
			require.NoError(t, s.KeepSums(t.Context(), `{"a":2}`))
			require.NoError(t, s.Commit(t.Context(), c.batch))
			require.NoError(t, s.Exec(t.Context(), c.edit))
			require.NoError(t, s.Close())
			after, err := open(t, dir).Sums(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.keeps, after == `{"a":2}`, after)
		})
	}
}

// A store that the first schema made is brought to the present one with all that is in it.
func TestAStoreOfTheFirstSchemaOpens(t *testing.T) {
	dir, m := filled(t)
	s, err := eventstore.Open(t.Context(), eventstore.Options{Dir: dir, Account: account(), Now: noon})
	require.NoError(t, err)
	view := regexp.MustCompile(`(?s)CREATE VIEW v_tickets.*?;`).FindString(string(read(t, "migrations/001.sql")))
	for _, sql := range []string{"DROP VIEW v_tickets", view, "DROP TRIGGER sums_change_added", "DROP TRIGGER sums_change_edited", "DROP TRIGGER sums_change_removed",
		"DROP TRIGGER sums_outcome_added", "DROP TRIGGER sums_outcome_edited", "DROP TRIGGER sums_outcome_removed",
		"DROP TABLE sums", "ALTER TABLE tickets DROP COLUMN inherited", "PRAGMA user_version = 1"} {
		require.NoError(t, s.Exec(t.Context(), sql))
	}
	require.NoError(t, s.Close())
	require.NoError(t, os.Truncate(dir+"/LOCK", 0))

	s, log, err := reopen(t, dir)
	require.NoError(t, err, log)
	require.Empty(t, s.Damaged())
	m.requireSame(t, s)
	sums, err := s.Sums(t.Context())
	require.NoError(t, err)
	require.Empty(t, sums)
	require.NoError(t, s.KeepSums(t.Context(), "{}"))
}
