-- Why: what an operator has to know must outlive the log, and what is past its retention must be found without looking
-- at everything.

-- [both]
-- customer_id is empty where the notice concerns none.
CREATE TABLE operator_notice (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT
);
CREATE INDEX operator_notice_time ON operator_notice (created_at, id);
CREATE INDEX operator_notice_unseen ON operator_notice (created_at) WHERE seen_at IS NULL;

CREATE INDEX inbox_event_finished ON inbox_event (finished_at) WHERE status = 'done';
CREATE INDEX outbox_message_finished ON outbox_message (finished_at) WHERE status = 'done';
CREATE INDEX checkout_session_ended ON checkout_session (expires_at) WHERE status <> 'open';

-- [postgres]
-- A request adds what it finds wrong with its customer.
SELECT protect_customer_table('operator_notice');
