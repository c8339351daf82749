-- Servers keep in memory what lists are made of, and have to see at once that somebody changed it: they themselves, another
-- server, or one of an older version. So the database counts the changes, in the transaction that makes them.

CREATE TABLE catalogue_version (
    -- One row.
    one     boolean PRIMARY KEY DEFAULT true CONSTRAINT catalogue_version_one_check CHECK (one),
    -- Changes of `plugin`.
    plugins bigint NOT NULL DEFAULT 0,
    -- Changes of what search reads.
    texts   bigint NOT NULL DEFAULT 0
);
INSERT INTO catalogue_version DEFAULT VALUES;

CREATE FUNCTION plugins_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_version SET plugins = plugins + 1;
    RETURN NULL;
END
$$;
CREATE FUNCTION texts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalogue_version SET texts = texts + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER plugin_version_trigger
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON plugin
    FOR EACH STATEMENT EXECUTE FUNCTION plugins_changed();
CREATE TRIGGER plugin_text_version_trigger
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON plugin_text
    FOR EACH STATEMENT EXECUTE FUNCTION texts_changed();
