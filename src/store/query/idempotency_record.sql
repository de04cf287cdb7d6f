-- fragment: columns
customer_id, caller, idempotency_key, fingerprint, status, running_until, response_status, response_body, created_at,
expires_at

-- Takes over what has expired, and what a process left running when it died.
-- name: claim
INSERT INTO idempotency_record ({columns}) VALUES ($1, $2, $3, $4, 'running', $5, 0, '', $6, $7)
ON CONFLICT (customer_id, caller, idempotency_key) DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, running_until = excluded.running_until,
    response_status = 0, response_body = '', created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency_record.expires_at <= $8
   OR (idempotency_record.status = 'running' AND idempotency_record.running_until <= $8
       AND idempotency_record.fingerprint = excluded.fingerprint);

-- name: complete
UPDATE idempotency_record SET status = 'done', response_status = $5, response_body = $6, expires_at = $7
WHERE customer_id = $1 AND caller = $2 AND idempotency_key = $3 AND status = 'running' AND running_until = $4;

-- name: release
DELETE FROM idempotency_record
WHERE customer_id = $1 AND caller = $2 AND idempotency_key = $3 AND status = 'running' AND running_until = $4;

-- name: find
SELECT {columns} FROM idempotency_record WHERE customer_id = $1 AND caller = $2 AND idempotency_key = $3;

-- name: purge
DELETE FROM idempotency_record WHERE (customer_id, caller, idempotency_key) IN (
    SELECT customer_id, caller, idempotency_key FROM idempotency_record WHERE expires_at <= $1
    ORDER BY expires_at LIMIT $2);
