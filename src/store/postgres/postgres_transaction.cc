#include "store/postgres/postgres_transaction.h"

#include "store/query/transaction.h"

namespace billhook::store {
namespace {

using Failure = PostgresConnection::Failure;

/// Only these can be refused by a unique index or a foreign key that a caller wants to hear about.
bool may_be_refused(Statement const& statement) {
    return statement.postgres.starts_with("INSERT") || statement.postgres.starts_with("UPDATE");
}

Statement const& begin_of(PostgresTransaction::Use use) {
    switch (use) {
        case PostgresTransaction::Use::read:
            return query::transaction::begin_read;
        case PostgresTransaction::Use::write:
            return query::transaction::begin_write;
        case PostgresTransaction::Use::turn:
            return query::transaction::begin_turn;
    }
    return query::transaction::begin_write;
}

}  // namespace

PostgresTransaction::PostgresTransaction(PostgresConnection& connection, Use use) : connection_(connection) {
    connection_.defer(begin_of(use));
}

PostgresTransaction::~PostgresTransaction() {
    if (!has_ended_) connection_.roll_back();
}

void PostgresTransaction::set_scope(Scope const& scope) {
    if (!scope.is_system()) connection_.defer(query::transaction::set_customer, {scope.customer_id()});
}

void PostgresTransaction::await_turn(std::string_view turn) {
    connection_.defer(query::transaction::await_turn, {turn});
}

Result<PostgresConnection::Answer> PostgresTransaction::run(Statement const& statement, Values const& values) {
    if (failure_) return fail(*failure_);
    bool const is_guarded = may_be_refused(statement);
    if (is_guarded) connection_.defer(query::transaction::savepoint_statement);
    auto answer = connection_.run(statement, values);
    if (!answer && connection_.last_failure() == Failure::row_refused && is_guarded) {
        was_refused_a_row_ = true;
        if (auto undone = connection_.run(query::transaction::rollback_statement); undone)
            connection_.defer(query::transaction::release_statement);
        else
            answer = fail(undone.error());
    } else if (answer && is_guarded) {
        connection_.defer(query::transaction::release_statement);
    }
    Failure const kind = connection_.last_failure();
    if (kind != Failure::none && (kind != Failure::row_refused || !is_guarded)) {
        failure_ = answer.error();
        failure_kind_ = kind;
    }
    return answer;
}

Result<Rows> PostgresTransaction::query(Statement const& statement, Values const& values) {
    return TRY(run(statement, values)).rows;
}

Result<std::int64_t> PostgresTransaction::execute(Statement const& statement, Values const& values) {
    return TRY(run(statement, values)).changed;
}

void PostgresTransaction::begin_work() {
    if (!failure_) connection_.defer(query::transaction::savepoint_work);
}

void PostgresTransaction::end_work(bool has_succeeded) {
    if (failure_) return;
    if (!has_succeeded) connection_.defer(query::transaction::rollback_work);
    connection_.defer(query::transaction::release_work);
}

Status PostgresTransaction::commit() {
    if (failure_) return fail(*failure_);
    is_commit_sent_ = true;
    auto answer = connection_.run(query::transaction::commit);
    if (!answer || answer->was_rolled_back) {
        failure_ = answer ? unavailable("database_unavailable", "The database could not keep the change.")
                          : std::move(answer.error());
        failure_kind_ = connection_.last_failure();
        if (failure_kind_ == Failure::connection)
            failure_ = unavailable("commit_unknown",
                                   "The database was lost while it kept the change; look whether it is there.");
        return fail(*failure_);
    }
    has_ended_ = true;
    return {};
}

bool PostgresTransaction::may_be_repeated() const {
    // After a lost COMMIT nobody knows whether it happened.
    return failure_kind_ == Failure::serialization || failure_kind_ == Failure::unfit ||
           (failure_kind_ == Failure::connection && !is_commit_sent_);
}

}  // namespace billhook::store
