-- fragment: columns
customer_id, stripe_invoice_id, subscription_id, number, status, billing_reason, currency, amount_due, amount_paid,
amount_remaining, subtotal, tax, total, period_start, period_end, hosted_invoice_url, invoice_pdf, attempt_count,
next_payment_attempt_at, due_at, finalized_at, paid_at, created_at, observed_at

-- name: save
INSERT INTO invoice ({columns})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (customer_id, stripe_invoice_id) DO UPDATE SET
    subscription_id = excluded.subscription_id, number = excluded.number, status = excluded.status,
    billing_reason = excluded.billing_reason, currency = excluded.currency, amount_due = excluded.amount_due,
    amount_paid = excluded.amount_paid, amount_remaining = excluded.amount_remaining, subtotal = excluded.subtotal,
    tax = excluded.tax, total = excluded.total, period_start = excluded.period_start,
    period_end = excluded.period_end, hosted_invoice_url = excluded.hosted_invoice_url,
    invoice_pdf = excluded.invoice_pdf, attempt_count = excluded.attempt_count,
    next_payment_attempt_at = excluded.next_payment_attempt_at, due_at = excluded.due_at,
    finalized_at = excluded.finalized_at, paid_at = excluded.paid_at, created_at = excluded.created_at,
    observed_at = excluded.observed_at;

-- name: find
SELECT {columns} FROM invoice WHERE customer_id = $1 AND stripe_invoice_id = $2;

-- name: list
SELECT {columns} FROM invoice
WHERE customer_id = $1 AND (created_at, stripe_invoice_id) < ($2, $3)
ORDER BY created_at DESC, stripe_invoice_id DESC LIMIT $4;
