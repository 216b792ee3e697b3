-- The view of tickets shows from when on and until when a shard counts a ticket, and
-- whether another one followed it before.

DROP VIEW v_tickets;
CREATE VIEW v_tickets AS
SELECT t.id AS ticket, s.text AS status,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.since / 1e7, 'unixepoch') AS since, t.done,
  a.text AS assignee_id, c.text AS source, t.category, t.tags, t.origins,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.created / 1e7, 'unixepoch') AS created,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.found / 1e7, 'unixepoch') AS found, t.inherited,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.until / 1e7, 'unixepoch') AS until,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.departed / 1e7, 'unixepoch') AS departed,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.looked_at / 1e7, 'unixepoch') AS looked_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.read_at / 1e7, 'unixepoch') AS read_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.last_entry / 1e7, 'unixepoch') AS last_entry,
  l.text AS list_status, t.skipped
FROM tickets t
JOIN strings s ON s.id = t.status
JOIN strings a ON a.id = t.assignee
JOIN strings c ON c.id = t.source
JOIN strings l ON l.id = t.list_status;
