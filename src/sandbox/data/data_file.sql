-- The sandbox's own SQLite file. It belongs to the sandbox alone and is read only by the version that wrote it or a
-- later one, so the tables are made where they are missing. Objects and events are kept by the order in which they were
-- made, and by nothing else: they are only ever read all at once, and a row that is added goes to the end.

-- name: create_objects
CREATE TABLE IF NOT EXISTS object_in_order (sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL);

-- name: create_events
CREATE TABLE IF NOT EXISTS event_in_order (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
);

-- name: create_awaited_webhooks
CREATE TABLE IF NOT EXISTS awaited_webhook (event_sequence INTEGER PRIMARY KEY, endpoints INTEGER NOT NULL);

-- name: create_idempotency_keys
CREATE TABLE IF NOT EXISTS idempotency_key (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, claimed_at INTEGER NOT NULL, status INTEGER NOT NULL,
    request_id TEXT NOT NULL, body TEXT NOT NULL, kept_seconds INTEGER NOT NULL
) WITHOUT ROWID;

-- name: create_facts
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- name: save_object
REPLACE INTO object_in_order (sequence, type, body) VALUES ($1, $2, $3);

-- name: erase_object
DELETE FROM object_in_order WHERE sequence = $1;

-- name: all_objects
SELECT type, sequence, body FROM object_in_order ORDER BY sequence;

-- name: save_event
INSERT INTO event_in_order (sequence, id, type, created, body, recorded_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: await_webhooks
REPLACE INTO awaited_webhook (event_sequence, endpoints) VALUES ($1, $2);

-- name: forget_webhooks
DELETE FROM awaited_webhook WHERE event_sequence = $1;

-- name: erase_old_events
DELETE FROM event_in_order WHERE sequence < $1;

-- name: erase_old_webhooks
DELETE FROM awaited_webhook WHERE event_sequence < $1;

-- name: all_events
SELECT sequence, id, type, created, coalesce(endpoints, 0), body, recorded_at
FROM event_in_order LEFT JOIN awaited_webhook ON event_sequence = sequence ORDER BY sequence;

-- name: save_key
INSERT INTO idempotency_key (key, fingerprint, claimed_at, status, request_id, body, kept_seconds)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, claimed_at = excluded.claimed_at,
    status = excluded.status, request_id = excluded.request_id, body = excluded.body,
    kept_seconds = excluded.kept_seconds;

-- name: erase_old_keys
DELETE FROM idempotency_key WHERE claimed_at + kept_seconds < $1;

-- name: all_keys
SELECT key, fingerprint, claimed_at + kept_seconds, status, request_id, body FROM idempotency_key;

-- name: set_fact
INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: find_fact
SELECT value FROM fact WHERE name = $1;

-- Older files did not say when an event was recorded: it was not after they were last written.

-- name: count_column
SELECT count(*) FROM pragma_table_info($1) WHERE name = $2;

-- name: add_recorded_at
BEGIN;
ALTER TABLE event_in_order ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
UPDATE event_in_order SET recorded_at = (SELECT value / 1000 FROM fact WHERE name = 'latest_time_ms');
COMMIT;

-- They did not say either for how long a key is kept: it was a day for all.

-- name: add_kept_seconds
ALTER TABLE idempotency_key ADD COLUMN kept_seconds INTEGER NOT NULL DEFAULT 86400;

-- The first files kept objects by type and id, and events beside an index of their ids.

-- name: count_first_tables
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('object', 'event');

-- name: take_over_first_tables
BEGIN;
REPLACE INTO object_in_order SELECT sequence, type, body FROM object;
REPLACE INTO event_in_order SELECT sequence, id, type, created, body, created FROM event;
REPLACE INTO awaited_webhook SELECT sequence, webhooks_pending FROM event WHERE webhooks_pending > 0;
DROP TABLE object;
DROP TABLE event;
COMMIT;
