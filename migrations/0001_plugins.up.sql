-- Plugins, their versions and the bytes of hosted modules are apart, because a version comes and goes on its own and a
-- module must stay for as long as any proxy may ask for its digest, whatever happens to the plugin.

CREATE TABLE plugin (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Also the plugin's address in the marketplace, and the front of resource names in the cluster.
    name           text NOT NULL CONSTRAINT plugin_name_key UNIQUE,
    title_en       text NOT NULL,
    title_zh       text NOT NULL,
    description_en text NOT NULL,
    description_zh text NOT NULL,
    category       text NOT NULL
        CONSTRAINT plugin_category_check
        CHECK (category IN ('security', 'authentication', 'traffic', 'transformation', 'observability')),
    origin         text NOT NULL CONSTRAINT plugin_origin_check CHECK (origin IN ('builtin', 'added')),
    -- Of the latest release, repeated here so that facets are counted over one narrow table.
    phase          text NOT NULL
        CONSTRAINT plugin_phase_check CHECK (phase IN ('AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE')),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    created_by     text NOT NULL,
    CONSTRAINT plugin_name_check CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$')
);

-- Bytes by digest; never changed, so that answers can be cached for ever.
CREATE TABLE module (
    sha256     text PRIMARY KEY CONSTRAINT module_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes      bytea NOT NULL,
    size       bigint GENERATED ALWAYS AS (octet_length(bytes)) STORED,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Sent as they are, so time is better spent on reading than on unpacking.
ALTER TABLE module ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE release (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plugin_id     bigint NOT NULL CONSTRAINT release_plugin_fkey REFERENCES plugin (id) ON DELETE CASCADE,
    version       text NOT NULL
        CONSTRAINT release_version_check CHECK (version ~ '^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$'),
    is_latest     boolean NOT NULL,
    -- Somewhere else, or with us: exactly one of the two.
    url           text,
    hosted        text CONSTRAINT release_hosted_fkey REFERENCES module (sha256),
    sha256        text CONSTRAINT release_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- json, not jsonb: a schema's properties are shown in the order in which their author wrote them.
    schema        json,
    example       text,
    readme_en     text NOT NULL,
    readme_zh     text NOT NULL,
    phase         text NOT NULL
        CONSTRAINT release_phase_check CHECK (phase IN ('AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE')),
    priority      integer NOT NULL CONSTRAINT release_priority_check CHECK (priority BETWEEN 1 AND 1000),
    fail_strategy text NOT NULL
        CONSTRAINT release_fail_strategy_check CHECK (fail_strategy IN ('FAIL_CLOSE', 'FAIL_OPEN', 'FAIL_RELOAD')),
    direction     text NOT NULL
        CONSTRAINT release_direction_check CHECK (direction IN ('SERVER', 'CLIENT', 'CLIENT_AND_SERVER')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT release_version_key UNIQUE (plugin_id, version),
    CONSTRAINT release_address_check CHECK (num_nonnulls(url, hosted) = 1)
);
-- One latest release for each plugin, and not two.
CREATE UNIQUE INDEX release_latest_key ON release (plugin_id) WHERE is_latest;
CREATE INDEX release_hosted_index ON release (hosted) WHERE hosted IS NOT NULL;
