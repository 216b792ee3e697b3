package eventstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"socialboards_exporter/internal/fact"
)

// This file has one method for each kind of record: how it becomes a row.

func (w writer) change(ctx context.Context, c fact.Change) error {
	return w.do(ctx, `INSERT INTO changes
		(ticket, seq, time, from_status, to_status, duration, decides, counted, inconsistent, unrecognized)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ticket, seq) DO NOTHING`,
		c.Ticket, c.Seq, int64(c.Time), wordValue(c.From), wordValue(c.To), timeValue(c.Duration),
		c.Decides, c.Counted, c.Inconsistent, c.Unrecognized)
}

func (w writer) outcome(ctx context.Context, o fact.Outcome) error {
	return w.do(ctx, `INSERT OR REPLACE INTO outcomes
		(ticket, objective, start, breached, breach_seq, stopped, stop_seq, duration, counted, observed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Ticket, wordValue(o.Objective), int64(o.Start), timeValue(o.Breached), o.BreachSeq,
		timeValue(o.Stopped), o.StopSeq, timeValue(o.Duration), o.Counted, o.Observed)
}

func (w writer) view(ctx context.Context, v fact.View) error {
	tags, err := listValue(v.Tags)
	if err != nil {
		return err
	}
	return w.do(ctx, `INSERT INTO views (ticket, since, source, category, tags) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (ticket, since) DO NOTHING`,
		v.Ticket, int64(v.Since), wordValue(v.Source), v.Category, tags)
}

func (w writer) correction(ctx context.Context, c fact.Correction) error {
	return w.do(ctx, `INSERT INTO corrections (ticket, time, status, seq) VALUES (?, ?, ?, ?)
		ON CONFLICT (ticket, time) DO NOTHING`,
		c.Ticket, int64(c.Time), wordValue(c.Status), c.Seq)
}

func (w writer) ticket(ctx context.Context, t fact.Ticket) error {
	origins, err := listValue(t.Origins)
	tags, err2 := listValue(t.Tags)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return w.do(ctx, `INSERT OR REPLACE INTO tickets
		(id, found, until, departed, origins, skipped, inherited, created, list_status, first_status, assignee, source, category, tags,
		looked_at, seen_at, read_at, full_read_at, last_entry, seen_print, read_print, status, since, done)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, timeValue(t.Found), timeValue(t.Until), timeValue(t.Departed), origins, t.Skipped, t.Inherited,
		timeValue(t.Created), wordValue(t.ListStatus), wordValue(t.FirstStatus), wordValue(t.Assignee), wordValue(t.Source), t.Category, tags,
		timeValue(t.LookedAt), timeValue(t.SeenAt), timeValue(t.ReadAt), timeValue(t.FullReadAt), timeValue(t.LastEntry),
		printValue(t.SeenPrint), printValue(t.ReadPrint), wordValue(t.Status), timeValue(t.Since), t.Done)
}

func (w writer) label(ctx context.Context, l fact.Label) error {
	return w.do(ctx, `INSERT INTO labels (label, status, learned) VALUES (?, ?, ?) ON CONFLICT (label) DO NOTHING`,
		l.Label, l.Status, timeValue(l.Learned))
}

// series keeps the total of the entries when the row is there already, and refuses other
// labels: what was counted by them would be moved.
func (w writer) series(ctx context.Context, s fact.Series) error {
	n, err := w.exec(ctx, `INSERT INTO series (id, kind, label1, label2, label3, created) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET created = excluded.created
		WHERE kind = excluded.kind AND label1 = excluded.label1 AND label2 = excluded.label2 AND label3 = excluded.label3`,
		s.ID, string(s.Kind), s.Labels[0], s.Labels[1], s.Labels[2], timeValue(s.Created))
	if err == nil && n == 0 {
		err = &Error{Kind: ErrRefused, Err: fmt.Errorf("series %d of kind %s is there already, with other labels", s.ID, s.Kind)}
	}
	return err
}

func (w writer) user(ctx context.Context, u fact.User) error {
	return w.do(ctx, `INSERT OR REPLACE INTO users (id, type, name, placed) VALUES (?, ?, ?, ?)`,
		u.ID, u.Type, u.Name, u.Placed)
}

func (w writer) selection(ctx context.Context, s fact.Selection) error {
	return w.do(ctx, `INSERT OR REPLACE INTO selections (key, complete, since) VALUES (?, ?, ?)`,
		s.Key, timeValue(s.Complete), timeValue(s.Since))
}

func (w writer) objective(ctx context.Context, o fact.Objective) error {
	return w.do(ctx, `INSERT OR REPLACE INTO objectives (name, definition, since) VALUES (?, ?, ?)`,
		o.Name, o.Definition, timeValue(o.Since))
}

func (w writer) counts(ctx context.Context, counts map[string]uint64) error {
	return each(ctx, w, slices.Sorted(maps.Keys(counts)), func(w writer, ctx context.Context, name string) error {
		return w.do(ctx, `INSERT INTO counts (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`, name, int64(counts[name])) //nolint:gosec // far below the limit
	})
}

func (w writer) meta(ctx context.Context, settings map[string]string) error {
	return each(ctx, w, slices.Sorted(maps.Keys(settings)), func(w writer, ctx context.Context, name string) error {
		return w.do(ctx, `INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)`, name, settings[name])
	})
}
