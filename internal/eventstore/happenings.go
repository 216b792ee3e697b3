package eventstore

import (
	"context"
	"fmt"

	"socialboards_exporter/internal/fact"
)

// Happening is one thing that is counted, or would have been, at the instant when it
// happened.
type Happening struct {
	// Series is the one that counts it, of a log entry that is counted; else 0.
	Series int64
	// Labels are the values of its labels in the order of its fact.Kind, unless Series has
	// them. Those of an entry are as they were read, without regard to places.
	Labels   [3]string
	At       fact.Instant
	Duration fact.Ticks // of histograms
}

// Which says which happenings are asked for.
type Which struct {
	Kind      fact.Kind
	Backlog   bool         // entries and changes older than when their ticket was found; else those that are counted
	Objective string       // of the kinds that have one
	UpTo      int64        // only what had arrived, or was judged, up to this Seq
	From, To  fact.Instant // only what happened from From on, and before To
	Sorted    bool         // by labels or series, and then by At; else in no order
}

// EachHappening calls do with each happening that is asked for. Sorting needs no memory
// that grows with their number: SQLite sorts in temporary files. For the rest it is like
// EachEntry.
func (s *Store) EachHappening(ctx context.Context, w Which, do func(Happening) error) error {
	query, args, err := w.query()
	if err != nil {
		return s.fail(err, ErrRead)
	}
	return stream(ctx, s, reader.happening, query, do, args...)
}

// query gives the rows of reader.happening: a series, three numbers of texts, a time and
// a duration.
func (w Which) query() (query string, args []any, err error) {
	const entry = `SELECT series, 0, 0, 0, time, NULL FROM entries WHERE series <> 0 AND `
	const backlog = `SELECT 0, action, user, user_type, time, NULL FROM entries
		WHERE result = (SELECT id FROM strings WHERE text = 'backlog') AND `
	const change = `SELECT 0, from_status, to_status, 0, time, duration FROM changes WHERE counted AND `
	const older = `SELECT 0, from_status, to_status, 0, time, duration FROM changes WHERE NOT counted AND from_status <> to_status AND `
	const known = `duration IS NOT NULL AND `
	const objective = `objective = (SELECT id FROM strings WHERE text = ?) AND `
	seq, at := "seq", "time"
	switch {
	case w.Kind == fact.Events && w.Backlog:
		query = backlog
	case w.Kind == fact.Events:
		query = entry
	case w.Kind == fact.Changes && w.Backlog:
		query = older
	case w.Kind == fact.Changes:
		query = change
	case w.Kind == fact.Durations && w.Backlog:
		query = older + known
	case w.Kind == fact.Durations:
		query = change + known
	case w.Backlog:
		return "", nil, fmt.Errorf("no %s are kept of what happened before a ticket was found", w.Kind)
	default:
		var columns string
		if columns, at, seq, err = w.outcome(); err != nil {
			return "", nil, err
		}
		query, args = columns+objective, []any{w.Objective}
	}
	query += fmt.Sprintf(`%[1]s <= ? AND %[2]s >= ? AND %[2]s < ?`, seq, at)
	if w.Sorted {
		query += ` ORDER BY 1, 2, 3, 4, 5`
	}
	return query, append(args, w.UpTo, int64(w.From), int64(w.To)), nil
}

// outcome gives what is asked of the table of outcomes, with the expressions for when it
// happened and when it was judged. A clock comes to its outcome at its breach, if there is
// one, and else at its stop.
func (w Which) outcome() (query, at, seq string, err error) {
	const from = `SELECT 0, objective, 0, 0, %s, duration FROM outcomes WHERE `
	switch w.Kind {
	case fact.Clocks:
		query, at, seq = `counted AND `, `coalesce(breached, stopped)`, `iif(breached IS NULL, stop_seq, breach_seq)`
	case fact.Breaches:
		query, at, seq = `counted AND `, `breached`, `breach_seq`
	case fact.SLADurations:
		query, at, seq = `observed AND `, `stopped`, `stop_seq`
	default:
		return "", "", "", fmt.Errorf("no kind %q of happenings", w.Kind)
	}
	return fmt.Sprintf(from, at) + query, at, seq, nil
}

func (r reader) happening(rows *row, h *Happening) error {
	return rows.Scan(&h.Series, r.words.text(&h.Labels[0]), r.words.text(&h.Labels[1]), r.words.text(&h.Labels[2]),
		&h.At, length(&h.Duration))
}
