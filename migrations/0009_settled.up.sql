-- A check never costs more than a person waits for. What would cost more is left open, and is neither good nor bad until it
-- has been run.

ALTER TABLE module_check ADD COLUMN settled boolean NOT NULL DEFAULT true;
