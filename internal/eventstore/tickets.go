package eventstore

import (
	"context"

	"socialboards_exporter/internal/fact"
)

// EachTicket calls do with the row of every followed ticket, by id. For the rest it is
// like EachEntry.
func (s *Store) EachTicket(ctx context.Context, do func(fact.Ticket) error) error {
	return stream(ctx, s, reader.ticket, `SELECT `+ticketColumns+` FROM tickets WHERE departed IS NULL ORDER BY id`, do)
}

// Tickets gives the rows of those of the tickets that are stored, followed or departed, in
// the order asked for. Errors are *Error, or that of ctx.
func (s *Store) Tickets(ctx context.Context, ids []int64) (found []fact.Ticket, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = s.reading(ctx, func(r reader) error {
		for _, id := range ids {
			rows, err := all(ctx, r, reader.ticket, `SELECT `+ticketColumns+` FROM tickets WHERE id = ?`, id)
			if err != nil {
				return err
			}
			found = append(found, rows...)
		}
		return nil
	})
	if err != nil {
		return nil, s.fail(err, ErrRead)
	}
	return found, nil
}

// TicketIDs gives the ids of all followed tickets, or of all that have departed, sorted.
// Errors are *Error, or that of ctx.
func (s *Store) TicketIDs(ctx context.Context, departed bool) (ids []int64, err error) {
	err = s.reading(ctx, func(r reader) error {
		return r.query(ctx, `SELECT id FROM tickets WHERE (departed IS NOT NULL) = ? ORDER BY id`, func(rows *row) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, departed)
	})
	if err != nil {
		return nil, s.fail(err, ErrRead)
	}
	return ids, nil
}
