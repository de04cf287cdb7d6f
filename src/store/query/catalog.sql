-- fragment: version_columns
id, source, hash, applied_at

-- fragment: price_columns
stripe_price_id, currency, lookup_key, stripe_product_id, plan, billing_interval, amount, is_active

-- name: insert_version
INSERT INTO catalog_version ({version_columns}, sequence)
VALUES ($1, $2, $3, $4, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM catalog_version));

-- name: find_current_version
SELECT {version_columns} FROM catalog_version ORDER BY sequence DESC LIMIT 1;

-- name: retire_price
UPDATE catalog_price SET is_active = 0
WHERE lookup_key = $1 AND currency = $2 AND stripe_price_id <> $3 AND is_active = 1;

-- name: save_price
INSERT INTO catalog_price ({price_columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (stripe_price_id, currency) DO UPDATE SET
    lookup_key = excluded.lookup_key, stripe_product_id = excluded.stripe_product_id, plan = excluded.plan,
    billing_interval = excluded.billing_interval, amount = excluded.amount, is_active = excluded.is_active;

-- name: find_active_price
SELECT {price_columns} FROM catalog_price WHERE lookup_key = $1 AND currency = $2 AND is_active = 1;

-- name: list_by_stripe_price
SELECT {price_columns} FROM catalog_price WHERE stripe_price_id = $1 ORDER BY currency;

-- name: list_prices
SELECT {price_columns} FROM catalog_price ORDER BY plan, lookup_key, currency, stripe_price_id;
