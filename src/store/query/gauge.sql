-- fragment: columns
customer_id, feature, used, updated_at, version

-- name: find
SELECT {columns} FROM gauge WHERE customer_id = $1 AND feature = $2;

-- name: list_by_customer
SELECT {columns} FROM gauge WHERE customer_id = $1 ORDER BY feature;

-- name: list_by_customers
SELECT {columns} FROM gauge WHERE customer_id > $1 AND customer_id <= $2 ORDER BY customer_id, feature;

-- name: ensure
INSERT INTO gauge ({columns}) VALUES ($1, $2, 0, $3, 0) ON CONFLICT (customer_id, feature) DO NOTHING;

-- The limit is compared where the number moves; no row comes back where it would be passed.
-- name: allocate
UPDATE gauge SET used = used + $3, updated_at = $5, version = version + 1
WHERE customer_id = $1 AND feature = $2 AND used + $3 <= $4
RETURNING {columns};

-- name: release
UPDATE gauge SET used = CASE WHEN used > $3 THEN used - $3 ELSE 0 END, updated_at = $4, version = version + 1
WHERE customer_id = $1 AND feature = $2
RETURNING {columns};

-- Over the limit it may only stay or shrink: what exists may be told, what would be new is refused.
-- name: set_used
UPDATE gauge SET used = $3, updated_at = $5, version = version + 1
WHERE customer_id = $1 AND feature = $2 AND (CAST($3 AS BIGINT) <= $4 OR CAST($3 AS BIGINT) <= used)
RETURNING {columns};
