-- fragment: columns
customer_id, id, subscription_id, line, kind, status, parameters, reason, cause, created_at, ended_at

-- name: insert
INSERT INTO intent ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: update
UPDATE intent SET subscription_id = $3, status = $4, parameters = $5, reason = $6, ended_at = $7
WHERE customer_id = $1 AND id = $2;

-- name: find
SELECT {columns} FROM intent WHERE customer_id = $1 AND id = $2;

-- name: find_pending
SELECT {columns} FROM intent WHERE customer_id = $1 AND line = $2 AND status = 'pending';

-- name: find_last_ended
SELECT {columns} FROM intent WHERE customer_id = $1 AND line = $2 AND ended_at IS NOT NULL
ORDER BY ended_at DESC, id DESC LIMIT 1;

-- name: list_pending
SELECT {columns} FROM intent WHERE customer_id = $1 AND status = 'pending' ORDER BY created_at, id;

-- name: list_due_for_follow_up
SELECT {columns} FROM intent WHERE status = 'pending' AND follow_up_at <= $1 AND created_at <= $2
ORDER BY follow_up_at, created_at, id LIMIT $3;

-- name: set_follow_up
UPDATE intent SET follow_up_at = $3 WHERE customer_id = $1 AND id = $2;
