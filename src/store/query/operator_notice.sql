-- fragment: columns
id, kind, customer_id, subject, text, created_at, seen_at

-- name: insert
INSERT INTO operator_notice ({columns}) VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (id) DO NOTHING;

-- name: list
SELECT {columns} FROM operator_notice WHERE (created_at, id) < ($1, $2) AND ($3 = 0 OR seen_at IS NULL)
ORDER BY created_at DESC, id DESC LIMIT $4;

-- name: mark_seen
UPDATE operator_notice SET seen_at = $2 WHERE id = $1 AND seen_at IS NULL;

-- name: count_unseen
SELECT COUNT(*) FROM operator_notice WHERE seen_at IS NULL;
