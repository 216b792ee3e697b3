package eventstore_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

func TestWhatComesAfterTheSumsIsNoted(t *testing.T) {
	change := fact.Change{Ticket: 1, Seq: 1, From: "open", To: "pending", Duration: fact.Unknown}
	outcome := fact.Outcome{Ticket: 1, Objective: "x", Start: 1, Breached: fact.Never, Stopped: 7, Duration: 6, Observed: true}
	later := outcome
	later.Counted, later.Breached = true, 9
	other := fact.Outcome{Ticket: 2, Objective: "x", Start: 1, Breached: 3, Stopped: fact.Never, Duration: fact.Unknown, Counted: true}
	none := fact.Outcome{Breached: fact.Never}
	was := fact.Outcome{Breached: fact.Never, Observed: true}
	for name, c := range map[string]struct {
		batches  []fact.Batch
		edit     string
		gone     bool
		changes  []fact.Change
		outcomes []eventstore.Outcome
	}{
		"nothing":              {},
		"a ticket and entries": {batches: []fact.Batch{{Tickets: []fact.Ticket{{ID: 1}}, Entries: []fact.Entry{{Seq: 9, Ticket: 1, Time: 5, Action: "a"}}}}},
		"the same change":      {batches: []fact.Batch{{Changes: []fact.Change{change}}}},
		"another change": {
			batches: []fact.Batch{{Changes: []fact.Change{{Ticket: 1, Seq: 2, From: "a", To: "b"}}}},
			changes: []fact.Change{{Ticket: 1, Seq: 2, From: "a", To: "b"}},
		},
		"an outcome in steps": {
			batches:  []fact.Batch{{Outcomes: []fact.Outcome{outcome}}, {Outcomes: []fact.Outcome{later}}},
			outcomes: []eventstore.Outcome{{Before: was, After: later}},
		},
		"another outcome": {
			batches:  []fact.Batch{{Outcomes: []fact.Outcome{outcome, other}}},
			outcomes: []eventstore.Outcome{{Before: was, After: outcome}, {Before: none, After: other}},
		},
		"an edited change":   {edit: "UPDATE changes SET duration = 1", gone: true},
		"a removed change":   {edit: "DELETE FROM changes", gone: true},
		"an edited outcome":  {edit: "UPDATE outcomes SET counted = 0", gone: true},
		"a removed outcome":  {edit: "DELETE FROM outcomes", gone: true},
		"a change and edits": {batches: []fact.Batch{{Changes: []fact.Change{{Ticket: 1, Seq: 2}}}}, edit: "DELETE FROM outcomes", gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, ":memory:")
			require.NoError(t, s.Commit(t.Context(), fact.Batch{Changes: []fact.Change{change}, Outcomes: []fact.Outcome{outcome}}))
			before, err := s.Sums(t.Context())
			require.NoError(t, err)
			require.Zero(t, before)
			for _, text := range []string{"1", "2"} {
				require.NoError(t, s.KeepSums(t.Context(), text))
			}
			for _, b := range c.batches {
				require.NoError(t, s.Commit(t.Context(), b))
			}
			require.NoError(t, s.Exec(t.Context(), c.edit))
			sums, err := s.Sums(t.Context())
			require.NoError(t, err)
			if c.gone {
				require.Zero(t, sums)
			} else {
				require.Equal(t, eventstore.Sums{Text: "2", Changes: c.changes, Outcomes: c.outcomes}, sums)
			}
			require.NoError(t, s.KeepSums(t.Context(), "3"))
			sums, err = s.Sums(t.Context())
			require.NoError(t, err)
			require.Equal(t, eventstore.Sums{Text: "3"}, sums, "all is in them now")
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
		"DROP TABLE sums", "DROP TABLE unsummed_changes", "DROP TABLE unsummed_outcomes", "ALTER TABLE tickets DROP COLUMN inherited", "PRAGMA user_version = 1"} {
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
	require.Zero(t, sums)
	require.NoError(t, s.KeepSums(t.Context(), "{}"))
}
