-- fragment: columns
customer_id, subscription_id, stripe_item_id, stripe_price_id, lookup_key, quantity, is_metered, period_start,
period_end

-- name: list_by_subscription
SELECT {columns} FROM subscription_item WHERE customer_id = $1 AND subscription_id = $2 ORDER BY stripe_item_id;

-- name: list_by_customer
SELECT {columns} FROM subscription_item WHERE customer_id = $1 ORDER BY subscription_id, stripe_item_id;

-- The items of one page of subscription.list_after: from the first to the last of its keys.
-- name: list_between
SELECT {columns} FROM subscription_item
WHERE (customer_id, subscription_id) >= ($1, $2) AND (customer_id, subscription_id) <= ($3, $4)
ORDER BY customer_id, subscription_id, stripe_item_id;

-- name: remove_by_subscription
DELETE FROM subscription_item WHERE customer_id = $1 AND subscription_id = $2;

-- name: insert
INSERT INTO subscription_item ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
