-- What each new connection is told.

-- name: set_journal_mode [sqlite]
PRAGMA journal_mode = WAL;
-- What was answered has reached the disk.
-- name: set_synchronous [sqlite]
PRAGMA synchronous = FULL;
-- name: set_foreign_keys [sqlite]
PRAGMA foreign_keys = ON;
-- name: set_read_only [sqlite]
PRAGMA query_only = ON;

-- name: role_app [postgres]
SET ROLE billhook_app;
-- name: role_worker [postgres]
SET ROLE billhook_worker;
-- Serializable transactions that read a small table from end to end would get in each other's way; an index read
-- locks no more than it touches.
-- name: prefer_indexes [postgres]
SET enable_seqscan = off;
-- name: bound_statements [postgres]
SELECT set_config('statement_timeout', $1, false);
-- name: bound_idle_transactions [postgres]
SET idle_in_transaction_session_timeout = '60s';

-- A role that may pass over row-level security would make it worthless.
-- name: may_bypass_security [postgres]
SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user;

-- Finds the name of the unique index that a violation's message describes by its columns.
-- name: unique_indexes [sqlite]
SELECT list.name, list.origin, (SELECT group_concat(name, ',') FROM pragma_index_info(list.name))
FROM pragma_index_list($1) AS list WHERE list."unique" = 1;
