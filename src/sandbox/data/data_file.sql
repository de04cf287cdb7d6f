-- The sandbox's own SQLite file. It belongs to the sandbox alone and is read only by the version that wrote it or a
-- later one, so the tables are made where they are missing.

-- name: create_objects
CREATE TABLE IF NOT EXISTS object (
    type TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (type, id)
) WITHOUT ROWID;

-- name: create_events
CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created INTEGER NOT NULL,
    webhooks_pending INTEGER NOT NULL, body TEXT NOT NULL
);

-- name: create_idempotency_keys
CREATE TABLE IF NOT EXISTS idempotency_key (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, claimed_at INTEGER NOT NULL, status INTEGER NOT NULL,
    request_id TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;

-- name: create_facts
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- name: save_object
INSERT INTO object (type, id, sequence, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (type, id) DO UPDATE SET sequence = excluded.sequence, body = excluded.body;

-- name: erase_object
DELETE FROM object WHERE type = $1 AND id = $2;

-- name: all_objects
SELECT type, sequence, body FROM object ORDER BY sequence;

-- name: save_event
INSERT INTO event (sequence, id, type, created, webhooks_pending, body) VALUES ($1, $2, $3, $4, $5, $6);

-- name: set_webhooks_pending
UPDATE event SET webhooks_pending = $2 WHERE id = $1;

-- name: erase_old_events
DELETE FROM event WHERE sequence < $1;

-- name: all_events
SELECT sequence, id, type, created, webhooks_pending, body FROM event ORDER BY sequence;

-- name: save_key
INSERT INTO idempotency_key (key, fingerprint, claimed_at, status, request_id, body) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, claimed_at = excluded.claimed_at,
    status = excluded.status, request_id = excluded.request_id, body = excluded.body;

-- name: erase_old_keys
DELETE FROM idempotency_key WHERE claimed_at < $1;

-- name: all_keys
SELECT key, fingerprint, claimed_at, status, request_id, body FROM idempotency_key;

-- name: set_fact
INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: find_fact
SELECT value FROM fact WHERE name = $1;
