#include "sandbox/data/data_file.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>

#include "base/check.h"
#include "base/log.h"
#include "sandbox/core/json_text.h"
#include "sandbox/data/data_file.sql.h"

namespace billhook::sandbox {
namespace {

constexpr JsonLimits own_files_limits{.depth_max = 64, .bytes_max = 1u << 26};

// What is written once lies there until the statement has run.
void bind(SQLite::Statement& statement, int position, std::string const& text) {
    statement.bindNoCopy(position, text);
}
template <class Value>
void bind(SQLite::Statement& statement, int position, Value const& value) {
    statement.bind(position, value);
}

}  // namespace

struct DataFile::Database {
    explicit Database(std::string const& path) : connection(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        connection.exec("PRAGMA journal_mode = WAL");
        connection.exec("PRAGMA synchronous = NORMAL");
        // 32 MB of changes before they are gathered into the file, which waits for the disk; as much of it in memory.
        connection.exec("PRAGMA wal_autocheckpoint = 8192");
        connection.exec("PRAGMA cache_size = -32768");
        for (auto const* table : {sql::create_objects, sql::create_events, sql::create_awaited_webhooks,
                                  sql::create_idempotency_keys, sql::create_facts})
            connection.exec(table);
    }

    // Runs a prepared statement with these values; SQLiteCpp throws, and a sandbox that cannot write must not go on.
    template <class... Values>
    void run(std::optional<SQLite::Statement>& statement, char const* text, Values const&... values) {
        try {
            if (!statement) statement.emplace(connection, text);
            statement->reset();
            int position = 0;
            (bind(*statement, ++position, values), ...);
            statement->exec();
        } catch (SQLite::Exception const& error) {
            log(LogLevel::error, "the sandbox's data file cannot be written", {{"error", error.what()}});
            CHECK(false);
        }
    }

    std::int64_t fact(char const* name) {
        SQLite::Statement find(connection, sql::find_fact);
        find.bind(1, name);
        return find.executeStep() ? find.getColumn(0).getInt64() : 0;
    }

    bool has_column(char const* table, char const* column) {
        SQLite::Statement count(connection, sql::count_column);
        count.bind(1, table);
        count.bind(2, column);
        return count.executeStep() && count.getColumn(0).getInt() == 1;
    }

    SQLite::Database connection;
    std::optional<SQLite::Statement> begin, commit, save_object, erase_object, save_event, await_webhooks,
        forget_webhooks, save_key, set_fact, erase_events, erase_webhooks, erase_keys;
};

DataFile::DataFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}
DataFile::~DataFile() = default;

Result<std::unique_ptr<DataFile>> DataFile::open(std::string const& path) {
    try {
        std::unique_ptr<DataFile> file(new DataFile(std::make_unique<Database>(path)));
        file->complete_tables();
        file->starts_ = file->database_->fact("starts");
        file->latest_time_ms_ = file->database_->fact("latest_time_ms");
        file->database_->run(file->database_->set_fact, sql::set_fact, "starts", file->starts_ + 1);
        return file;
    } catch (SQLite::Exception const& error) {
        return fail(
            unavailable("sandbox_file_unusable", "the sandbox cannot use its data file " + path + ": " + error.what()));
    }
}

void DataFile::complete_tables() {
    if (!database_->has_column("event_in_order", "recorded_at")) database_->connection.exec(sql::add_recorded_at);
    if (!database_->has_column("idempotency_key", "kept_seconds")) database_->connection.exec(sql::add_kept_seconds);
    SQLite::Statement count(database_->connection, sql::count_first_tables);
    bool const has_first_tables = count.executeStep() && count.getColumn(0).getInt() == 2;
    count.reset();
    if (has_first_tables) database_->connection.exec(sql::take_over_first_tables);
}

Status DataFile::load(ObjectStore& store, EventLog& events, IdempotencyKeys& keys) {
    try {
        SQLite::Statement objects(database_->connection, sql::all_objects);
        while (objects.executeStep()) {
            auto body = TRY(parse_json(objects.getColumn(2).getText(), own_files_limits));
            store.restore(objects.getColumn(0).getText(), static_cast<std::uint64_t>(objects.getColumn(1).getInt64()),
                          std::move(body.as_object()));
        }
        SQLite::Statement past(database_->connection, sql::all_events);
        while (past.executeStep()) {
            Event event;
            event.sequence = static_cast<std::uint64_t>(past.getColumn(0).getInt64());
            event.id = past.getColumn(1).getText();
            event.type = past.getColumn(2).getText();
            event.created = past.getColumn(3).getInt64();
            event.webhooks_pending = past.getColumn(4).getInt();
            event.body = std::make_shared<std::string const>(past.getColumn(5).getText());
            event.recorded_at = past.getColumn(6).getInt64();
            events.restore(std::move(event));
        }
        SQLite::Statement kept(database_->connection, sql::all_keys);
        while (kept.executeStep())
            keys.restore(kept.getColumn(0).getText(), kept.getColumn(1).getText(), kept.getColumn(2).getInt64(),
                         {kept.getColumn(3).getInt(), kept.getColumn(5).getText(), kept.getColumn(4).getText()});
        return {};
    } catch (SQLite::Exception const& error) {
        return fail(unavailable("sandbox_file_unusable",
                                std::string("the sandbox cannot read its data file: ") + error.what()));
    }
}

void DataFile::begin() {
    database_->run(database_->begin, "BEGIN");
}

void DataFile::save(StoredObject const& object) {
    auto const sequence = static_cast<std::int64_t>(object.sequence);
    if (object.is_erased) return database_->run(database_->erase_object, sql::erase_object, sequence);
    text_.clear();
    append_json(text_, object.object);
    database_->run(database_->save_object, sql::save_object, sequence, std::string(object.type), text_);
}

void DataFile::save(Event const& event) {
    database_->run(database_->save_event, sql::save_event, static_cast<std::int64_t>(event.sequence), event.id,
                   event.type, event.created, *event.body, event.recorded_at);
    if (event.webhooks_pending > 0) save_webhooks_pending(event);
}

void DataFile::save_webhooks_pending(Event const& event) {
    auto const sequence = static_cast<std::int64_t>(event.sequence);
    if (event.webhooks_pending > 0)
        database_->run(database_->await_webhooks, sql::await_webhooks, sequence, event.webhooks_pending);
    else
        database_->run(database_->forget_webhooks, sql::forget_webhooks, sequence);
}

void DataFile::save(IdempotencyRow const& row) {
    database_->run(database_->save_key, sql::save_key, row.key, row.fingerprint, row.claimed_at, row.result.status,
                   row.result.request_id, row.result.body, row.kept_seconds);
}

void DataFile::end(std::int64_t now_ms) {
    latest_time_ms_ = now_ms;
    database_->run(database_->set_fact, sql::set_fact, "latest_time_ms", now_ms);
    database_->run(database_->commit, "COMMIT");
}

void DataFile::forget_events(std::uint64_t before_sequence) {
    auto const before = static_cast<std::int64_t>(before_sequence);
    database_->run(database_->erase_events, sql::erase_old_events, before);
    database_->run(database_->erase_webhooks, sql::erase_old_webhooks, before);
}

void DataFile::forget_keys(std::int64_t now) {
    database_->run(database_->erase_keys, sql::erase_old_keys, now);
}

}  // namespace billhook::sandbox
