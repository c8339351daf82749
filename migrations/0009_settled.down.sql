-- Loses: which modules were left open. They count as good until the next check.

ALTER TABLE module_check DROP COLUMN settled;
