-- A run of the sandbox has an address of its own, so that what somebody saw can be shown to somebody else. Kept for a
-- while only: by age, by number and by size, whichever ends first (`domain::views::run`).
CREATE TABLE run (
    id         uuid PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    who        text NOT NULL,
    -- text, not jsonb: it is only read back whole, and a report may hold NULs, which jsonb refuses.
    about      text NOT NULL,
    exchange   text NOT NULL,
    report     text NOT NULL,
    size       bigint GENERATED ALWAYS AS (octet_length(about) + octet_length(exchange) + octet_length(report)) STORED
);
CREATE INDEX run_created_at_index ON run (created_at);
