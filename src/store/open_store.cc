#include "store/open_store.h"

#include "store/database_address.h"
#include "store/postgres/postgres_store.h"
#include "store/query/schema_migration.h"
#include "store/schema_version.h"
#include "store/sqlite/sqlite_store.h"

namespace billhook::store {
namespace {

namespace schema = query::schema_migration;

Result<std::unique_ptr<Store>> open_sqlite(std::string const& path, StoreOptions const& options) {
    auto connection = TRY(SqliteConnection::open(path, SqliteConnection::Use::read, options.wait_max));
    Rows applied;
    if (!TRY(connection->query(schema::table_exists)).empty()) applied = TRY(connection->query(schema::list));
    TRY_VOID(check_is_current(applied));
    return SqliteStore::open(path, options);
}

Result<std::unique_ptr<Store>> open_postgres(std::string const& url, StoreOptions const& options) {
    auto connection = TRY(PostgresConnection::open(url, PostgresRole::owner));
    Rows applied;
    if (!TRY(connection->run(schema::table_exists)).rows.empty()) applied = TRY(connection->run(schema::list)).rows;
    TRY_VOID(check_is_current(applied));
    return PostgresStore::open(url, options);
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(std::string_view database, StoreOptions const& options) {
    return is_postgres(database) ? open_postgres(std::string(database), options)
                                 : open_sqlite(std::string(database), options);
}

}  // namespace billhook::store
