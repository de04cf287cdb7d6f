-- fragment: columns
customer_id, line, plan, billing_interval, quantity, effective, basis, amount_due_now, credit, next_amount, next_at,
proration_date, created_at, expires_at

-- name: save
INSERT INTO change_preview ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (customer_id, line) DO UPDATE SET
    plan = excluded.plan, billing_interval = excluded.billing_interval, quantity = excluded.quantity,
    effective = excluded.effective, basis = excluded.basis, amount_due_now = excluded.amount_due_now,
    credit = excluded.credit, next_amount = excluded.next_amount, next_at = excluded.next_at,
    proration_date = excluded.proration_date, created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: find
SELECT {columns} FROM change_preview WHERE customer_id = $1 AND line = $2;
