-- fragment: columns
id, kind, customer_id, subject, payload, status, retry_count, next_retry_at, locked_until, error, created_at,
finished_at

-- name: insert
INSERT INTO outbox_message ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: find_due [sqlite]
SELECT id FROM outbox_message INDEXED BY outbox_message_due
WHERE status IN ('pending', 'processing', 'failed') AND next_retry_at <= $1 LIMIT 1;
-- name: find_due [postgres]
SELECT id FROM outbox_message WHERE status IN ('pending', 'processing', 'failed') AND next_retry_at <= $1 LIMIT 1;

-- Takes from the messages that are due the first of each subject. $4 bounds how many are looked at; subjects that are
-- held are left out before that, so that one busy subject cannot hide the others. Otherwise as inbox_event.claim.
-- name: claim [sqlite]
UPDATE outbox_message SET status = 'processing', locked_until = $2, next_retry_at = $2,
    error = CASE WHEN status = 'processing' THEN $5 ELSE error END
WHERE id IN (
    SELECT id FROM (
        SELECT id, due_since, ROW_NUMBER() OVER (PARTITION BY subject ORDER BY created_at, id) AS turn
        FROM (
            SELECT id, subject, created_at, next_retry_at AS due_since
            FROM outbox_message AS message INDEXED BY outbox_message_due
            WHERE status IN ('pending', 'processing', 'failed') AND next_retry_at <= $1
              AND NOT EXISTS (
                SELECT 1 FROM outbox_message AS held INDEXED BY outbox_message_held
                WHERE held.subject = message.subject AND held.status = 'processing' AND held.next_retry_at > $1)
            ORDER BY next_retry_at LIMIT $4) AS due) AS ranked
    WHERE turn = 1 ORDER BY due_since, id LIMIT $3)
RETURNING {columns};
-- name: claim [postgres]
WITH due AS (
    SELECT id, subject, created_at, next_retry_at AS due_since FROM outbox_message AS message
    WHERE status IN ('pending', 'processing', 'failed') AND next_retry_at <= $1
      AND NOT EXISTS (SELECT 1 FROM outbox_message AS held WHERE held.subject = message.subject
                      AND held.status = 'processing' AND held.next_retry_at > $1)
    ORDER BY next_retry_at LIMIT $4 FOR UPDATE SKIP LOCKED),
ranked AS (
    SELECT id, due_since, ROW_NUMBER() OVER (PARTITION BY subject ORDER BY created_at, id) AS turn FROM due)
UPDATE outbox_message SET status = 'processing', locked_until = $2, next_retry_at = $2,
    error = CASE WHEN status = 'processing' THEN $5 ELSE error END
WHERE id IN (SELECT id FROM ranked WHERE turn = 1 ORDER BY due_since, id LIMIT $3)
RETURNING {columns};

-- name: finish
UPDATE outbox_message SET status = 'done', locked_until = NULL, error = '', finished_at = $3
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- An attempt that may not come to its end.
-- name: count_attempt
UPDATE outbox_message SET retry_count = retry_count + 1
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: reschedule
UPDATE outbox_message
SET status = 'failed', locked_until = NULL, retry_count = retry_count + 1, next_retry_at = $3, error = $4
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: postpone
UPDATE outbox_message
SET status = 'failed', locked_until = NULL, next_retry_at = $3, error = $4
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: bury
UPDATE outbox_message SET status = 'dead', locked_until = NULL, error = $4, finished_at = $3
WHERE id = $1 AND status = 'processing' AND locked_until = $2;

-- name: replay
UPDATE outbox_message
SET status = 'pending', locked_until = NULL, retry_count = 0, next_retry_at = $2, error = '', finished_at = NULL
WHERE id = $1 AND (status <> 'processing' OR next_retry_at <= $2);

-- name: find
SELECT {columns} FROM outbox_message WHERE id = $1;

-- Looks only at what is newer than the message.
-- name: find_newer_done
SELECT id FROM outbox_message
WHERE (created_at, id) > ($1, $2) AND kind = $3 AND subject = $4 AND status = 'done' LIMIT 1;

-- name: list
SELECT {columns} FROM outbox_message
WHERE (created_at, id) < ($1, $2) AND ($3 = '' OR status = $3) AND ($4 = '' OR kind = $4)
ORDER BY created_at DESC, id DESC LIMIT $5;

-- name: count_by_status
SELECT status, COUNT(*) FROM outbox_message GROUP BY status;

-- name: purge [sqlite]
DELETE FROM outbox_message WHERE id IN (
    SELECT id FROM outbox_message INDEXED BY outbox_message_finished
    WHERE status = 'done' AND finished_at <= $1 ORDER BY finished_at LIMIT $2);
-- name: purge [postgres]
DELETE FROM outbox_message WHERE id IN (
    SELECT id FROM outbox_message WHERE status = 'done' AND finished_at <= $1 ORDER BY finished_at LIMIT $2);
