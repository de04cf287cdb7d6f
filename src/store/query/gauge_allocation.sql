-- fragment: columns
customer_id, feature, allocation_id, amount, created_at

-- name: find
SELECT {columns} FROM gauge_allocation WHERE customer_id = $1 AND feature = $2 AND allocation_id = $3;

-- name: list_by_feature
SELECT {columns} FROM gauge_allocation WHERE customer_id = $1 AND feature = $2
ORDER BY created_at, allocation_id LIMIT $3;

-- name: insert
INSERT INTO gauge_allocation ({columns}) VALUES ($1, $2, $3, $4, $5);

-- name: remove
DELETE FROM gauge_allocation WHERE customer_id = $1 AND feature = $2 AND allocation_id = $3 RETURNING amount;
