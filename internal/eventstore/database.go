package eventstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// database is one connection to SQLite with its prepared statements. One connection is
// all there is: commits take well under a millisecond, and a second one would only bring
// busy waiting. It is not safe for concurrent use.
type database struct {
	pool       *sql.DB // holds conn only
	conn       *sql.Conn
	statements map[string]statement // prepared ones, by their SQL
	values     []driver.NamedValue  // see run
}

// access says how a file is opened.
type access string

const (
	readWrite access = "rw"
	readOnly  access = "ro"
	inMemory  access = "memory"
)

// connect opens the database at path, which must exist unless it is in memory.
func connect(ctx context.Context, path string, mode access) (*database, error) {
	dsn, err := dataSource(path, mode)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &database{pool: pool, conn: conn, statements: map[string]statement{}}, nil
}

// dataSource gives the address of the database with the settings of its connection.
//
// synchronous=FULL makes every commit reach the disk before it returns: what was
// published must not be forgotten by a power cut. There are no checkpoints but those that
// the store makes. cell_size_check finds damaged pages when they are read.
func dataSource(path string, mode access) (string, error) {
	options := url.Values{"mode": {string(mode)}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()),
		"synchronous(FULL)",
		"wal_autocheckpoint(0)",
		"cache_size(-8192)",
		"temp_store(" + temporaries(mode) + ")",
		"trusted_schema(OFF)",
		"cell_size_check(ON)",
	}}
	if mode == inMemory {
		return "file:memory?" + options.Encode(), nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	slashed := filepath.ToSlash(absolute)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // file:///C:/…
	}
	address := url.URL{Scheme: "file", Path: slashed, RawQuery: options.Encode()}
	return address.String(), nil
}

// temporaries says where SQLite sorts. Who reads beside the exporter may sort millions of
// rows, for which there are files.
func temporaries(mode access) string {
	if mode == readOnly {
		return "FILE"
	}
	return "MEMORY"
}

// close closes the connection. If it is the last one to the file, SQLite empties the
// write-ahead log into the database and removes it.
func (d *database) close() error {
	var errs []error
	for _, s := range d.statements {
		errs = append(errs, s.Close())
	}
	errs = append(errs, d.conn.Close(), d.pool.Close())
	return errors.Join(errs...)
}

// one scans the only row of the answer. sql.ErrNoRows: there is none.
func (d *database) one(ctx context.Context, query string, to ...any) error {
	return d.conn.QueryRowContext(ctx, query).Scan(to...)
}

// transact calls do inside a transaction, which is committed when do succeeds. A ctx
// that ends before the COMMIT rolls it back; the COMMIT itself is not interrupted,
// because nobody could tell then whether it took effect.
func (d *database) transact(ctx context.Context, do func() error) error {
	_, err := d.exec(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		err = do()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		_, err = d.exec(context.WithoutCancel(ctx), "COMMIT")
	}
	if err != nil {
		// It fails when SQLite has rolled back already, as it does when the disk is full.
		_, _ = d.exec(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}
