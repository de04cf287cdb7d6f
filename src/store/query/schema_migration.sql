-- The steps that were applied. Everything here runs as the database's owner.

-- name: create_table
CREATE TABLE IF NOT EXISTS schema_migration (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);

-- name: table_exists [sqlite]
SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration';
-- name: table_exists [postgres]
SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migration';

-- name: list
SELECT id, name, checksum FROM schema_migration ORDER BY id;

-- name: insert [sqlite]
INSERT INTO schema_migration (id, name, checksum, applied_at)
VALUES ($1, $2, $3, CAST(strftime('%s', 'now') AS BIGINT) * 1000);
-- name: insert [postgres]
INSERT INTO schema_migration (id, name, checksum, applied_at)
VALUES ($1, $2, $3, CAST(extract(epoch FROM now()) AS BIGINT) * 1000);

-- name: begin [sqlite]
BEGIN EXCLUSIVE;
-- name: begin [postgres]
BEGIN;

-- Two processes that start together migrate one after the other. Held until the transaction ends. Asked for again and
-- again: a connection that waits for a long migration's end could not be told from one that is lost.
-- name: try_lock [postgres]
SELECT pg_try_advisory_xact_lock(7310579620571);

-- Roles belong to the whole cluster, so another database may be making the same ones at this moment.
-- name: create_roles [postgres]
DO $$
DECLARE role_name TEXT;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['billhook_app', 'billhook_worker'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', role_name, current_user);
        END IF;
    END LOOP;
END $$;
