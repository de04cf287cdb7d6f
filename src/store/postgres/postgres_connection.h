#pragma once
// PostgresConnection: libpq with an owner. Commands that need no answer of their own (BEGIN, savepoints) are deferred
// and travel with the next statement in one round trip. Used by one thread at a time.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "store/store.h"

struct pg_conn;
struct pg_result;

namespace billhook::store {

/// owner migrates; requests run as app (row-level security shows one customer), workers and webhooks as worker.
enum class PostgresRole { owner, app, worker };

class PostgresConnection {
  public:
    /// `url` is the owner's. Errors: unavailable "database_unavailable".
    static Result<std::unique_ptr<PostgresConnection>> open(std::string const& url, PostgresRole role);

    struct Answer {
        Rows rows;
        std::int64_t changed = 0;
        bool was_rolled_back = false;  // COMMIT of a transaction that had failed
    };
    /// What became of the last command, beside the Error that its caller hears.
    /// `unfit`: nothing of the transaction was kept, and another connection may be able to do it.
    enum class Failure { none, row_refused, serialization, connection, unfit, other };

    void defer(Statement const& statement, Values values = {});
    Result<Answer> run(Statement const& statement, Values const& values = {});
    /// Several statements at once, without parameters or answers.
    Status run_script(std::string_view sql);
    /// Ends whatever transaction there is, and forgets what was deferred.
    void roll_back();

    Failure last_failure() const { return last_failure_; }
    /// Of no use any more: to be closed.
    bool is_broken() const { return is_unfit_ || is_lost(); }
    int backend_pid() const;

  private:
    struct Command {
        Statement const* statement;
        Values values;
    };
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    explicit PostgresConnection(pg_conn* connection) : connection_(connection) {}

    Status set_up(PostgresRole role);
    Status prepare(Statement const& statement);
    bool send(Statement const& statement, Values const& values);
    Result<Answer> receive(Statement const& last, std::size_t count);
    Error translate(pg_result const* result, std::string_view name);
    bool is_lost() const;
    Error connection_lost();
    /// Until the next result can be read without waiting; false when the connection is gone or has fallen silent: one
    /// that is only half there would never end by itself.
    bool await_answer();
    /// Of a command outside the pipeline; the caller's to clear, and null when none came.
    pg_result* last_result();

    std::unique_ptr<pg_conn, Close> connection_;
    std::unordered_set<std::string_view> prepared_;
    std::vector<Command> deferred_;
    Failure last_failure_ = Failure::none;
    int patience_ms_ = 0;  // how long a statement may take: the connection's tcp_user_timeout
    bool is_silent_ = false;
    bool is_unfit_ = false;
};

}  // namespace billhook::store
