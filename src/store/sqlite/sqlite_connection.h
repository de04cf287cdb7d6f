#pragma once
// SqliteConnection: one connection to a SQLite file, with its prepared statements. Used by one thread at a time. What
// SQLiteCpp throws ends here.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

// The library's own name.
namespace SQLite {  // NOLINT(readability-identifier-naming)
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace billhook::store {

class SqliteConnection {
  public:
    enum class Use { create, write, read };
    /// Errors: invalid "database_not_migrated" where the file is missing (and Use is not create); unavailable.
    static Result<std::unique_ptr<SqliteConnection>> open(std::string const& path, Use use, Duration wait_max);
    ~SqliteConnection();

    Result<Rows> query(Statement const& statement, Values const& values = {});
    Result<std::int64_t> execute(Statement const& statement, Values const& values = {});
    /// Several statements at once, without parameters or answers.
    Status run_script(std::string_view sql);
    /// False once SQLite has rolled the transaction back by itself (a full disk, an I/O error).
    bool is_in_transaction() const;

  private:
    explicit SqliteConnection(std::unique_ptr<SQLite::Database> database);
    SQLite::Statement& prepare(Statement const& statement);
    template <class Run>
    auto run_translated(std::string_view name, Run run) -> decltype(run());
    Error translate(SQLite::Exception const& exception, std::string_view name);
    /// Of what lasts one line a minute is enough.
    void log_failure(SQLite::Exception const& exception, std::string_view name);
    /// SQLite names the columns of a violated index; callers know indexes by their names, as PostgreSQL tells them.
    std::string violated_index(std::string_view message);

    std::unique_ptr<SQLite::Database> database_;
    std::unordered_map<std::string_view, std::unique_ptr<SQLite::Statement>> statements_;
    int logged_code_ = 0;
    std::chrono::steady_clock::time_point logged_at_;
};

}  // namespace billhook::store
