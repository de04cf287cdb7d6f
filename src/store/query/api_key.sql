-- fragment: columns
id, secret_hash, name, scopes, customer_id, created_at, expires_at, revoked_at, last_used_at

-- name: insert
INSERT INTO api_key ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: find
SELECT {columns} FROM api_key WHERE id = $1;

-- name: list
SELECT {columns} FROM api_key WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3;

-- name: list_valid
SELECT {columns} FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) ORDER BY id;

-- name: revoke
UPDATE api_key SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1;

-- name: touch
UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2);
