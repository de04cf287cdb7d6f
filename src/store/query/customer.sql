-- fragment: columns
customer_id, name, email, currency, stripe_customer_id, has_payment_method, created_at, updated_at

-- name: find
SELECT {columns} FROM customer WHERE customer_id = $1;

-- name: find_by_stripe_id
SELECT {columns} FROM customer WHERE stripe_customer_id = $1 ORDER BY created_at, customer_id LIMIT 1;

-- name: list
SELECT {columns} FROM customer WHERE customer_id > $1 ORDER BY customer_id LIMIT $2;

-- name: find_entitlement_version
SELECT entitlement_version FROM customer WHERE customer_id = $1;

-- name: list_entitlement_versions
SELECT customer_id, entitlement_version FROM customer WHERE customer_id > $1 ORDER BY customer_id LIMIT $2;

-- Under the row's lock, so that two transactions that change what one customer may do get different versions.
-- name: raise_entitlement_version
UPDATE customer SET entitlement_version = entitlement_version + 1 WHERE customer_id = $1
RETURNING entitlement_version;

-- name: save
INSERT INTO customer ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (customer_id) DO UPDATE SET
    name = excluded.name, email = excluded.email, currency = excluded.currency,
    stripe_customer_id = excluded.stripe_customer_id, has_payment_method = excluded.has_payment_method,
    updated_at = excluded.updated_at;
