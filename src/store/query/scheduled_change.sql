-- fragment: columns
customer_id, id, subscription_id, line, from_plan, to_plan, to_interval, effective_at, stripe_schedule_id, status,
created_at, ended_at, to_quantity

-- name: insert
INSERT INTO scheduled_change ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: update
UPDATE scheduled_change
SET from_plan = $3, to_plan = $4, to_interval = $5, effective_at = $6, stripe_schedule_id = $7, status = $8,
    ended_at = $9, to_quantity = $10
WHERE customer_id = $1 AND id = $2;

-- name: find_scheduled
SELECT {columns} FROM scheduled_change
WHERE customer_id = $1 AND subscription_id = $2 AND status = 'scheduled';

-- name: find_by_stripe_id
SELECT {columns} FROM scheduled_change WHERE stripe_schedule_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: list_by_customer
SELECT {columns} FROM scheduled_change WHERE customer_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2;
