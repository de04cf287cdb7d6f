-- fragment: columns
id, type, subject, api_version, stripe_created_at, received_at, status, retry_count, next_retry_at, locked_until, error,
finished_at

-- A row is written several times, its payload once.
-- fragment: payload
(SELECT kept.payload FROM inbox_payload AS kept
 WHERE kept.received_at = inbox_event.received_at AND kept.event_id = inbox_event.id)

-- name: insert
INSERT INTO inbox_event ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO NOTHING;

-- name: insert_payload
INSERT INTO inbox_payload (received_at, event_id, payload) VALUES ($1, $2, $3);

-- name: find_due [sqlite]
SELECT id FROM inbox_event INDEXED BY inbox_event_due
WHERE status NOT IN ('done', 'dead') AND next_retry_at <= $1 LIMIT 1;
-- name: find_due [postgres]
SELECT id FROM inbox_event WHERE status NOT IN ('done', 'dead') AND next_retry_at <= $1 LIMIT 1;

-- Takes what has been due longest, but of no subject that is held, so that one busy subject cannot hide the others.
-- next_retry_at becomes the end of the lease: a lease that has run out is due like everything else. SQLite, which keeps
-- no statistics, is told which indexes are the small ones.
-- name: claim [sqlite]
UPDATE inbox_event SET status = 'processing', locked_until = $2, next_retry_at = $2,
    error = CASE WHEN status = 'processing' THEN $4 ELSE error END
WHERE id IN (
    SELECT id FROM inbox_event AS event INDEXED BY inbox_event_due
    WHERE status NOT IN ('done', 'dead') AND next_retry_at <= $1
      AND NOT EXISTS (
        SELECT 1 FROM inbox_event AS held INDEXED BY inbox_event_held
        WHERE held.subject = event.subject AND held.status = 'processing' AND held.next_retry_at > $1)
    ORDER BY next_retry_at, id LIMIT $3)
RETURNING {columns}, {payload};
-- name: claim [postgres]
WITH due AS (
    SELECT id FROM inbox_event AS event
    WHERE status NOT IN ('done', 'dead') AND next_retry_at <= $1
      AND NOT EXISTS (SELECT 1 FROM inbox_event AS held WHERE held.subject = event.subject
                      AND held.status = 'processing' AND held.next_retry_at > $1)
    ORDER BY next_retry_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE inbox_event SET status = 'processing', locked_until = $2, next_retry_at = $2,
    error = CASE WHEN status = 'processing' THEN $4 ELSE error END
WHERE id IN (SELECT id FROM due)
RETURNING {columns}, {payload};

-- name: finish
UPDATE inbox_event SET status = 'done', locked_until = NULL, error = '', finished_at = $3
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- An attempt that may not come to its end.
-- name: count_attempt
UPDATE inbox_event SET retry_count = retry_count + 1
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: reschedule
UPDATE inbox_event
SET status = 'failed', locked_until = NULL, retry_count = retry_count + 1, next_retry_at = $3, error = $4
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: postpone
UPDATE inbox_event
SET status = 'failed', locked_until = NULL, next_retry_at = $3, error = $4
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: bury
UPDATE inbox_event SET status = 'dead', locked_until = NULL, error = $4, finished_at = $3
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- finished_at stays: a row that had its end and is due again was replayed, and wants a new look at Stripe.
-- name: replay
UPDATE inbox_event
SET status = 'pending', locked_until = NULL, retry_count = 0, next_retry_at = $2, error = ''
WHERE id = $1 AND (status <> 'processing' OR next_retry_at <= $2);

-- name: find
SELECT {columns}, {payload} FROM inbox_event WHERE id = $1;

-- name: list
SELECT {columns}, {payload} FROM inbox_event
WHERE (received_at, id) < ($1, $2)
  AND ($3 = '' OR status = $3) AND ($4 = '' OR type = $4) AND ($5 = '' OR subject = $5)
ORDER BY received_at DESC, id DESC LIMIT $6;

-- name: count_by_status
SELECT status, COUNT(*) FROM inbox_event GROUP BY status;

-- name: oldest_unfinished
SELECT MIN(received_at) FROM inbox_event WHERE status IN ('pending', 'processing', 'failed');

-- Both delete the same events, the payloads first.
-- name: purge_payloads [sqlite]
DELETE FROM inbox_payload WHERE (received_at, event_id) IN (
    SELECT received_at, id FROM inbox_event INDEXED BY inbox_event_finished
    WHERE status = 'done' AND finished_at <= $1 ORDER BY finished_at, id LIMIT $2);
-- name: purge_payloads [postgres]
DELETE FROM inbox_payload WHERE (received_at, event_id) IN (
    SELECT received_at, id FROM inbox_event WHERE status = 'done' AND finished_at <= $1
    ORDER BY finished_at, id LIMIT $2);
-- name: purge [sqlite]
DELETE FROM inbox_event WHERE id IN (
    SELECT id FROM inbox_event INDEXED BY inbox_event_finished
    WHERE status = 'done' AND finished_at <= $1 ORDER BY finished_at, id LIMIT $2);
-- name: purge [postgres]
DELETE FROM inbox_event WHERE id IN (
    SELECT id FROM inbox_event WHERE status = 'done' AND finished_at <= $1 ORDER BY finished_at, id LIMIT $2);
