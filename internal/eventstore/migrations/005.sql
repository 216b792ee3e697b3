-- What comes after the sums no longer takes them away: it is noted, and a start adds it to
-- them. So a crash costs no more than a stop. What only an edit by hand does, to alter or to
-- remove a row, takes them away as before. Without sums nothing is noted.

CREATE TABLE unsummed_changes (
  ticket INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  PRIMARY KEY (ticket, seq)
) WITHOUT ROWID;

CREATE TABLE unsummed_outcomes (
  ticket       INTEGER NOT NULL,
  objective    INTEGER NOT NULL, -- strings
  start        INTEGER NOT NULL,
  was_counted  INTEGER NOT NULL, -- when the sums were stored; 0: nor was the row there
  was_breached INTEGER,
  was_observed INTEGER NOT NULL,
  PRIMARY KEY (ticket, objective, start)
) WITHOUT ROWID;

DROP TRIGGER sums_change_added;
CREATE TRIGGER sums_change_added AFTER INSERT ON changes WHEN EXISTS (SELECT 1 FROM sums) BEGIN
  INSERT INTO unsummed_changes VALUES (NEW.ticket, NEW.seq);
END;

DROP TRIGGER sums_outcome_added;
CREATE TRIGGER sums_outcome_added BEFORE INSERT ON outcomes
WHEN EXISTS (SELECT 1 FROM sums) AND NOT EXISTS (
  SELECT 1 FROM unsummed_outcomes WHERE ticket = NEW.ticket AND objective = NEW.objective AND start = NEW.start)
BEGIN
  INSERT INTO unsummed_outcomes
  SELECT NEW.ticket, NEW.objective, NEW.start, coalesce(max(counted), 0), max(breached), coalesce(max(observed), 0)
  FROM outcomes WHERE ticket = NEW.ticket AND objective = NEW.objective AND start = NEW.start;
END;
