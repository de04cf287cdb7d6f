-- How a transaction begins and ends on each database.

-- name: begin_write [sqlite]
BEGIN IMMEDIATE;
-- SQLite's one writer gives serial order by itself; PostgreSQL has to be asked, so that the flows cannot tell.
-- name: begin_write [postgres]
BEGIN ISOLATION LEVEL SERIALIZABLE;

-- Who takes turns needs no more: each statement sees what was committed before it began, and the turn comes first.
-- name: begin_turn [postgres]
BEGIN ISOLATION LEVEL READ COMMITTED;
-- name: await_turn [postgres]
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: begin_read [sqlite]
BEGIN;
-- name: begin_read [postgres]
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- The policies compare with this; it is gone when the transaction ends.
-- name: set_customer [postgres]
SELECT set_config('billhook.customer', $1, true);

-- name: commit
COMMIT;
-- name: rollback
ROLLBACK;

-- One work among those that share a commit.
-- name: savepoint_work
SAVEPOINT work;
-- name: release_work
RELEASE SAVEPOINT work;
-- name: rollback_work
ROLLBACK TO SAVEPOINT work;

-- PostgreSQL gives a transaction up on the first refused row; SQLite undoes the one statement.
-- name: savepoint_statement [postgres]
SAVEPOINT statement;
-- name: release_statement [postgres]
RELEASE SAVEPOINT statement;
-- name: rollback_statement [postgres]
ROLLBACK TO SAVEPOINT statement;
