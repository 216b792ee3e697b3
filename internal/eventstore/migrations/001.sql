-- Times are ticks of 100 ns since 1970-01-01 UTC; NULL is "never" or "unknown".
-- Texts that repeat are numbers of rows in strings; 0 is the empty text.

CREATE TABLE store (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  created   INTEGER NOT NULL, -- when the store was begun
  base_url  TEXT    NOT NULL, -- of the account it belongs to
  client_id TEXT    NOT NULL,
  last_seq  INTEGER NOT NULL  -- greatest seq ever given to an entry or a correction
);

CREATE TABLE strings (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);
INSERT INTO strings VALUES (0, '');

CREATE TABLE entries (
  ticket     INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  action     INTEGER NOT NULL, -- strings
  ordinal    INTEGER NOT NULL, -- place among entries of the same ticket, time and action
  seq        INTEGER NOT NULL, -- order of arrival
  user_type  INTEGER NOT NULL, -- strings
  user       INTEGER NOT NULL, -- strings; of team and bot users only
  from_label INTEGER NOT NULL, -- strings
  to_label   INTEGER NOT NULL, -- strings
  result     INTEGER NOT NULL, -- strings
  series     INTEGER NOT NULL, -- 0: not counted
  PRIMARY KEY (ticket, time, action, ordinal)
) WITHOUT ROWID;

CREATE TABLE changes (
  ticket       INTEGER NOT NULL,
  seq          INTEGER NOT NULL, -- of its entry
  time         INTEGER NOT NULL,
  from_status  INTEGER NOT NULL, -- strings
  to_status    INTEGER NOT NULL, -- strings
  duration     INTEGER,          -- ticks
  decides      INTEGER NOT NULL,
  counted      INTEGER NOT NULL,
  inconsistent INTEGER NOT NULL,
  unrecognized INTEGER NOT NULL,
  PRIMARY KEY (ticket, seq)
) WITHOUT ROWID;

CREATE TABLE outcomes (
  ticket     INTEGER NOT NULL,
  objective  INTEGER NOT NULL, -- strings
  start      INTEGER NOT NULL,
  breached   INTEGER,
  breach_seq INTEGER NOT NULL,
  stopped    INTEGER,
  stop_seq   INTEGER NOT NULL,
  duration   INTEGER,          -- ticks
  counted    INTEGER NOT NULL,
  observed   INTEGER NOT NULL,
  PRIMARY KEY (ticket, objective, start)
) WITHOUT ROWID;

CREATE TABLE views (
  ticket   INTEGER NOT NULL,
  since    INTEGER NOT NULL,
  source   INTEGER NOT NULL, -- strings
  category INTEGER NOT NULL,
  tags     TEXT,             -- JSON list
  PRIMARY KEY (ticket, since)
) WITHOUT ROWID;

CREATE TABLE corrections (
  ticket INTEGER NOT NULL,
  time   INTEGER NOT NULL,
  status INTEGER NOT NULL, -- strings
  seq    INTEGER NOT NULL,
  PRIMARY KEY (ticket, time)
) WITHOUT ROWID;

CREATE TABLE tickets (
  id           INTEGER PRIMARY KEY,
  found        INTEGER,
  until        INTEGER,
  departed     INTEGER,
  origins      TEXT,             -- JSON list
  skipped      INTEGER NOT NULL,
  created      INTEGER,
  list_status  INTEGER NOT NULL, -- strings
  first_status INTEGER NOT NULL, -- strings
  assignee     INTEGER NOT NULL, -- strings
  source       INTEGER NOT NULL, -- strings
  category     INTEGER NOT NULL,
  tags         TEXT,             -- JSON list
  looked_at    INTEGER,
  seen_at      INTEGER,
  read_at      INTEGER,
  full_read_at INTEGER,
  last_entry   INTEGER,
  seen_print   INTEGER NOT NULL,
  read_print   INTEGER NOT NULL,
  status       INTEGER NOT NULL, -- strings
  since        INTEGER,
  done         INTEGER NOT NULL
);

CREATE TABLE labels (
  label   TEXT PRIMARY KEY,
  status  TEXT NOT NULL,
  learned INTEGER
) WITHOUT ROWID;

CREATE TABLE series (
  id      INTEGER PRIMARY KEY,
  kind    TEXT NOT NULL,
  label1  TEXT NOT NULL,
  label2  TEXT NOT NULL,
  label3  TEXT NOT NULL,
  created INTEGER,
  entries INTEGER NOT NULL DEFAULT 0, -- how many rows of entries name this series
  UNIQUE (kind, label1, label2, label3)
);

CREATE TABLE users (
  id     TEXT PRIMARY KEY,
  type   TEXT NOT NULL,
  name   TEXT NOT NULL,
  placed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE selections (
  key      TEXT PRIMARY KEY,
  complete INTEGER,
  since    INTEGER
) WITHOUT ROWID;

CREATE TABLE objectives (
  name       TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  since      INTEGER
) WITHOUT ROWID;

CREATE TABLE counts (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- For people: texts instead of numbers, UTC times to the millisecond, durations in seconds.

CREATE VIEW v_entries AS
SELECT e.seq, e.ticket,
  strftime('%Y-%m-%dT%H:%M:%fZ', e.time / 1e7, 'unixepoch') AS time,
  a.text AS action_type, e.ordinal, t.text AS user_type, u.text AS user_id,
  f.text AS from_label, o.text AS to_label, r.text AS result, e.series
FROM entries e
JOIN strings a ON a.id = e.action
JOIN strings t ON t.id = e.user_type
JOIN strings u ON u.id = e.user
JOIN strings f ON f.id = e.from_label
JOIN strings o ON o.id = e.to_label
JOIN strings r ON r.id = e.result;

CREATE VIEW v_changes AS
SELECT c.seq, c.ticket,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.time / 1e7, 'unixepoch') AS time,
  f.text AS from_status, t.text AS to_status, c.duration / 1e7 AS duration_seconds,
  c.decides, c.counted, c.inconsistent, c.unrecognized
FROM changes c
JOIN strings f ON f.id = c.from_status
JOIN strings t ON t.id = c.to_status;

CREATE VIEW v_outcomes AS
SELECT c.ticket, o.text AS objective,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.start / 1e7, 'unixepoch') AS start,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.breached / 1e7, 'unixepoch') AS breached,
  strftime('%Y-%m-%dT%H:%M:%fZ', c.stopped / 1e7, 'unixepoch') AS stopped,
  c.duration / 1e7 AS duration_seconds, c.counted, c.observed
FROM outcomes c
JOIN strings o ON o.id = c.objective;

CREATE VIEW v_tickets AS
SELECT t.id AS ticket, s.text AS status,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.since / 1e7, 'unixepoch') AS since, t.done,
  a.text AS assignee_id, c.text AS source, t.category, t.tags, t.origins,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.created / 1e7, 'unixepoch') AS created,
  strftime('%Y-%m-%dT%H:%M:%fZ', t.found / 1e7, 'unixepoch') AS found,
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

CREATE VIEW v_events AS
SELECT label1 AS action_type, label2 AS user_id, label3 AS user_type, entries AS counted,
  strftime('%Y-%m-%dT%H:%M:%fZ', created / 1e7, 'unixepoch') AS created
FROM series WHERE kind = 'events';
