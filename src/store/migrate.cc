#include <chrono>
#include <span>
#include <thread>

#include "base/log.h"
#include "store/database_address.h"
#include "store/migrations.h"
#include "store/open_store.h"
#include "store/postgres/postgres_connection.h"
#include "store/query/schema_migration.h"
#include "store/query/transaction.h"
#include "store/schema_version.h"
#include "store/sqlite/sqlite_connection.h"

namespace billhook::store {
namespace {

namespace schema = query::schema_migration;

/// What a step needs of a database.
struct Target {
    std::function<Result<Rows>(Statement const&, Values const&)> query;
    std::function<Status(Migration const&)> run;
    std::function<Status()> begin;  // a transaction that no other process's migration overlaps
};

Target target_of(SqliteConnection& connection) {
    return {[&](Statement const& statement, Values const& values) { return connection.query(statement, values); },
            [&](Migration const& migration) { return connection.run_script(migration.sqlite); },
            [&]() -> Status {
                TRY(connection.query(schema::begin));
                return {};
            }};
}

/// Another process's migration may take hours.
Status await_lock(PostgresConnection& connection) {
    for (bool is_told = false;; is_told = true) {
        if (TRY(connection.run(schema::try_lock)).rows.at(0).boolean(0)) return {};
        if (!is_told) log(LogLevel::info, "another process migrates the database; waiting for its end");
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

Target target_of(PostgresConnection& connection) {
    return {[&](Statement const& statement, Values const& values) -> Result<Rows> {
                return TRY(connection.run(statement, values)).rows;
            },
            [&](Migration const& migration) { return connection.run_script(migration.postgres); },
            [&]() -> Status {
                TRY(connection.run(schema::begin));
                TRY_VOID(await_lock(connection));
                TRY(connection.run(schema::create_roles));
                return {};
            }};
}

Result<std::vector<std::string>> apply_missing(Target const& target) {
    TRY_VOID(target.begin());
    TRY(target.query(schema::create_table, {}));
    std::size_t const applied = TRY(count_applied(TRY(target.query(schema::list, {}))));
    std::vector<std::string> names;
    for (Migration const& migration : std::span(migrations).subspan(applied)) {
        TRY_VOID(target.run(migration));
        TRY(target.query(schema::insert, {migration.version, migration.name, migration.checksum}));
        names.emplace_back(migration.name);
    }
    TRY(target.query(query::transaction::commit, {}));
    return names;
}

Result<std::vector<std::string>> migrate_sqlite(std::string const& path) {
    auto connection = TRY(SqliteConnection::open(path, SqliteConnection::Use::create, StoreOptions().wait_max));
    // Closing the connection rolls back what was not committed.
    return apply_missing(target_of(*connection));
}

Result<std::vector<std::string>> migrate_postgres(std::string const& url) {
    constexpr int attempts_max = 20;
    for (int attempt = 1;; ++attempt) {
        auto connection = TRY(PostgresConnection::open(url, PostgresRole::owner));
        auto names = apply_missing(target_of(*connection));
        // The roles are the whole cluster's; another of its databases may have been making them.
        bool const may_be_repeated = connection->last_failure() == PostgresConnection::Failure::serialization;
        if (names || !may_be_repeated || attempt == attempts_max) return names;
    }
}

}  // namespace

Result<std::vector<std::string>> migrate(std::string_view database) {
    return is_postgres(database) ? migrate_postgres(std::string(database)) : migrate_sqlite(std::string(database));
}

}  // namespace billhook::store
