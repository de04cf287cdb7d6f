#pragma once
// TestDatabase: an empty database of a test's own, gone with it; a SQLite file or a database of the PostgreSQL server
// that BILLHOOK_TEST_POSTGRES names. Also runs SQL as the database's owner, past the store, to look at what is there.

#include <memory>
#include <string>
#include <vector>

#include "store/open_store.h"

namespace billhook::store {

enum class DatabaseKind { sqlite, postgres };

class TestDatabase {
  public:
    virtual ~TestDatabase() = default;
    virtual std::string address() const = 0;
    /// Runs SQL; the rows as text. `error` receives the message where it fails, which is otherwise a test failure.
    virtual std::vector<std::vector<std::string>> run(std::string const& sql, std::string* error = nullptr) = 0;
};

/// Null (and a test failure) where PostgreSQL is asked for and BILLHOOK_TEST_POSTGRES is not set: never skipped.
std::unique_ptr<TestDatabase> make_test_database(DatabaseKind kind);

/// Runs SQL at a PostgreSQL address as it is written.
std::vector<std::vector<std::string>> run_postgres(std::string const& url, std::string const& sql,
                                                   std::string* error = nullptr);

}  // namespace billhook::store
