-- fragment: columns
customer_id, id, line, plan, billing_interval, currency, status, stripe_subscription_id, stripe_schedule_id,
current_period_start, current_period_end, trial_end, cancel_at_period_end, cancel_at, canceled_at, ended_at,
past_due_since, pending_update_expires_at, latest_invoice_id, plan_item_id, created_at, observed_at

-- name: find
SELECT {columns} FROM subscription WHERE customer_id = $1 AND id = $2;

-- name: find_by_stripe_id
SELECT {columns} FROM subscription WHERE stripe_subscription_id = $1 ORDER BY created_at, id LIMIT 1;

-- name: find_live
SELECT {columns} FROM subscription
WHERE customer_id = $1 AND line = $2 AND status NOT IN ('canceled', 'incomplete_expired');

-- name: list_by_customer
SELECT {columns} FROM subscription WHERE customer_id = $1 ORDER BY created_at, id;

-- name: list_live_by_customers
SELECT {columns} FROM subscription
WHERE customer_id > $1 AND customer_id <= $2 AND status NOT IN ('canceled', 'incomplete_expired')
ORDER BY customer_id, id;

-- name: list_after
SELECT {columns} FROM subscription WHERE (customer_id, id) > ($1, $2) ORDER BY customer_id, id LIMIT $3;

-- name: save
INSERT INTO subscription ({columns})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
ON CONFLICT (customer_id, id) DO UPDATE SET
    line = excluded.line, plan = excluded.plan, billing_interval = excluded.billing_interval,
    currency = excluded.currency, status = excluded.status,
    stripe_subscription_id = excluded.stripe_subscription_id, stripe_schedule_id = excluded.stripe_schedule_id,
    current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
    trial_end = excluded.trial_end, cancel_at_period_end = excluded.cancel_at_period_end,
    cancel_at = excluded.cancel_at, canceled_at = excluded.canceled_at, ended_at = excluded.ended_at,
    past_due_since = excluded.past_due_since, pending_update_expires_at = excluded.pending_update_expires_at,
    latest_invoice_id = excluded.latest_invoice_id, plan_item_id = excluded.plan_item_id,
    created_at = excluded.created_at, observed_at = excluded.observed_at;
