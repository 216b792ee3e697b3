package exporter

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// shelf is a store at rest, to be copied and spoilt.
type shelf struct {
	files   map[string][]byte
	columns [][2]string // table and column, of all tables
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	r := inhabited(t, 4)
	r.start(exposed)
	r.pass(2 * time.Minute)
	r.stop()
	s := &shelf{files: map[string][]byte{}}
	files, err := os.ReadDir(r.dir)
	require.NoError(t, err)
	for _, f := range files {
		if s.files[f.Name()], err = os.ReadFile(filepath.Join(r.dir, f.Name())); f.Name() == "LOCK" { // it seals the store
			delete(s.files, "LOCK")
		}
		require.NoError(t, err)
	}
	s.columns = columns(t, r.dir)
	return s
}

func columns(t *testing.T, dir string) (all [][2]string) {
	t.Helper()
	db := database(t, dir)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var table, column string
		require.NoError(t, rows.Scan(&table, &column))
		all = append(all, [2]string{table, column})
	}
	require.NoError(t, rows.Err())
	return all
}

func database(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "events.db"))
	require.NoError(t, err)
	return db
}

// spoil copies the store to dir with other values in some places; four bytes choose a place.
func (s *shelf) spoil(t *testing.T, dir string, places []byte, values []any) {
	t.Helper()
	for name, text := range s.files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	db := database(t, dir)
	for n := 0; len(places) >= 4 && n < 8; n, places = n+1, places[4:] {
		at := s.columns[(int(places[0])<<8|int(places[1]))%len(s.columns)]
		where := ""
		if places[2]%4 > 0 { // else all rows
			where = fmt.Sprintf(" WHERE %[2]s IN (SELECT %[2]s FROM %[1]s LIMIT 1 OFFSET %[3]d)", at[0], at[1], places[2])
		}
		_, _ = db.ExecContext(t.Context(), fmt.Sprintf("UPDATE OR REPLACE %s SET %s = ?%s", at[0], at[1], where), values[int(places[3])%len(values)]) // some are against the schema
	}
	require.NoError(t, db.Close())
}

// FuzzRows starts the exporter on a store in whose rows stands what nobody has written there.
// It may refuse the store, or move it aside, or believe it; it must not panic, nor fail a scrape.
func FuzzRows(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0}, int64(-1), "x")
	f.Add([]byte{0, 20, 1, 1, 0, 30, 2, 2, 0, 40, 3, 0}, int64(1<<62), "[]")
	f.Add([]byte{0, 60, 0, 2, 0, 70, 0, 3}, int64(0), "\xff")
	f.Add([]byte{0, 80, 5, 0, 0, 90, 9, 4}, int64(-1<<63), `["a"`)
	var base *shelf
	f.Fuzz(func(t *testing.T, places []byte, number int64, text string) {
		if base == nil {
			base = newShelf(t)
		}
		r := inhabited(t, 4)
		r.clock.Advance(24 * time.Hour)
		r.yaml = api + exposed
		base.spoil(t, r.dir, places, []any{number, text, nil, []byte(text), float64(number) / 3})
		e, err := New(Options{Config: r.config, StoragePath: r.dir, Clock: r.clock, Transport: r, Version: "test", Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		store, err := e.open(t.Context())
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		useAll(t.Context(), e)
		scrape := httptest.NewRecorder()
		e.Metrics().ServeHTTP(scrape, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
		require.Equal(t, 200, scrape.Code, scrape.Body.String())
		require.NoError(t, store.Close())
	})
}

// useAll does what a running exporter does, as far as the store lets it.
func useAll(ctx context.Context, e *Exporter) {
	rec, err := e.adopt(ctx, e.Config())
	if err != nil {
		return
	}
	s := e.newSession(e.Config(), rec)
	for range 20 {
		if did, _ := s.poller.Step(ctx); !did {
			break
		}
	}
	for range e.List(true) {
	}
	_ = rec.KeepSums(ctx)
}
