package eventstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// applicationID marks the file as a store of this program ("SBEX"), for file(1) and for
// us: another program's database must neither be written nor be called damaged.
const applicationID = 0x53424558

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations gives the steps from an empty database to the present schema, in their
// order. A step that was released is never changed; the number of steps taken is the
// file's user_version.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	steps := make([]string, 0, len(names))
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(text))
	}
	return steps, nil
}

// migrate takes the steps that the database has not taken, all of them or none.
func (d *database) migrate(ctx context.Context, steps []string) error {
	var version int
	if err := d.one(ctx, "PRAGMA user_version", &version); err != nil {
		return err
	}
	if version >= len(steps) {
		return nil
	}
	return d.transact(ctx, func() error {
		for i, step := range steps[version:] {
			if _, err := d.conn.ExecContext(ctx, step); err != nil {
				return fmt.Errorf("migration %d: %w", version+i+1, err)
			}
		}
		_, err := d.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps)))
		return err
	})
}

// schema gives the SQL of every table and view by name.
func (d *database) schema(ctx context.Context) (map[string]string, error) {
	found := map[string]string{}
	const query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
	err := d.query(ctx, query, func(rows *row) error {
		var name, text string
		err := rows.Scan(&name, &text)
		found[name] = text
		return err
	})
	return found, err
}

// checkSchema compares the tables and views with those that steps make. Others may stand
// beside them: who looks into the store by hand may add a view or an index.
func (d *database) checkSchema(ctx context.Context, steps []string) (err error) {
	model, err := connect(ctx, "", inMemory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.close()) }()
	if err := model.migrate(ctx, steps); err != nil {
		return err
	}
	want, err := model.schema(ctx)
	if err != nil {
		return err
	}
	found, err := d.schema(ctx)
	if err != nil {
		return err
	}
	for name, text := range want {
		if found[name] != text {
			return damaged("%s is not as this program makes it", name)
		}
	}
	return nil
}
