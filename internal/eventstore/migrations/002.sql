-- What all changes and outcomes come to, as the last regular stop summed them up: a start
-- that finds it need not read them all. Whoever changes one of them, changes the sums, so
-- these are dropped with the first such change.

CREATE TABLE sums (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  text TEXT NOT NULL -- JSON
);

CREATE TRIGGER sums_change_added AFTER INSERT ON changes BEGIN DELETE FROM sums; END;
CREATE TRIGGER sums_change_edited AFTER UPDATE ON changes BEGIN DELETE FROM sums; END;
CREATE TRIGGER sums_change_removed AFTER DELETE ON changes BEGIN DELETE FROM sums; END;
CREATE TRIGGER sums_outcome_added AFTER INSERT ON outcomes BEGIN DELETE FROM sums; END;
CREATE TRIGGER sums_outcome_edited AFTER UPDATE ON outcomes BEGIN DELETE FROM sums; END;
CREATE TRIGGER sums_outcome_removed AFTER DELETE ON outcomes BEGIN DELETE FROM sums; END;
