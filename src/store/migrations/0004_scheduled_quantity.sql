-- Why: more or fewer of the same plan can be scheduled for the period end, too; a change then differs in its quantity alone.

-- [both]
ALTER TABLE scheduled_change ADD COLUMN to_quantity BIGINT NOT NULL DEFAULT 1;
-- What was scheduled before took the quantity along that was held.
UPDATE scheduled_change SET to_quantity = COALESCE((
    SELECT i.quantity FROM subscription s
    JOIN subscription_item i ON i.customer_id = s.customer_id AND i.subscription_id = s.id
        AND i.stripe_item_id = s.plan_item_id
    WHERE s.customer_id = scheduled_change.customer_id AND s.id = scheduled_change.subscription_id), 1);
