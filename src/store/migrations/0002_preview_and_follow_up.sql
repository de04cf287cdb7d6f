-- Why: what a preview promised must outlive the page that showed it, and an intent that waits for long must be looked
-- at again, however its news was lost.

-- [both]
CREATE TABLE change_preview (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    line TEXT NOT NULL,
    plan TEXT NOT NULL,
    billing_interval TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    effective TEXT NOT NULL CHECK (effective IN ('now', 'period_end')),
    basis TEXT NOT NULL,
    amount_due_now BIGINT NOT NULL,
    credit BIGINT NOT NULL,
    next_amount BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    proration_date BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, line)
);

-- When the intent is due for another look; the first comes soon after it was made.
ALTER TABLE intent ADD COLUMN follow_up_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX intent_pending_since;
CREATE INDEX intent_follow_up ON intent (follow_up_at) WHERE status = 'pending';

-- [postgres]
SELECT protect_customer_table('change_preview');
