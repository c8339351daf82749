-- Takes away the record of what was done; keep a copy first.
DROP TABLE activity;
DROP FUNCTION activity_is_append_only();
