#include "store/sqlite/sqlite_connection.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "store/query/connection.h"
#include "store/value.h"

namespace billhook::store {
namespace {

// SQLite takes a lock for each question about a column.
Value value_of(SQLite::Column const& column) {
    switch (column.getType()) {
        case SQLITE_NULL:
            return {};
        case SQLITE_INTEGER:
            return std::int64_t{column.getInt64()};
        case SQLITE_TEXT: {
            char const* const text = column.getText();
            return std::string(text, static_cast<std::size_t>(column.getBytes()));
        }
        default:
            CHECK(column.isText());  // nothing else is ever written
            return {};
    }
}

/// A statement that is reset however its run ended: one that is left half way would hold its locks.
class Run {
  public:
    Run(SQLite::Statement& statement, Values const& values) : statement_(statement) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            int const position = static_cast<int>(i) + 1;
            // The values outlive the run, so their text is not copied.
            if (auto const* number = values[i].if_integer())
                statement_.bind(position, *number);
            else if (auto const* text = values[i].if_text())
                statement_.bindNoCopy(position, *text);
            else
                statement_.bind(position);
        }
    }
    ~Run() {
        statement_.tryReset();
        statement_.clearBindings();
    }
    Run(Run const&) = delete;

    bool step() { return statement_.executeStep(); }
    Row row() {
        std::vector<Value> columns;
        columns.reserve(static_cast<std::size_t>(statement_.getColumnCount()));
        for (int i = 0; i < statement_.getColumnCount(); ++i) {
            columns.push_back(value_of(statement_.getColumn(i)));
        }
        return Row(std::move(columns));
    }

  private:
    SQLite::Statement& statement_;
};

/// What SQLite counts of its memory nobody reads, and every allocation of every thread would wait for one lock to be
/// counted (SQLITE_CONFIG_MEMSTATUS, https://www.sqlite.org/malloc.html). Where SQLite is in use already it goes on.
void leave_memory_uncounted() {
    [[maybe_unused]] static int const once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// SQLite would make the file readable by everyone the umask lets. A file that is there is not touched: closing it here
/// would end the locks that SQLite holds on it in this process.
Status create_private_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        return fail(
            unavailable("database_unavailable", "The file " + path + " cannot be made: " + std::strerror(errno)));
    if (file >= 0) ::close(file);
    return {};
}

/// Waits by itself while others use a new file: SQLite does not, when it turns to write-ahead logging.
void enter_write_ahead_logging(SQLite::Database& database, Duration wait_max) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_max.ms);
    for (;;) {
        try {
            database.exec(std::string(query::connection::set_journal_mode.sqlite));
            return;
        } catch (SQLite::Exception const& exception) {
            if (exception.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

}  // namespace

SqliteConnection::SqliteConnection(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}

SqliteConnection::~SqliteConnection() {
    statements_.clear();
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(std::string const& path, Use use, Duration wait_max) {
    if (use == Use::create)
        TRY_VOID(create_private_file(path));
    else if (::access(path.c_str(), F_OK) != 0)
        return fail(invalid("database", "The database " + path + " does not exist. Run `billhook migrate` to make it.",
                            "database_not_migrated"));
    leave_memory_uncounted();
    std::unique_ptr<SqliteConnection> connection;
    try {
        // Each connection belongs to one thread at a time, so SQLite need not guard it.
        auto database = std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                                                           static_cast<int>(wait_max.ms));
        enter_write_ahead_logging(*database, wait_max);
        connection.reset(new SqliteConnection(std::move(database)));
    } catch (SQLite::Exception const& exception) {
        return fail(
            unavailable("database_unavailable", "The database " + path + " cannot be opened: " + exception.what()));
    }
    TRY(connection->query(query::connection::set_synchronous));
    TRY(connection->query(query::connection::set_foreign_keys));
    TRY(connection->query(query::connection::set_temporary_store));
    if (use == Use::read) {
        TRY(connection->query(query::connection::set_read_only));
    } else {
        TRY(connection->query(query::connection::set_cache_size));
        TRY(connection->query(query::connection::set_checkpoint_pages));
    }
    return connection;
}

SQLite::Statement& SqliteConnection::prepare(Statement const& statement) {
    auto& prepared = statements_[statement.name];
    if (!prepared) {
        CHECK(!statement.sqlite.empty());
        prepared = std::make_unique<SQLite::Statement>(*database_, std::string(statement.sqlite));
    }
    return *prepared;
}

template <class Run>
auto SqliteConnection::run_translated(std::string_view name, Run run) -> decltype(run()) {
    try {
        return run();
    } catch (SQLite::Exception const& exception) {
        return fail(translate(exception, name));
    }
}

Result<Rows> SqliteConnection::query(Statement const& statement, Values const& values) {
    TRY_VOID(check_values(values));
    return run_translated(statement.name, [&]() -> Result<Rows> {
        Run run(prepare(statement), values);
        Rows rows;
        while (run.step()) rows.push_back(run.row());
        return rows;
    });
}

Result<std::int64_t> SqliteConnection::execute(Statement const& statement, Values const& values) {
    TRY_VOID(check_values(values));
    return run_translated(statement.name, [&]() -> Result<std::int64_t> {
        Run run(prepare(statement), values);
        while (run.step()) {
        }
        return std::int64_t{sqlite3_changes64(database_->getHandle())};
    });
}

Status SqliteConnection::run_script(std::string_view sql) {
    return run_translated("script", [&]() -> Status {
        database_->exec(std::string(sql));
        return {};
    });
}

bool SqliteConnection::is_in_transaction() const {
    return sqlite3_get_autocommit(database_->getHandle()) == 0;
}

std::string SqliteConnection::violated_index(std::string_view message) {
    // "UNIQUE constraint failed: intent.customer_id, intent.line", or "… index 'name'".
    constexpr std::string_view opening = "UNIQUE constraint failed: ";
    if (!message.starts_with(opening)) return std::string(message);
    message.remove_prefix(opening.size());
    std::string table(message.substr(0, message.find('.')));
    std::string columns;
    while (!message.empty()) {
        std::size_t const comma = message.find(", ");
        std::string_view const column = message.substr(0, comma);
        if (!columns.empty()) columns += ',';
        columns += column.substr(column.find('.') + 1);
        message.remove_prefix(comma == std::string_view::npos ? message.size() : comma + 2);
    }
    auto const indexes = query(query::connection::unique_indexes, {table});
    if (!indexes) return table;
    for (Row const& index : *indexes)
        if (index.text_or_empty(2) == columns) return index.text(1) == "pk" ? table + "_pkey" : index.text(0);
    return table;
}

void SqliteConnection::log_failure(SQLite::Exception const& exception, std::string_view name) {
    int const code = exception.getExtendedErrorCode();
    auto const now = std::chrono::steady_clock::now();
    if (code == logged_code_ && now - logged_at_ < std::chrono::minutes(1)) return;
    logged_code_ = code;
    logged_at_ = now;
    log(LogLevel::error, "SQLite failed", {{"statement", name}, {"what", exception.what()}, {"code", code}});
}

Error SqliteConnection::translate(SQLite::Exception const& exception, std::string_view name) {
    int const extended = exception.getExtendedErrorCode();
    switch (extended) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
            return conflict("unique_violation", violated_index(exception.what()));
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return conflict("missing_reference", "What the row refers to does not exist.");
        default:
            break;
    }
    switch (exception.getErrorCode()) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_NOMEM:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PROTOCOL:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            log_failure(exception, name);
            return unavailable("database_unavailable", std::string("The database failed: ") + exception.what());
        default:
            log(LogLevel::error, "A statement is wrong", {{"statement", name}, {"what", exception.what()}});
            CHECK(!"a statement that the database refuses is a bug");
            return {};
    }
}

}  // namespace billhook::store
