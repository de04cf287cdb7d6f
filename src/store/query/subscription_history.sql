-- fragment: columns
customer_id, id, subscription_id, line, from_status, to_status, from_plan, to_plan, cause, at

-- SQLite has one writer, so the next number is free; PostgreSQL counts by itself.
-- name: append [sqlite]
INSERT INTO subscription_history ({columns}, sequence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
        (SELECT COALESCE(MAX(sequence), 0) + 1 FROM subscription_history WHERE customer_id = $1));
-- name: append [postgres]
INSERT INTO subscription_history ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: list_newest
SELECT {columns} FROM subscription_history
WHERE customer_id = $1 AND line = $2
ORDER BY sequence DESC LIMIT $3;

-- name: list_before
SELECT {columns} FROM subscription_history
WHERE customer_id = $1 AND line = $2
  AND sequence < (SELECT sequence FROM subscription_history WHERE customer_id = $1 AND id = $3)
ORDER BY sequence DESC LIMIT $4;
