#include "tests/store/test_database.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace billhook::store {
namespace {

using Table = std::vector<std::vector<std::string>>;

std::string unique_name() {
    static std::atomic<int> counter = 0;
    return "billhook_test_" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
}

void report(std::string const& message, std::string* error) {
    if (error)
        *error = message;
    else
        ADD_FAILURE() << message;
}

class SqliteFile : public TestDatabase {
  public:
    SqliteFile() : folder_(std::filesystem::temp_directory_path() / unique_name()) {
        std::filesystem::create_directory(folder_);
    }
    ~SqliteFile() override { std::filesystem::remove_all(folder_); }

    std::string address() const override { return folder_ / "billhook.db"; }

    Table run(std::string const& sql, std::string* error) override {
        sqlite3* database = nullptr;
        sqlite3_open(address().c_str(), &database);
        sqlite3_busy_timeout(database, 60'000);
        Table rows;
        auto const keep = [](void* table, int width, char** values, char**) {
            auto& row = static_cast<Table*>(table)->emplace_back();
            for (int i = 0; i < width; ++i) row.emplace_back(values[i] ? values[i] : "");
            return 0;
        };
        char* message = nullptr;
        if (sqlite3_exec(database, sql.c_str(), keep, &rows, &message) != SQLITE_OK) report(message, error);
        sqlite3_free(message);
        sqlite3_close(database);
        return rows;
    }

  private:
    std::filesystem::path folder_;
};

class PostgresDatabase : public TestDatabase {
  public:
    explicit PostgresDatabase(std::string server) : server_(std::move(server)), name_(unique_name()) {
        run_postgres(server_, "CREATE DATABASE " + name_);
    }
    ~PostgresDatabase() override { run_postgres(server_, "DROP DATABASE " + name_ + " WITH (FORCE)"); }

    std::string address() const override { return server_.substr(0, server_.rfind('/') + 1) + name_; }
    Table run(std::string const& sql, std::string* error) override { return run_postgres(address(), sql, error); }

  private:
    std::string const server_;
    std::string const name_;
};

}  // namespace

Table run_postgres(std::string const& url, std::string const& sql, std::string* error) {
    PGconn* connection = PQconnectdb(url.c_str());
    PQsetNoticeProcessor(connection, [](void*, char const*) {}, nullptr);
    PGresult* result = PQexec(connection, sql.c_str());
    Table rows;
    if (ExecStatusType const status = PQresultStatus(result); status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        report(PQerrorMessage(connection), error);
    for (int row = 0; row < PQntuples(result); ++row) {
        auto& values = rows.emplace_back();
        for (int column = 0; column < PQnfields(result); ++column) values.emplace_back(PQgetvalue(result, row, column));
    }
    PQclear(result);
    PQfinish(connection);
    return rows;
}

std::unique_ptr<TestDatabase> make_test_database(DatabaseKind kind) {
    if (kind == DatabaseKind::sqlite) return std::make_unique<SqliteFile>();
    char const* const server = std::getenv("BILLHOOK_TEST_POSTGRES");
    if (!server) {
        ADD_FAILURE() << "BILLHOOK_TEST_POSTGRES is not set: run this under scripts/with_postgres.sh";
        return nullptr;
    }
    return std::make_unique<PostgresDatabase>(server);
}

}  // namespace billhook::store
