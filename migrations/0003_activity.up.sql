-- Who changed what, from the first day and for good: a record that can be altered is worth nothing when it is needed.

CREATE TABLE activity (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    who       text NOT NULL,
    action    text NOT NULL
        CONSTRAINT activity_action_check CHECK (action IN (
            'plugin-added', 'plugin-edited', 'plugin-deleted', 'plugin-seeded', 'applied', 'edited', 'uninstalled')),
    -- Names, not references: the entry outlives what it tells about.
    plugin    text,
    namespace text,
    service   text,
    resource  text,
    before    text,
    after     text,
    outcome   text NOT NULL
);
CREATE INDEX activity_plugin_index ON activity (plugin, id DESC);
CREATE INDEX activity_service_index ON activity (namespace, service, id DESC);

CREATE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'activity is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
    FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();
