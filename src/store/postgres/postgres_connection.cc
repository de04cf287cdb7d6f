#include "store/postgres/postgres_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "base/check.h"
#include "base/log.h"
#include "store/query/connection.h"
#include "store/query/transaction.h"
#include "store/value.h"

namespace billhook::store {
namespace {

struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Outcome = std::unique_ptr<PGresult, Clear>;

/// A server that takes no writes (a standby, or a primary that became one); a plan or a statement prepared for tables
/// that another process's migration has altered since.
bool is_of_the_connection(std::string_view state) {
    return state == "0A000" || state == "25006" || state == "26000";
}

/// The parameters as libpq wants them: text, NULL as a null pointer.
class Parameters {
  public:
    explicit Parameters(Values const& values) {
        numbers_.reserve(values.size());
        for (Value const& value : values) {
            if (auto const* number = value.if_integer())
                pointers_.push_back(numbers_.emplace_back(std::to_string(*number)).c_str());
            else
                pointers_.push_back(value.is_null() ? nullptr : value.if_text()->c_str());
        }
    }
    int count() const { return static_cast<int>(pointers_.size()); }
    char const* const* data() const { return pointers_.data(); }

  private:
    std::vector<std::string> numbers_;
    std::vector<char const*> pointers_;
};

// The types our statements may answer with (pg_type.dat).
constexpr Oid bool_type = 16, name_type = 19, int8_type = 20, int2_type = 21, int4_type = 23, text_type = 25,
              void_type = 2278;

Value read_value(PGresult const* result, int row, int column) {
    if (PQgetisnull(result, row, column)) return {};
    std::string_view const text(PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case bool_type:
            return Value(text == "t");
        case int2_type:
        case int4_type:
        case int8_type: {
            std::int64_t number = 0;
            CHECK(std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc());
            return Value(number);
        }
        case name_type:
        case text_type:
            return Value(text);
        case void_type:
            return {};
        default:
            CHECK(!"a statement answers with BIGINT or TEXT; anything else it casts");
            return {};
    }
}

Rows read_rows(PGresult const* result) {
    Rows rows;
    int const width = PQnfields(result);
    for (int row = 0; row < PQntuples(result); ++row) {
        std::vector<Value> columns;
        columns.reserve(static_cast<std::size_t>(width));
        for (int column = 0; column < width; ++column) columns.push_back(read_value(result, row, column));
        rows.emplace_back(std::move(columns));
    }
    return rows;
}

/// One setting of the address says how long an unanswering server is believed in: tcp_user_timeout. What the network
/// has not acknowledged for so long is lost; a statement that takes longer is given up.
int patience_of(PGconn* connection) {
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options(PQconninfo(connection), &PQconninfoFree);
    for (auto const* option = options.get(); option && option->keyword; ++option)
        if (option->val && std::string_view(option->keyword) == "tcp_user_timeout" && std::atoi(option->val) > 0)
            return std::max(std::atoi(option->val), 100);
    return 30'000;  // also where the network's own patience is wanted (0): a statement's has an end all the same
}

std::string_view field(PGresult const* result, int code) {
    char const* text = PQresultErrorField(result, code);
    return text ? text : "";
}

}  // namespace

void PostgresConnection::Close::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(std::string const& url, PostgresRole role) {
    // The address comes last: what it says itself (…?tcp_user_timeout=5000) wins.
    // Of several hosts the one that takes writes is meant, wherever it is by now.
    char const* const keywords[] = {"connect_timeout",
                                    "application_name",
                                    "client_encoding",
                                    "keepalives",
                                    "keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "tcp_user_timeout",
                                    "target_session_attrs",
                                    "dbname",
                                    nullptr};
    char const* const values[] = {"5", "billhook", "UTF8",       "1",         "30",   "10",
                                  "3", "30000",    "read-write", url.c_str(), nullptr};
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(PQconnectdbParams(keywords, values, 1)));
    if (PQstatus(connection->connection_.get()) != CONNECTION_OK)
        return fail(unavailable("database_unavailable", std::string("PostgreSQL cannot be reached: ") +
                                                            PQerrorMessage(connection->connection_.get())));
    connection->patience_ms_ = patience_of(connection->connection_.get());
    TRY_VOID(connection->set_up(role));
    return connection;
}

Status PostgresConnection::set_up(PostgresRole role) {
    PQsetNoticeProcessor(connection_.get(), [](void*, char const*) {}, nullptr);
    if (role == PostgresRole::owner) return {};
    defer(query::connection::prefer_indexes);
    defer(query::connection::bound_statements, {Value(std::to_string(patience_ms_))});
    defer(query::connection::bound_idle_transactions);
    defer(role == PostgresRole::app ? query::connection::role_app : query::connection::role_worker);
    auto answer = TRY(run(query::connection::may_bypass_security));
    CHECK(answer.rows.size() == 1 && !answer.rows[0].boolean(0));
    return {};
}

bool PostgresConnection::is_lost() const {
    return is_silent_ || PQstatus(connection_.get()) != CONNECTION_OK;
}

bool PostgresConnection::await_answer() {
    // The server gives its own statements up first; whoever is silent for longer is not there any more.
    int const silence_ms_max = patience_ms_ + std::min(patience_ms_, 5000);
    while (PQisBusy(connection_.get())) {
        pollfd wanted{PQsocket(connection_.get()), POLLIN, 0};
        int const ready = poll(&wanted, 1, silence_ms_max);
        if (ready < 0 && errno == EINTR) continue;
        is_silent_ = ready <= 0;
        if (is_silent_ || PQconsumeInput(connection_.get()) != 1) return false;
    }
    return true;
}

pg_result* PostgresConnection::last_result() {
    pg_result* last = nullptr;
    while (await_answer()) {
        auto* const next = PQgetResult(connection_.get());
        if (!next) break;
        PQclear(last);
        last = next;
    }
    return last;
}

int PostgresConnection::backend_pid() const {
    return PQbackendPID(connection_.get());
}

void PostgresConnection::defer(Statement const& statement, Values values) {
    deferred_.push_back({&statement, std::move(values)});
}

Status PostgresConnection::prepare(Statement const& statement) {
    if (prepared_.contains(statement.name)) return {};
    CHECK(!statement.postgres.empty());
    std::string const name(statement.name), text(statement.postgres);
    if (PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr) != 1) return fail(connection_lost());
    Outcome const outcome(last_result());
    if (is_lost()) return fail(connection_lost());
    if (PQresultStatus(outcome.get()) != PGRES_COMMAND_OK) return fail(translate(outcome.get(), statement.name));
    prepared_.insert(statement.name);
    return {};
}

bool PostgresConnection::send(Statement const& statement, Values const& values) {
    Parameters const parameters(values);
    return PQsendQueryPrepared(connection_.get(), std::string(statement.name).c_str(), parameters.count(),
                               parameters.data(), nullptr, nullptr, 0) == 1;
}

Result<PostgresConnection::Answer> PostgresConnection::run(Statement const& statement, Values const& values) {
    last_failure_ = Failure::none;
    TRY_VOID(check_values(values));
    std::vector<Command> const before = std::exchange(deferred_, {});
    for (Command const& command : before) TRY_VOID(prepare(*command.statement));
    TRY_VOID(prepare(statement));

    if (PQenterPipelineMode(connection_.get()) != 1) return fail(connection_lost());
    bool is_sent = true;
    for (Command const& command : before) is_sent = is_sent && send(*command.statement, command.values);
    is_sent = is_sent && send(statement, values) && PQpipelineSync(connection_.get()) == 1;
    if (!is_sent) return fail(connection_lost());
    auto answer = receive(statement, before.size() + 1);
    if (PQexitPipelineMode(connection_.get()) != 1) return fail(connection_lost());
    return answer;
}

Result<PostgresConnection::Answer> PostgresConnection::receive(Statement const& last, std::size_t count) {
    std::optional<Error> error;
    Answer answer;
    std::size_t finished = 0;
    while (await_answer()) {
        Outcome const outcome(PQgetResult(connection_.get()));
        if (!outcome) {
            // A null ends one command's results; the sync that follows them all is a result of its own.
            if (is_lost()) break;
            ++finished;
            continue;
        }
        ExecStatusType const status = PQresultStatus(outcome.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        if (status == PGRES_FATAL_ERROR && !error) error = translate(outcome.get(), last.name);
        if ((status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) && finished + 1 == count) {
            answer.rows = read_rows(outcome.get());
            answer.changed = std::strtoll(PQcmdTuples(outcome.get()), nullptr, 10);
            answer.was_rolled_back = std::string_view(PQcmdStatus(outcome.get())) == "ROLLBACK";
        }
    }
    if (is_lost()) return fail(connection_lost());
    if (error) return fail(std::move(*error));
    return answer;
}

Status PostgresConnection::run_script(std::string_view sql) {
    last_failure_ = Failure::none;
    Outcome const outcome(PQexec(connection_.get(), std::string(sql).c_str()));
    ExecStatusType const status = PQresultStatus(outcome.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return {};
    return fail(translate(outcome.get(), "script"));
}

void PostgresConnection::roll_back() {
    deferred_.clear();
    if (is_broken() || PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
    if (PQsendQuery(connection_.get(), std::string(query::transaction::rollback.postgres).c_str()) == 1)
        PQclear(last_result());
}

Error PostgresConnection::connection_lost() {
    last_failure_ = Failure::connection;
    log(LogLevel::warn, "The connection to PostgreSQL was lost",
        {{"what", is_silent_ ? "it did not answer any more" : PQerrorMessage(connection_.get())}});
    return unavailable("database_unavailable", "The connection to PostgreSQL was lost. Try again shortly.");
}

Error PostgresConnection::translate(pg_result const* result, std::string_view name) {
    if (is_lost()) return connection_lost();
    std::string_view const state = field(result, PG_DIAG_SQLSTATE);
    std::string_view const message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    last_failure_ = Failure::row_refused;
    if (state == "23505") return conflict("unique_violation", std::string(field(result, PG_DIAG_CONSTRAINT_NAME)));
    if (state == "23503") return conflict("missing_reference", "What the row refers to does not exist.");

    last_failure_ = Failure::serialization;
    // Roles and grants have no better code for two databases of one cluster that change them at the same time.
    if (state == "40001" || state == "40P01" || message == "tuple concurrently updated")
        return unavailable("serialization_failure", "The database was busy with the same rows. Try again shortly.");

    last_failure_ = Failure::other;
    if (state == "42501") {
        log(LogLevel::error, "PostgreSQL refused access", {{"statement", name}, {"what", message}});
        return {ErrorKind::forbidden, "outside_scope", "The row is outside what this transaction may touch."};
    }
    // Data exceptions and exceeded limits: a value does not fit into a column, an index or the database's encoding.
    if (state.starts_with("22") || state.starts_with("54")) {
        log(LogLevel::error, "PostgreSQL refused a value", {{"statement", name}, {"what", message}, {"code", state}});
        return invalid("", "A value is too long or out of the range that the database holds.");
    }
    if (is_of_the_connection(state)) {
        is_unfit_ = true;
        last_failure_ = Failure::unfit;
        log(LogLevel::warn, "A connection to PostgreSQL is given up",
            {{"statement", name}, {"what", message}, {"code", state}});
        return unavailable("database_unavailable", "The database takes no changes. Try again shortly.");
    }
    // Out of resources, ended by an operator, too slow, or failing itself: it may pass.
    for (std::string_view const passing : {"08", "53", "55", "57", "58", "XX", "25"}) {
        if (!state.starts_with(passing)) continue;
        log(LogLevel::error, "PostgreSQL failed", {{"statement", name}, {"what", message}, {"code", state}});
        return unavailable("database_unavailable", "The database failed: " + std::string(message));
    }
    log(LogLevel::error, "PostgreSQL refused a statement", {{"statement", name}, {"what", message}, {"code", state}});
    CHECK(!state.starts_with("42"));  // a statement that it does not understand is a bug
    // A trigger, a rule or a setting of the operator's may be behind the rest.
    return unavailable("internal_error", "The database refused the change: " + std::string(message));
}

}  // namespace billhook::store
