-- What search reads stands in a table of its own, prepared by the program (lower case, distinct words, pieces of
-- Chinese), so that it works the same under every LC_CTYPE and the plugin table stays narrow enough to count facets on.

-- A server without pg_trgm still gets a catalogue: search is slower there and forgives no typos, and the product says so.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
    RAISE WARNING 'pg_trgm is not available: %', SQLERRM;
END
$$;

CREATE TABLE plugin_text (
    plugin_id bigint PRIMARY KEY CONSTRAINT plugin_text_plugin_fkey REFERENCES plugin (id) ON DELETE CASCADE,
    -- The name and both titles, each between two line ends.
    names     text NOT NULL,
    -- The names and both descriptions.
    brief     text NOT NULL,
    -- All of the above and the distinct words of both READMEs of the latest release.
    haystack  text NOT NULL
) WITH (toast_tuple_target = 8160);
-- Read by LIKE on many rows: unpacking would cost more than the room it saves.
ALTER TABLE plugin_text
    ALTER COLUMN names SET STORAGE EXTERNAL,
    ALTER COLUMN brief SET STORAGE EXTERNAL,
    ALTER COLUMN haystack SET STORAGE EXTERNAL;

-- Single characters and pairs of the Chinese in the haystack: a short word inside a longer run has no trigram. Apart from
-- the texts, which would not fit into their rows with these.
CREATE TABLE plugin_grams (
    plugin_id bigint PRIMARY KEY CONSTRAINT plugin_grams_plugin_fkey REFERENCES plugin (id) ON DELETE CASCADE,
    grams     text[] NOT NULL
);

-- Every word in letters that a name or description ever held: what a mistyped word is corrected to. A word that is in no
-- plugin any more finds nothing, which does no harm, so none is ever taken away.
CREATE TABLE plugin_word (
    word text PRIMARY KEY
);

CREATE INDEX plugin_grams_index ON plugin_grams USING gin (grams);
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX plugin_text_brief_index ON plugin_text USING gin (brief gin_trgm_ops);
        CREATE INDEX plugin_text_haystack_index ON plugin_text USING gin (haystack gin_trgm_ops);
        CREATE INDEX plugin_word_index ON plugin_word USING gin (word gin_trgm_ops);
    END IF;
END
$$;
