-- Whether Envoy would load a module is found out once for each digest and kept: the marketplace shows it on every card, and
-- what foreign bytes contain never changes.

CREATE TABLE module_check (
    sha256     text PRIMARY KEY CONSTRAINT module_check_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- Who checked it: the answer of an older checker is shown until a newer one has looked.
    checker    text NOT NULL,
    -- The step at which Envoy refuses it; none when it loads.
    refusal    text CONSTRAINT module_check_refusal_check CHECK (refusal IN
        ('header', 'abi', 'compile', 'imports', 'instantiate', 'allocator', 'exports')),
    -- The checker's whole answer. Its form belongs to the program, not to the database.
    report     jsonb NOT NULL,
    checked_at timestamptz NOT NULL DEFAULT now()
);

-- What was behind an address when it was last fetched. Not a part of the release: an address may be looked at before any
-- release has it, and its content may change while the release does not.
CREATE TABLE probe (
    url        text NOT NULL,
    -- The digest that was asked for; empty for none, since a primary key holds no NULL.
    pin        text NOT NULL CONSTRAINT probe_pin_check CHECK (pin ~ '^([0-9a-f]{64})?$'),
    -- Found: the module's own digest, the digest that Istio compares, the form it was in, how long it took.
    module     text CONSTRAINT probe_module_check CHECK (module ~ '^[0-9a-f]{64}$'),
    digest     text CONSTRAINT probe_digest_check CHECK (digest ~ '^[0-9a-f]{64}$'),
    layout     text,
    took_ms    integer,
    -- Or not found: why, and whether a proxy would not get it either.
    problem    jsonb,
    hopeless   boolean NOT NULL DEFAULT false,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (url, pin),
    CONSTRAINT probe_outcome_check CHECK ((problem IS NULL) = (num_nonnulls(module, digest, layout, took_ms) = 4))
);
CREATE INDEX probe_fetched_at_index ON probe (fetched_at);

-- Of the latest release, repeated here so that facets are counted over one narrow table, as with the phase.
ALTER TABLE plugin
    ADD COLUMN loads text NOT NULL DEFAULT 'unknown'
        CONSTRAINT plugin_loads_check CHECK (loads IN ('yes', 'no', 'unknown'));

-- A module that a person uploads is there before the form that names it is saved, and may stay without one. Since when it
-- has been so is noted, so that it can be forgotten after a while; NULL for all that a release ever had, which stay for
-- proxies that may ask for them.

ALTER TABLE module ADD COLUMN unclaimed_since timestamptz;
CREATE INDEX module_unclaimed_index ON module (unclaimed_since) WHERE unclaimed_since IS NOT NULL;
