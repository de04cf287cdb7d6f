#pragma once
// PostgresTransaction: one transaction on one connection. Serializable when it writes, so that a flow decides on the
// same ground as with SQLite's single writer, or one of those who take turns; a savepoint guards each statement that a
// unique index may refuse.

#include <functional>
#include <optional>
#include <vector>

#include "store/postgres/postgres_connection.h"

namespace billhook::store {

class PostgresTransaction : public Writer {
  public:
    enum class Use { read, write, turn };
    PostgresTransaction(PostgresConnection& connection, Use use);
    /// Rolls back unless it was committed.
    ~PostgresTransaction() override;
    PostgresTransaction(PostgresTransaction const&) = delete;

    void set_scope(Scope const& scope);
    /// First of all, and only with Use::turn: nobody else of the same turn runs until this one ends.
    void await_turn(std::string_view turn);
    Result<Rows> query(Statement const& statement, Values const& values) override;
    Result<std::int64_t> execute(Statement const& statement, Values const& values) override;
    void after_commit(std::function<void()> action) override { actions_.push_back(std::move(action)); }
    void when_unknown(std::function<void()> const& action) override { doubts_.push_back(action); }

    /// Around each of the works that share this transaction: one that fails is undone alone.
    void begin_work();
    void end_work(bool has_succeeded);

    /// Error "commit_unknown" where the connection was lost before the answer came.
    Status commit();
    /// Set once the transaction cannot go on, whatever the work made of the error.
    std::optional<Error> const& failure() const { return failure_; }
    /// It may succeed when it is run again from its beginning: nothing of it was committed.
    bool may_be_repeated() const;
    /// A unique index counts rows that another committed after our snapshot was taken; the work could not see them.
    bool may_have_met_an_unseen_row() const { return was_refused_a_row_; }
    std::vector<std::function<void()>> take_actions() { return std::exchange(actions_, {}); }
    std::vector<std::function<void()>> take_doubts() { return std::exchange(doubts_, {}); }

  private:
    Result<PostgresConnection::Answer> run(Statement const& statement, Values const& values);

    PostgresConnection& connection_;
    std::vector<std::function<void()>> actions_, doubts_;
    std::optional<Error> failure_;
    PostgresConnection::Failure failure_kind_ = PostgresConnection::Failure::none;
    bool has_ended_ = false;
    bool is_commit_sent_ = false;
    bool was_refused_a_row_ = false;
};

}  // namespace billhook::store
