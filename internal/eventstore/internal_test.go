package eventstore

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func memory(t *testing.T) *database {
	t.Helper()
	db, err := connect(t.Context(), "", inMemory)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.close()) })
	return db
}

func version(t *testing.T, db *database) (n int) {
	t.Helper()
	require.NoError(t, db.one(t.Context(), "PRAGMA user_version", &n))
	return n
}

func TestMigrationsTakeTheStepsThatAreMissing(t *testing.T) {
	db := memory(t)
	steps := []string{"CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y"}
	require.NoError(t, db.migrate(t.Context(), steps[:1]))
	require.Equal(t, 1, version(t, db))
	require.NoError(t, db.migrate(t.Context(), steps))
	require.NoError(t, db.migrate(t.Context(), steps))
	require.Equal(t, 3, version(t, db))
	require.NoError(t, db.checkSchema(t.Context(), steps))
	var rows int
	require.NoError(t, db.one(t.Context(), "SELECT count(*) FROM a WHERE y IS NULL", &rows))
	require.Equal(t, 1, rows, "each step is taken once")
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	db := memory(t)
	require.NoError(t, db.migrate(t.Context(), []string{"CREATE TABLE a (x)"}))
	before, err := db.schema(t.Context())
	require.NoError(t, err)
	err = db.migrate(t.Context(), []string{"CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x); nonsense"})
	require.ErrorContains(t, err, "migration 3")
	require.Equal(t, 1, version(t, db))
	after, err := db.schema(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestAReleasedStoreIsTakenOver opens a store as version 1 made it with a program that
// knows one step more.
func TestAReleasedStoreIsTakenOver(t *testing.T) {
	db := memory(t)
	steps, err := migrations()
	require.NoError(t, err)
	require.NoError(t, db.migrate(t.Context(), steps))
	next := append(steps, "ALTER TABLE labels ADD COLUMN note TEXT")
	require.ErrorIs(t, db.checkSchema(t.Context(), next), ErrDamaged)
	require.NoError(t, db.checkVersion(t.Context(), len(next), readWrite))
	require.ErrorIs(t, db.checkVersion(t.Context(), len(next), readOnly), ErrUnusable)
	require.NoError(t, db.migrate(t.Context(), next))
	require.NoError(t, db.checkSchema(t.Context(), next))
	require.ErrorIs(t, db.checkVersion(t.Context(), len(steps), readWrite), ErrVersion)
}

func TestAViewOfOnesOwnMayStandBesideTheTables(t *testing.T) {
	db := memory(t)
	steps, err := migrations()
	require.NoError(t, err)
	require.NoError(t, db.migrate(t.Context(), append(steps[:len(steps):len(steps)], "CREATE VIEW mine AS SELECT * FROM labels")))
	require.NoError(t, db.checkSchema(t.Context(), steps))
}

func TestErrorsOfTheSystemSayWhatToDo(t *testing.T) {
	for cause, advice := range map[error]string{
		syscall.ENOSPC:           adviceSpace,
		fs.ErrPermission:         "the user of this process needs to own the directory and the files in it",
		errors.New("other"):      "",
		errors.Join(nil, errRow): "",
	} {
		said, kind := classify(&fs.PathError{Op: "write", Path: "x", Err: cause}, ErrUnusable)
		require.Equal(t, advice, said)
		require.Equal(t, errors.Is(cause, errRow), errors.Is(kind, ErrDamaged))
	}
}

// FuzzList feeds the list column whatever a file may hold: it is read as a list that is
// stored in the same form, or refused as damage.
func FuzzList(f *testing.F) {
	for _, seed := range []string{`["a"]`, `[]`, `null`, `["a","b"]`, `[1]`, `[null]`, `{"a":1}`, `["a"]x`, ``, `"a"`, "[\"\xff\"]", `["\u0000"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var list []string
		known := lists{}
		err := listColumn{known, &list}.Scan(text)
		if err != nil {
			require.ErrorIs(t, err, errRow)
			return
		}
		require.NotEmpty(t, list)
		value, err := listValue(list)
		require.NoError(t, err)
		var again []string
		require.NoError(t, listColumn{known, &again}.Scan(value))
		require.Equal(t, list, again)
		list[0] += "changed"
		var remembered []string
		require.NoError(t, listColumn{known, &remembered}.Scan(value))
		require.Equal(t, again, remembered, "it is the caller's")
		require.LessOrEqual(t, len(known), 2)
	})
}

func TestFewListsAreRemembered(t *testing.T) {
	known := lists{}
	for i := range 3 * mostLists {
		var list []string
		require.NoError(t, listColumn{known, &list}.Scan(fmt.Sprintf(`["%d"]`, i)))
		require.Equal(t, []string{fmt.Sprint(i)}, list)
		require.LessOrEqual(t, len(known), mostLists)
	}
}
