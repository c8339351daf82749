-- Takes away what was found out about modules (all of it can be found out again), and the note which modules no release
-- ever had: those stay for ever then.
ALTER TABLE module DROP COLUMN unclaimed_since;
ALTER TABLE plugin DROP COLUMN loads;
DROP TABLE probe;
DROP TABLE module_check;
