-- Why: an event's payload is most of its row, and was written anew whenever the row was claimed, tried and finished; and
-- SQLite built a small tree for each list of three words or more, whenever a row was held against it.

-- [both]
-- Leads with the time, so that what comes last lies last, whatever its id.
CREATE TABLE inbox_payload (
    received_at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (received_at, event_id)
);
INSERT INTO inbox_payload (received_at, event_id, payload) SELECT received_at, id, payload FROM inbox_event;

-- [sqlite]
CREATE TABLE lighter_inbox_event (
    id TEXT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    api_version TEXT NOT NULL,
    stripe_created_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status = 'pending' OR status = 'processing' OR status = 'done' OR status = 'failed'
                                OR status = 'dead'),
    retry_count BIGINT NOT NULL,
    next_retry_at BIGINT NOT NULL,
    locked_until BIGINT,
    error TEXT NOT NULL,
    finished_at BIGINT
);
INSERT INTO lighter_inbox_event (id, type, subject, api_version, stripe_created_at, received_at, status, retry_count,
                                 next_retry_at, locked_until, error, finished_at)
SELECT id, type, subject, api_version, stripe_created_at, received_at, status, retry_count, next_retry_at, locked_until,
       error, finished_at
FROM inbox_event;
DROP TABLE inbox_event;
ALTER TABLE lighter_inbox_event RENAME TO inbox_event;
CREATE INDEX inbox_event_held ON inbox_event (subject) WHERE status = 'processing';
CREATE INDEX inbox_event_subject ON inbox_event (subject, received_at);
CREATE INDEX inbox_event_time ON inbox_event (received_at, id);
CREATE INDEX inbox_event_status ON inbox_event (status, received_at);
CREATE INDEX inbox_event_finished ON inbox_event (finished_at) WHERE status = 'done';

-- [postgres]
ALTER TABLE inbox_event DROP COLUMN payload;
DROP INDEX inbox_event_due;
GRANT SELECT, INSERT, DELETE ON inbox_payload TO billhook_worker;

-- [both]
CREATE INDEX inbox_event_due ON inbox_event (next_retry_at) WHERE status NOT IN ('done', 'dead');
