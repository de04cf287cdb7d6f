// What a database in trouble does to the store: the transaction fails, the process and the store go on.

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "store/connection_pool.h"
#include "store/setting_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::outage_test {
namespace {

STORE_SUITE(OutageTest);

/// SQLite's reads of its files fail as those of a lost network share do, as long as one of these lives.
class BrokenDisk {
  public:
    BrokenDisk() {
        for (char const* name : names) vfs()->xSetSystemCall(vfs(), name, reinterpret_cast<sqlite3_syscall_ptr>(fail));
    }
    ~BrokenDisk() {
        for (char const* name : names) vfs()->xSetSystemCall(vfs(), name, nullptr);
    }
    BrokenDisk(BrokenDisk const&) = delete;

  private:
    static constexpr char const* names[] = {"read", "pread", "pread64"};
    static sqlite3_vfs* vfs() { return sqlite3_vfs_find(nullptr); }
    static ssize_t fail(int, void*, std::size_t, off_t) {
        errno = ESTALE;  // not EIO, which SQLite takes for a corrupt file
        return -1;
    }
};

Status run(Store& store, std::string_view sql) {
    return store.write(Scope::system(), [sql](Writer& writer) -> Status {
        TRY(writer.query({sql, sql, sql}, {}));
        return {};
    });
}

Result<std::int64_t> backend_of(Store& store) {
    return store.write_value(Scope::system(), [](Writer& writer) -> Result<std::int64_t> {
        std::string_view constexpr sql = "SELECT pg_backend_pid()";
        return TRY(writer.query({sql, sql, sql}, {})).at(0).integer(0);
    });
}

TEST_P(OutageTest, a_disk_that_cannot_be_read_fails_the_read_alone) {
    if (is_postgres()) return;  // its server reads the disk
    reopen({.readers = 1});
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
    auto const look = [](Reader& reader) { return find_setting(reader, "a"); };
    auto const look_and_write = [&](Writer& writer) -> Status {
        TRY(look(writer));
        return save_setting(writer, "a", "2", {1});
    };
    ASSERT_TRUE(is_ok(read(look)));
    ASSERT_TRUE(is_ok(write(look_and_write)));
    // Another process's change: what the connections hold in memory is of no use any more.
    database->run("UPDATE setting SET value = '3'");
    {
        BrokenDisk const broken;
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(reason_of(read(look)), "database_unavailable");
            EXPECT_EQ(reason_of(write(look_and_write)), "database_unavailable");
        }
    }
    EXPECT_TRUE(is_ok(read(look)));
    EXPECT_TRUE(is_ok(write(look_and_write)));
}

// A connection whose server became a standby is of no use; another one may lead to the server that took its place.
TEST_P(OutageTest, a_connection_that_became_read_only_is_replaced) {
    if (!is_postgres()) return;  // a file has no standby
    reopen({.readers = 1, .writers = 1});
    ASSERT_TRUE(is_ok(run(*store, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")));
    EXPECT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
    EXPECT_EQ(database->run("SELECT value FROM setting WHERE name = 'a'").at(0).at(0), "1");
}

TEST_P(OutageTest, a_server_that_takes_no_writes_is_not_connected_to) {
    if (!is_postgres()) return;  // a file has no standby
    auto const name = database->run("SELECT current_database()").at(0).at(0);
    database->run("ALTER DATABASE " + name + " SET default_transaction_read_only = on");
    EXPECT_EQ(reason_of(open_store(database->address())), "database_unavailable");
    // An address that says what it wants is taken at its word.
    EXPECT_TRUE(is_ok(open_store(database->address() + "?target_session_attrs=any")));
}

// As a standby refuses BEGIN ISOLATION LEVEL SERIALIZABLE, and any server a plan whose table was altered.
TEST_P(OutageTest, what_a_connection_cannot_do_another_one_may) {
    if (!is_postgres()) return;  // SQLite's connections are all alike
    reopen({.readers = 1, .writers = 1});
    auto const before = backend_of(*store);
    ASSERT_TRUE(is_ok(before));
    EXPECT_EQ(reason_of(run(*store, "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '0A000'; END $$")),
              "database_unavailable");
    auto const after = backend_of(*store);
    ASSERT_TRUE(is_ok(after));
    EXPECT_NE(*before, *after);
}

TEST_P(OutageTest, an_unknown_refusal_fails_its_transaction_alone) {
    if (!is_postgres()) return;  // all of SQLite's are known
    EXPECT_EQ(reason_of(run(*store, "DO $$ BEGIN RAISE EXCEPTION 'a trigger of the operator'; END $$")),
              "internal_error");
    EXPECT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
}

// Asking for each of the works alone would make the last one wait as often as there are others.
TEST_P(OutageTest, a_database_that_is_away_fails_a_batch_at_once) {
    if (!is_postgres()) return;  // SQLite fails the batch with its transaction
    reopen({.readers = 1, .writers = 1, .wait_max = Duration::milliseconds(300)});
    std::atomic<bool> is_open = false;
    std::atomic<int> held = 0, run_count = 0, answered = 0;
    std::vector<std::thread> holders;
    for (int i = 0; i < 2; ++i)
        holders.emplace_back([&] {
            EXPECT_TRUE(is_ok(read([&](Reader& reader) -> Result<int> {
                TRY(find_setting(reader, "a"));
                ++held;
                is_open.wait(false);
                return 0;
            })));
        });
    while (held < 2) std::this_thread::yield();
    // The first is taken alone; those that come while it waits are taken together, and find a database again as soon as
    // one of them has been answered.
    for (int i = 0; i < 6; ++i)
        ASSERT_TRUE(is_ok(store->submit(
            Scope::system(),
            [&](Writer& writer) -> Status {
                ++run_count;
                return save_setting(writer, "a", "1", {1});
            },
            [&](Status const& status) {
                EXPECT_EQ(reason_of(status), "database_busy");
                if (++answered < 2) return;
                is_open = true;
                is_open.notify_all();
            })));
    store.reset();
    for (auto& holder : holders) holder.join();
    EXPECT_EQ(answered, 6);
    EXPECT_EQ(run_count, 0);
}

TEST_P(OutageTest, no_patience_of_the_network_is_no_impatience_of_ours) {
    if (!is_postgres()) return;  // no network
    auto patient = open_store(database->address() + "?tcp_user_timeout=0");
    ASSERT_TRUE(is_ok(patient));
    auto const timeout = (*patient)->write_value(Scope::system(), [](Writer& writer) -> Result<std::string> {
        std::string_view constexpr sql = "SELECT current_setting('statement_timeout')";
        return TRY(writer.query({sql, sql, sql}, {})).at(0).text(0);
    });
    ASSERT_TRUE(is_ok(timeout));
    EXPECT_EQ(*timeout, "30s");
}

TEST_P(OutageTest, a_migration_waits_for_another_for_longer_than_for_an_answer) {
    if (!is_postgres()) return;                // SQLite's lock is the file's
    std::string const lock = "7310579620571";  // schema_migration.try_lock
    std::thread other([&] { database->run("SELECT pg_advisory_lock(" + lock + "), pg_sleep(2)"); });
    while (database->run("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").empty()) std::this_thread::yield();
    EXPECT_TRUE(is_ok(migrate(database->address() + "?tcp_user_timeout=100")));
    other.join();
}

// A primary that fell silent makes each of its connections wait until it is given up.
TEST(ConnectionPool, the_loss_of_one_connection_closes_those_that_lie_idle) {
    int opened = 0;
    ConnectionPool<int> pool(3, Duration::seconds(1),
                             [&]() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(++opened); });
    {
        auto one = pool.lend(), two = pool.lend(), three = pool.lend();
        ASSERT_TRUE(one && two && three);
    }
    {
        auto again = pool.lend();
        ASSERT_TRUE(again);
        EXPECT_LE(**again, 3);
        again->discard();
    }
    auto one = pool.lend(), two = pool.lend(), three = pool.lend();
    ASSERT_TRUE(one && two && three);
    EXPECT_GT(std::min({**one, **two, **three}), 3);
}

}  // namespace
}  // namespace billhook::store::outage_test
