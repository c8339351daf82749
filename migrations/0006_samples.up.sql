-- A plugin brings exchanges to try it with; they belong to a version, whose configuration they use. Nullable, so that
-- servers of the old version go on writing releases without them.
-- json, not jsonb: shown in the order in which their author wrote them.
ALTER TABLE release ADD COLUMN samples json;
