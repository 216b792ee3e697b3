package eventstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"socialboards_exporter/internal/fact"
)

// rowsAtOnce is how many entries one statement adds: to run one takes nearly as long as to
// add a row.
const rowsAtOnce = 25

// entries adds what is not there yet, and keeps the totals of their series in step, so
// that a start needs not count millions of rows.
func (w writer) entries(ctx context.Context, entries []fact.Entry) error {
	added := map[int64]int64{}
	for some := range slices.Chunk(entries, rowsAtOnce) {
		if err := w.someEntries(ctx, some, added); err != nil {
			return err
		}
	}
	for _, series := range slices.Sorted(maps.Keys(added)) {
		n, err := w.exec(ctx, "UPDATE series SET entries = entries + ? WHERE id = ?", added[series], series)
		if err != nil {
			return err
		}
		if n == 0 {
			return &Error{Kind: ErrRefused, Err: fmt.Errorf("entries of ticket %d name series %d, which is not stored", entries[0].Ticket, series)}
		}
	}
	return nil
}

// someEntries adds those entries that are not there, and counts them in added. Mostly none
// is: then one statement does for all. It fails as a whole where one is.
func (w writer) someEntries(ctx context.Context, entries []fact.Entry, added map[int64]int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(entries) > 1 {
		_, err := w.insertEntries(ctx, entries, "")
		if err == nil {
			for _, e := range entries {
				count(added, e, 1)
			}
		}
		if !isKnown(err) {
			return err
		}
	}
	for i, e := range entries {
		n, err := w.insertEntries(ctx, entries[i:i+1], " ON CONFLICT (ticket, time, action, ordinal) DO NOTHING")
		if err != nil {
			return err
		}
		count(added, e, n)
	}
	return nil
}

func count(added map[int64]int64, e fact.Entry, n int64) {
	if e.Series != 0 {
		added[e.Series] += n
	}
}

// isKnown says whether a statement has failed because a row with the same key is there.
func isKnown(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func (w writer) insertEntries(ctx context.Context, entries []fact.Entry, orElse string) (n int64, err error) {
	const row = ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	query := "INSERT INTO entries (" + entryColumns + ") VALUES " + strings.Repeat(row, len(entries))[2:] + orElse
	args := make([]any, 0, 11*len(entries))
	for _, e := range entries {
		var ids [6]int64
		for i, text := range [...]string{e.Action, e.UserType, e.UserID, e.From, e.To, string(e.Result)} {
			if ids[i], err = w.words.id(ctx, w.db, text); err != nil {
				return 0, err
			}
		}
		args = append(args, e.Ticket, int64(e.Time), ids[0], int64(e.Ordinal), e.Seq, ids[1], ids[2], ids[3], ids[4], ids[5], e.Series)
	}
	return w.exec(ctx, query, args...)
}
