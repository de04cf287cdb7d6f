-- name: find
SELECT value FROM setting WHERE name = $1;

-- name: save
INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at;

-- name: remove
DELETE FROM setting WHERE name = $1;

-- name: list
SELECT name, value FROM setting ORDER BY name;
