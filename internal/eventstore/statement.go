package eventstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// statement is a prepared statement of the driver's connection. database/sql takes twice as
// long to read a row, and a fifth longer to write one; a start reads hundreds of thousands,
// and a first pass writes millions.
type statement interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

// run calls do with the prepared statement for query, and its arguments, which the driver
// takes over at once: they are good until the next run.
func (d *database) run(ctx context.Context, query string, args []any, do func(statement, []driver.NamedValue) error) error {
	return d.conn.Raw(func(conn any) error {
		s, err := d.prepared(ctx, conn, query)
		if err != nil {
			return err
		}
		d.values = d.values[:0]
		for i, arg := range args {
			value, err := driver.DefaultParameterConverter.ConvertValue(arg)
			if err != nil {
				return err
			}
			d.values = append(d.values, driver.NamedValue{Ordinal: i + 1, Value: value})
		}
		return do(s, d.values)
	})
}

// prepared gives the prepared statement for query on the driver's connection.
func (d *database) prepared(ctx context.Context, conn any, query string) (statement, error) {
	if s := d.statements[query]; s != nil {
		return s, nil
	}
	c, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("the driver's connection %T prepares nothing", conn)
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := stmt.(statement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's statement %T cannot be run", stmt), stmt.Close())
	}
	d.statements[query] = s
	return s, nil
}

// exec runs a statement and tells how many rows it changed.
func (d *database) exec(ctx context.Context, query string, args ...any) (changed int64, err error) {
	err = d.run(ctx, query, args, func(s statement, values []driver.NamedValue) error {
		result, err := s.ExecContext(ctx, values)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed, err
}
