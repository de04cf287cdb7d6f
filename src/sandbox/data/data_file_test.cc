#include "sandbox/data/data_file.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

#include "sandbox/testing/driver.h"

namespace billhook::sandbox::data_file_test {
namespace {

struct Folder {
    std::filesystem::path path = testing::TempDir() + "data_file_" + std::to_string(::getpid());
    std::string file = (path / "sandbox.db").string();
    Folder() { std::filesystem::create_directory(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

Event event_of(std::uint64_t sequence, int webhooks_pending) {
    return {.id = "evt_" + std::to_string(sequence),
            .type = "customer.created",
            .created = 1'800'000'000,
            .recorded_at = 1'700'000'000,
            .body = std::make_shared<std::string const>(R"({"id":"evt"})"),
            .sequence = sequence,
            .webhooks_pending = webhooks_pending};
}

EventLog events_of(std::string const& path) {
    ObjectStore store;
    EventLog events;
    IdempotencyKeys keys;
    auto file = DataFile::open(path);
    EXPECT_TRUE((*file)->load(store, events, keys));
    return events;
}

/// What a sandbox that starts with the file has: "evt_1 2" is an event that two endpoints have not acknowledged.
std::string events_in(std::string const& path) {
    std::string found;
    auto const events = events_of(path);
    for (auto const& event : events.all()) found += event.id + " " + std::to_string(event.webhooks_pending) + "; ";
    return found;
}

std::string recordings_in(std::string const& path) {
    std::string found;
    auto const events = events_of(path);
    for (auto const& event : events.all()) found += std::to_string(event.recorded_at) + " ";
    return found;
}

TEST(DataFileEvents, AreKeptWithTheWebhooksThatAreAwaitedUntilTheyAreForgotten) {
    Folder const folder;
    {
        auto const file = *DataFile::open(folder.file);
        file->begin();
        for (auto const& event : {event_of(1, 0), event_of(2, 2), event_of(3, 1), event_of(4, 1)}) file->save(event);
        file->end(1);
        file->begin();
        file->save_webhooks_pending(event_of(2, 1));
        file->save_webhooks_pending(event_of(3, 0));
        file->end(2);
    }
    EXPECT_EQ(events_in(folder.file), "evt_1 0; evt_2 1; evt_3 0; evt_4 1; ");
    EXPECT_EQ(recordings_in(folder.file), "1700000000 1700000000 1700000000 1700000000 ");
    {
        auto const file = *DataFile::open(folder.file);
        file->begin();
        file->forget_events(3);
        file->end(3);
    }
    EXPECT_EQ(events_in(folder.file), "evt_3 0; evt_4 1; ");
}

// Kept for a day, as all were, or for as long as they say; what is over is forgotten.
TEST(DataFileKeys, AreKeptForAsLongAsTheySay) {
    Folder const folder;
    {
        SQLite::Database older(folder.file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        older.exec(
            "CREATE TABLE idempotency_key (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, claimed_at INTEGER NOT "
            "NULL,"
            " status INTEGER NOT NULL, request_id TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;"
            "INSERT INTO idempotency_key VALUES ('old', 'print', 1800000000, 200, 'req_1', '{}');");
    }
    {
        auto const file = *DataFile::open(folder.file);
        file->begin();
        file->save(IdempotencyRow{"v2", "print", 1'800'000'000, 30 * 86'400, {200, "{}", "req_2"}});
        file->end(1);
    }
    auto const is_kept = [&](char const* key, std::int64_t now) {
        ObjectStore store;
        EventLog events;
        IdempotencyKeys keys;
        auto file = *DataFile::open(folder.file);
        file->forget_keys(now);
        EXPECT_TRUE(file->load(store, events, keys));
        return keys.claim(key, "print", now, 86'400)->has_value();
    };
    EXPECT_TRUE(is_kept("old", 1'800'086'400));
    EXPECT_FALSE(is_kept("old", 1'800'086'401));
    EXPECT_TRUE(is_kept("v2", 1'802'592'000));
    EXPECT_FALSE(is_kept("v2", 1'802'592'001));
}

TEST(DataFileTables, OfTheFirstFilesAreTakenOver) {
    Folder const folder;
    {
        SQLite::Database first(folder.file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        first.exec(
            "CREATE TABLE object (type TEXT, id TEXT, sequence INTEGER, body TEXT, PRIMARY KEY (type, id))"
            " WITHOUT ROWID;"
            "INSERT INTO object VALUES ('customer', 'cus_1', 7, '{\"id\":\"cus_1\",\"object\":\"customer\"}');"
            "CREATE TABLE event (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT, created INTEGER,"
            " webhooks_pending INTEGER, body TEXT);"
            "INSERT INTO event VALUES (4, 'evt_4', 'customer.created', 1800000000, 0, '{}'),"
            " (5, 'evt_5', 'customer.updated', 1800000000, 3, '{}');");
    }
    EXPECT_EQ(events_in(folder.file), "evt_4 0; evt_5 3; ");
    ObjectStore store;
    EventLog events;
    IdempotencyKeys keys;
    ASSERT_TRUE((*DataFile::open(folder.file))->load(store, events, keys));
    EXPECT_NE(store.find("customer", "cus_1"), nullptr);
    EXPECT_EQ(store.sequence_of("customer", "cus_1"), 7U);
}

// They did not say when an event was recorded: it cannot have been after their last writing.
TEST(DataFileEvents, OfOlderFilesCountFromTheirLastWriting) {
    Folder const folder;
    {
        SQLite::Database older(folder.file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        older.exec(
            "CREATE TABLE event_in_order (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL,"
            " created INTEGER NOT NULL, body TEXT NOT NULL);"
            "INSERT INTO event_in_order VALUES (4, 'evt_4', 'customer.created', 1800000000, '{}');"
            "CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
            "INSERT INTO fact VALUES ('latest_time_ms', 1790000000999);");
    }
    EXPECT_EQ(recordings_in(folder.file), "1790000000 ");
    SQLite::Database(folder.file, SQLite::OPEN_READWRITE).exec("UPDATE fact SET value = 1795000000999");
    EXPECT_EQ(recordings_in(folder.file), "1790000000 ") << "that is noted once";
}

}  // namespace
}  // namespace billhook::sandbox::data_file_test
