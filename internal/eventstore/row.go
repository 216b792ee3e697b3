package eventstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"socialboards_exporter/internal/fact"
)

// row is one row of an answer, as the driver gives it.
type row struct{ columns []driver.Value }

// Scan puts the columns into what to points to. A column that holds something else than
// this program has stored there is damage.
func (r *row) Scan(to ...any) error {
	if len(to) != len(r.columns) {
		return fmt.Errorf("%d columns scanned into %d values", len(r.columns), len(to))
	}
	for i, to := range to {
		if err := scan(r.columns[i], to); err != nil {
			return err
		}
	}
	return nil
}

// numbers gives columns that all hold whole numbers.
func (r *row) numbers(to []int64) error {
	if len(to) != len(r.columns) {
		return fmt.Errorf("%d columns taken for %d numbers", len(r.columns), len(to))
	}
	for i, value := range r.columns {
		n, ok := value.(int64)
		if !ok {
			return fmt.Errorf("%w: %T in a column for a number", errRow, value)
		}
		to[i] = n
	}
	return nil
}

func scan(value driver.Value, to any) error {
	number, isNumber := value.(int64)
	text, isText := value.(string)
	ok := isNumber
	switch to := to.(type) {
	case *int64:
		*to = number
	case *int:
		*to = int(number)
	case *uint64:
		*to = uint64(number) //nolint:gosec // the same bits
	case *bool:
		*to = number != 0
	case *fact.Instant:
		*to = fact.Instant(number)
	case *string:
		*to, ok = text, isText
	case *fact.Kind:
		*to, ok = fact.Kind(text), isText
	case sql.Scanner:
		return to.Scan(value)
	default:
		return fmt.Errorf("a column cannot be scanned into %T", to)
	}
	if !ok {
		return fmt.Errorf("%w: %T in a column for %T", errRow, value, to)
	}
	return nil
}

// query calls do for each row of the answer, which is good only until do returns.
func (d *database) query(ctx context.Context, query string, do func(*row) error, args ...any) error {
	return d.run(ctx, query, args, func(s statement, values []driver.NamedValue) (err error) {
		rows, err := s.QueryContext(ctx, values)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		return eachRow(rows, do)
	})
}

func eachRow(rows driver.Rows, do func(*row) error) error {
	r := &row{make([]driver.Value, len(rows.Columns()))}
	for {
		switch err := rows.Next(r.columns); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := do(r); err != nil {
			return err
		}
	}
}
