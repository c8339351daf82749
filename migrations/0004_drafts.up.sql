-- What a person typed into a form and has not sent yet lives on the server, so that nothing is lost on the way from one
-- step to the next, with scripts or without.

CREATE TABLE draft (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    body       jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX draft_updated_at_index ON draft (updated_at);
