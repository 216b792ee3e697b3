package exporter

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// What cannot be stored is not shown: polling pauses, and goes on when storing works.
func TestAStoreThatCannotBeWrittenPausesPolling(t *testing.T) {
	r := working(t, 6)
	before := r.scrape()
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "events.db"))
	require.NoError(t, err)
	defer db.Close()
	exec := func(statement string) {
		_, err := db.ExecContext(r.ctx(), statement)
		require.NoError(t, err)
	}
	tables := []string{"entries", "tickets", "views", "selections", "counts", "meta", "series", "changes", "outcomes"}
	for _, table := range tables {
		for _, what := range []string{"INSERT", "UPDATE"} {
			exec(`CREATE TRIGGER no_` + what + `_` + table + ` BEFORE ` + what + ` ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'no space'); END`)
		}
	}
	r.noteAll()
	r.sent = nil
	r.endure(time.Hour)
	during := r.scrape()
	require.Equal(t, before.events(), during.events())
	require.Equal(t, 0.0, during["socialboards_up"])
	require.Equal(t, 1.0, during["socialboards_exporter_ready"])
	require.LessOrEqual(t, len(r.sent), 75, "one in a minute finds out whether it works again")
	require.Contains(t, r.logs.String(), filepath.Join(r.dir, "events.db"), "the error names the file")
	require.Contains(t, r.logs.String(), "no space")

	for _, table := range tables {
		exec(`DROP TRIGGER no_INSERT_` + table)
		exec(`DROP TRIGGER no_UPDATE_` + table)
	}
	r.recovers()
	require.Contains(t, r.logs.String(), "recording works again")
}

// A store that somebody deletes is not begun anew under a running exporter.
func TestAStoreThatIsDeletedIsNoSilentReset(t *testing.T) {
	r := working(t, 6)
	before := r.scrape()
	for _, name := range []string{"events.db", "events.db-wal", "events.db-shm"} {
		require.NoError(t, os.Remove(filepath.Join(r.dir, name)))
	}
	r.noteAll()
	r.endure(time.Hour)
	during := r.scrape()
	require.Equal(t, before.events(), during.events())
	require.Equal(t, 0.0, during["socialboards_up"])
	require.Contains(t, r.logs.String(), "deleted or replaced while in use")
	require.NoFileExists(t, filepath.Join(r.dir, "events.db"))
	_ = r.e.store.Close() // says the same once more
	r.e = nil
}
