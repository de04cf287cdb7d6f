-- What each new connection is told.

-- name: set_journal_mode [sqlite]
PRAGMA journal_mode = WAL;
-- What was answered has reached the disk.
-- name: set_synchronous [sqlite]
PRAGMA synchronous = FULL;
-- name: set_foreign_keys [sqlite]
PRAGMA foreign_keys = ON;
-- Of the connection that writes: indexes of ids are touched everywhere, and with SQLite's usual 2 MB each commit would
-- read and write pages that the next one wants again. The pages of 32 MB of changes are gathered into the file at once.
-- name: set_cache_size [sqlite]
PRAGMA cache_size = -32768;
-- name: set_checkpoint_pages [sqlite]
PRAGMA wal_autocheckpoint = 8192;
-- What a savepoint or a query sets aside for a moment is not worth a file.
-- name: set_temporary_store [sqlite]
PRAGMA temp_store = MEMORY;
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
