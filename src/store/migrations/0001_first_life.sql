-- Why: a customer's first life needs the customer, what they hold and asked for, and the queues to and from Stripe.
-- Tables of a customer's data lead with customer_id in every unique key, so that they also distribute over nodes.

-- [postgres]
-- The customer of the running request; nothing where none was set. Every policy compares with it.
CREATE FUNCTION current_customer_id() RETURNS TEXT LANGUAGE SQL STABLE
AS $$ SELECT NULLIF(current_setting('billhook.customer', true), '') $$;

-- Requests see the rows of their customer alone, workers all of them, and the owner is bound too (FORCE).
CREATE FUNCTION protect_customer_table(protected_table TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected_table);
    EXECUTE format('CREATE POLICY own_customer ON %I TO billhook_app USING (customer_id = current_customer_id())'
                   ' WITH CHECK (customer_id = current_customer_id())', protected_table);
    EXECUTE format('CREATE POLICY every_customer ON %I TO billhook_worker USING (true) WITH CHECK (true)',
                   protected_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO billhook_app, billhook_worker', protected_table);
END $$;

-- [both]
CREATE TABLE customer (
    customer_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    currency TEXT NOT NULL,
    stripe_customer_id TEXT NOT NULL,
    has_payment_method BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    entitlement_version BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX customer_stripe ON customer (stripe_customer_id);

CREATE TABLE subscription (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    id TEXT NOT NULL,
    line TEXT NOT NULL,
    plan TEXT NOT NULL,
    billing_interval TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due',
                                           'unpaid', 'canceled', 'paused')),
    stripe_subscription_id TEXT NOT NULL,
    stripe_schedule_id TEXT NOT NULL,
    current_period_start BIGINT NOT NULL,
    current_period_end BIGINT NOT NULL,
    trial_end BIGINT,
    cancel_at_period_end BIGINT NOT NULL,
    cancel_at BIGINT,
    canceled_at BIGINT,
    ended_at BIGINT,
    past_due_since BIGINT,
    pending_update_expires_at BIGINT,
    latest_invoice_id TEXT NOT NULL,
    plan_item_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, id)
);
-- A line is held at most once, whatever races.
CREATE UNIQUE INDEX subscription_live_line ON subscription (customer_id, line)
    WHERE status NOT IN ('canceled', 'incomplete_expired');
CREATE UNIQUE INDEX subscription_customer_stripe ON subscription (customer_id, stripe_subscription_id)
    WHERE stripe_subscription_id <> '';
CREATE INDEX subscription_stripe ON subscription (stripe_subscription_id);
CREATE INDEX subscription_period_end ON subscription (customer_id, current_period_end);

CREATE TABLE subscription_item (
    customer_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    stripe_item_id TEXT NOT NULL,
    stripe_price_id TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    is_metered BIGINT NOT NULL,
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    PRIMARY KEY (customer_id, subscription_id, stripe_item_id),
    FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
);

CREATE TABLE subscription_history (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    line TEXT NOT NULL,
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    from_plan TEXT NOT NULL,
    to_plan TEXT NOT NULL,
    cause TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
);
-- The order of appending: several entries may bear the same time.
CREATE INDEX subscription_history_sequence ON subscription_history (customer_id, sequence);
-- [postgres]
ALTER TABLE subscription_history ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY;
CREATE FUNCTION refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER subscription_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_history
    EXECUTE FUNCTION refuse_change();
-- [sqlite]
CREATE TRIGGER subscription_history_keeps_rows BEFORE DELETE ON subscription_history
    BEGIN SELECT RAISE(ABORT, 'subscription_history is append-only'); END;
CREATE TRIGGER subscription_history_keeps_values BEFORE UPDATE ON subscription_history
    BEGIN SELECT RAISE(ABORT, 'subscription_history is append-only'); END;

-- [both]
CREATE TABLE intent (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    line TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'refused', 'superseded')),
    parameters TEXT NOT NULL,
    reason TEXT NOT NULL,
    cause TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (customer_id, id)
);
-- One change at a time: what would follow is decided on facts, not on hopes.
CREATE UNIQUE INDEX intent_pending_line ON intent (customer_id, line) WHERE status = 'pending';
CREATE INDEX intent_pending_since ON intent (created_at) WHERE status = 'pending';

CREATE TABLE scheduled_change (
    customer_id TEXT NOT NULL,
    id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    line TEXT NOT NULL,
    from_plan TEXT NOT NULL,
    to_plan TEXT NOT NULL,
    to_interval TEXT NOT NULL,
    effective_at BIGINT NOT NULL,
    stripe_schedule_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('scheduled', 'done', 'canceled', 'superseded')),
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (customer_id, id),
    FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
);
CREATE UNIQUE INDEX scheduled_change_subscription ON scheduled_change (customer_id, subscription_id)
    WHERE status = 'scheduled';
CREATE INDEX scheduled_change_stripe ON scheduled_change (stripe_schedule_id);
CREATE INDEX scheduled_change_time ON scheduled_change (customer_id, created_at);

CREATE TABLE checkout_session (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    id TEXT NOT NULL,
    line TEXT NOT NULL,
    stripe_session_id TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, id)
);
CREATE UNIQUE INDEX checkout_session_open_line ON checkout_session (customer_id, line) WHERE status = 'open';
CREATE INDEX checkout_session_stripe ON checkout_session (stripe_session_id);
CREATE INDEX checkout_session_open_until ON checkout_session (expires_at) WHERE status = 'open';

-- An invoice may be heard of before its subscription, so it names it without a foreign key.
CREATE TABLE invoice (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    stripe_invoice_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    number TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'uncollectible', 'void')),
    billing_reason TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_due BIGINT NOT NULL,
    amount_paid BIGINT NOT NULL,
    amount_remaining BIGINT NOT NULL,
    subtotal BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    total BIGINT NOT NULL,
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    hosted_invoice_url TEXT NOT NULL,
    invoice_pdf TEXT NOT NULL,
    attempt_count BIGINT NOT NULL,
    next_payment_attempt_at BIGINT,
    due_at BIGINT,
    finalized_at BIGINT,
    paid_at BIGINT,
    created_at BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, stripe_invoice_id)
);
CREATE INDEX invoice_time ON invoice (customer_id, created_at, stripe_invoice_id);
CREATE INDEX invoice_period ON invoice (customer_id, period_start, period_end);

CREATE TABLE gauge (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    feature TEXT NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (customer_id, feature)
);

CREATE TABLE gauge_allocation (
    customer_id TEXT NOT NULL,
    feature TEXT NOT NULL,
    allocation_id TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, feature, allocation_id),
    FOREIGN KEY (customer_id, feature) REFERENCES gauge (customer_id, feature)
);

-- customer_id is empty where the write concerns no customer. No foreign key: the write may be what makes the customer.
CREATE TABLE idempotency_record (
    customer_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done')),
    running_until BIGINT NOT NULL,
    response_status BIGINT NOT NULL,
    response_body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, caller, idempotency_key)
);
-- Records are purged as they expire, which keeps this table and its index of client-chosen keys small.
CREATE INDEX idempotency_record_expiry ON idempotency_record (expires_at);

-- A command writes the messages of its own customer, so requests see those (and no others).
CREATE TABLE outbox_message (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed', 'dead')),
    retry_count BIGINT NOT NULL,
    next_retry_at BIGINT NOT NULL,
    locked_until BIGINT,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX outbox_message_due ON outbox_message (next_retry_at)
    WHERE status IN ('pending', 'processing', 'failed');
CREATE INDEX outbox_message_held ON outbox_message (subject) WHERE status = 'processing';
CREATE INDEX outbox_message_time ON outbox_message (created_at, id);
CREATE INDEX outbox_message_status ON outbox_message (status, created_at);

CREATE TABLE inbox_event (
    id TEXT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    api_version TEXT NOT NULL,
    stripe_created_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed', 'dead')),
    retry_count BIGINT NOT NULL,
    next_retry_at BIGINT NOT NULL,
    locked_until BIGINT,
    error TEXT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX inbox_event_due ON inbox_event (next_retry_at) WHERE status IN ('pending', 'processing', 'failed');
CREATE INDEX inbox_event_held ON inbox_event (subject) WHERE status = 'processing';
CREATE INDEX inbox_event_subject ON inbox_event (subject, received_at);
CREATE INDEX inbox_event_time ON inbox_event (received_at, id);
CREATE INDEX inbox_event_status ON inbox_event (status, received_at);

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);

CREATE TABLE catalog_version (
    id TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX catalog_version_sequence ON catalog_version (sequence);

CREATE TABLE catalog_price (
    stripe_price_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    stripe_product_id TEXT NOT NULL,
    plan TEXT NOT NULL,
    billing_interval TEXT NOT NULL,
    amount BIGINT NOT NULL,
    is_active BIGINT NOT NULL,
    PRIMARY KEY (stripe_price_id, currency)
);
CREATE UNIQUE INDEX catalog_price_active ON catalog_price (lookup_key, currency)
    WHERE is_active = 1 AND lookup_key <> '';

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- [postgres]
SELECT protect_customer_table(name) FROM unnest(ARRAY[
    'customer', 'subscription', 'subscription_item', 'subscription_history', 'intent', 'scheduled_change',
    'checkout_session', 'invoice', 'gauge', 'gauge_allocation', 'idempotency_record', 'outbox_message']) AS name;
REVOKE UPDATE, DELETE ON subscription_history FROM billhook_app, billhook_worker;
-- Reference tables: requests read the catalog; the rest is the workers'.
GRANT SELECT ON catalog_version, catalog_price TO billhook_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_event, api_key, catalog_version, catalog_price, setting
    TO billhook_worker;
