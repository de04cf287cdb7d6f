-- fragment: columns
customer_id, id, line, stripe_session_id, intent_id, url, status, created_at, expires_at

-- name: save
INSERT INTO checkout_session ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (customer_id, id) DO UPDATE SET
    line = excluded.line, stripe_session_id = excluded.stripe_session_id, intent_id = excluded.intent_id,
    url = excluded.url, status = excluded.status, expires_at = excluded.expires_at;

-- name: find
SELECT {columns} FROM checkout_session WHERE customer_id = $1 AND id = $2;

-- name: find_open
SELECT {columns} FROM checkout_session WHERE customer_id = $1 AND line = $2 AND status = 'open';

-- name: find_by_stripe_id
SELECT {columns} FROM checkout_session WHERE stripe_session_id = $1 ORDER BY created_at, id LIMIT 1;

-- name: list_expiring_before
SELECT {columns} FROM checkout_session WHERE status = 'open' AND expires_at < $1 ORDER BY expires_at, id LIMIT $2;

-- name: purge
DELETE FROM checkout_session WHERE (customer_id, id) IN (
    SELECT customer_id, id FROM checkout_session WHERE status <> 'open' AND expires_at <= $1
    ORDER BY expires_at LIMIT $2);
