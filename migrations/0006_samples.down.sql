-- Takes away the samples of all versions; built-in plugins bring theirs again when a newer server starts.
ALTER TABLE release DROP COLUMN samples;
