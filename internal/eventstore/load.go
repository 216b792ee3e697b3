package eventstore

import (
	"context"
	"errors"

	"socialboards_exporter/internal/fact"
)

// Contents is what a start needs of the whole store. Entries, changes and outcomes are
// read ticket by ticket with History, or one after the other with the Each methods.
type Contents struct {
	Tickets    []fact.Ticket    // by ID
	Series     []fact.Series    // by ID
	Events     map[int64]uint64 // how many entries are counted by the series of that ID; none: 0
	Users      []fact.User      // by ID
	Labels     []fact.Label     // by Label
	Selections []fact.Selection // by Key
	Objectives []fact.Objective // by Name
	Counts     map[string]uint64
	Meta       map[string]string
	LastSeq    int64 // the greatest Seq of an entry or a correction ever committed; 0: none
}

// Load gives the contents of the store, as of one moment. They are the caller's. A store
// that turns out to be damaged is replaced by a new one, as Open does it. Errors are
// *Error, or that of ctx.
func (s *Store) Load(ctx context.Context) (Contents, error) {
	c, err := s.contents(ctx)
	if _, kind := classify(err, ErrRead); errors.Is(kind, ErrDamaged) && s.mode == readWrite {
		s.mu.Lock()
		err = s.renew(ctx, err)
		s.mu.Unlock()
		if err != nil {
			return Contents{}, s.fail(err, ErrUnusable)
		}
		c, err = s.contents(ctx)
	}
	if err != nil {
		return Contents{}, s.fail(err, ErrRead)
	}
	return c, nil
}

func (s *Store) contents(ctx context.Context) (c Contents, err error) {
	err = s.reading(ctx, func(r reader) error {
		if c, err = r.outline(ctx); err != nil {
			return err
		}
		c.Tickets, err = all(ctx, r, reader.ticket, `SELECT `+ticketColumns+` FROM tickets ORDER BY id`)
		return err
	})
	return c, err
}

// Outline gives the contents of the store without the tickets, of which there may be very
// many. A damaged store is left as it is. Errors are *Error, or that of ctx.
func (s *Store) Outline(ctx context.Context) (c Contents, err error) {
	err = s.reading(ctx, func(r reader) error {
		c, err = r.outline(ctx)
		return err
	})
	if err != nil {
		return Contents{}, s.fail(err, ErrRead)
	}
	return c, nil
}

func (r reader) outline(ctx context.Context) (c Contents, err error) {
	var errs [5]error
	c.Users, errs[0] = all(ctx, r, reader.user, `SELECT id, type, name, placed FROM users ORDER BY id`)
	c.Labels, errs[1] = all(ctx, r, reader.label, `SELECT label, status, learned FROM labels ORDER BY label`)
	c.Selections, errs[2] = all(ctx, r, reader.selection, `SELECT key, complete, since FROM selections ORDER BY key`)
	c.Objectives, errs[3] = all(ctx, r, reader.objective, `SELECT name, definition, since FROM objectives ORDER BY name`)
	errs[4] = r.db.one(ctx, `SELECT last_seq FROM store`, &c.LastSeq)
	return c, errors.Join(errors.Join(errs[:]...), r.series(ctx, &c), r.counts(ctx, &c), r.meta(ctx, &c))
}

// series reads the series with the totals of their entries.
func (r reader) series(ctx context.Context, c *Contents) error {
	c.Events = map[int64]uint64{}
	return r.query(ctx, `SELECT id, kind, label1, label2, label3, created, entries FROM series ORDER BY id`, func(rows *row) error {
		var s fact.Series
		var entries uint64
		if err := rows.Scan(&s.ID, &s.Kind, &s.Labels[0], &s.Labels[1], &s.Labels[2], instant(&s.Created), &entries); err != nil {
			return err
		}
		c.Series = append(c.Series, s)
		if entries > 0 {
			c.Events[s.ID] = entries
		}
		return nil
	})
}

func (r reader) counts(ctx context.Context, c *Contents) error {
	c.Counts = map[string]uint64{}
	return r.query(ctx, `SELECT name, value FROM counts`, func(rows *row) error {
		var name string
		var value uint64
		err := rows.Scan(&name, &value)
		c.Counts[name] = value
		return err
	})
}

func (r reader) meta(ctx context.Context, c *Contents) error {
	c.Meta = map[string]string{}
	return r.query(ctx, `SELECT name, value FROM meta`, func(rows *row) error {
		var name, value string
		err := rows.Scan(&name, &value)
		c.Meta[name] = value
		return err
	})
}

func (r reader) user(rows *row, u *fact.User) error {
	return rows.Scan(&u.ID, &u.Type, &u.Name, &u.Placed)
}

func (r reader) label(rows *row, l *fact.Label) error {
	return rows.Scan(&l.Label, &l.Status, instant(&l.Learned))
}

func (r reader) selection(rows *row, s *fact.Selection) error {
	return rows.Scan(&s.Key, instant(&s.Complete), instant(&s.Since))
}

func (r reader) objective(rows *row, o *fact.Objective) error {
	return rows.Scan(&o.Name, &o.Definition, instant(&o.Since))
}
