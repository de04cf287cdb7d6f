// Migrations: applied to an empty database once, by however many processes start at once, and never backwards.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "store/inbox_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::migration_test {
namespace {

class MigrationTest : public testing::TestWithParam<DatabaseKind> {
  protected:
    void SetUp() override {
        database = make_test_database(GetParam());
        ASSERT_TRUE(database);
    }
    std::unique_ptr<TestDatabase> database;
};
INSTANTIATE_TEST_SUITE_P(Store, MigrationTest, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres),
                         kind_name);

TEST_P(MigrationTest, applies_everything_once) {
    auto first = migrate(database->address());
    ASSERT_TRUE(is_ok(first));
    EXPECT_EQ(first->at(0), "first_life");
    auto second = migrate(database->address());
    ASSERT_TRUE(is_ok(second));
    EXPECT_TRUE(second->empty());
    EXPECT_TRUE(is_ok(open_store(database->address())));
    auto const rows = database->run("SELECT name, checksum, applied_at FROM schema_migration");
    ASSERT_EQ(rows.size(), first->size());
    EXPECT_EQ(rows[0][1].size(), 64u);
    EXPECT_GT(std::stoll(rows[0][2]), 1'500'000'000'000);
}

TEST_P(MigrationTest, may_start_in_many_processes_at_once) {
    std::vector<std::thread> threads;
    std::atomic<std::size_t> applied = 0;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] {
            auto names = migrate(database->address());
            EXPECT_TRUE(is_ok(names));
            if (names) applied += names->size();
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::to_string(applied), database->run("SELECT COUNT(*) FROM schema_migration")[0][0]);
}

TEST_P(MigrationTest, refuses_what_it_does_not_know) {
    EXPECT_EQ(reason_of(open_store(database->address())), "database_not_migrated");
    ASSERT_TRUE(is_ok(migrate(database->address())));

    database->run("INSERT INTO schema_migration VALUES (9999, 'from_the_future', 'x', 1)");
    EXPECT_EQ(reason_of(open_store(database->address())), "database_too_new");
    EXPECT_EQ(reason_of(migrate(database->address())), "database_too_new");

    database->run("DELETE FROM schema_migration WHERE id = 9999");
    database->run("UPDATE schema_migration SET checksum = 'other' WHERE id = 1");
    EXPECT_EQ(reason_of(open_store(database->address())), "migration_changed");
    EXPECT_EQ(reason_of(migrate(database->address())), "migration_changed");
}

TEST_P(MigrationTest, events_keep_their_payload_when_it_gets_a_table_of_its_own) {
    ASSERT_TRUE(is_ok(migrate(database->address())));
    database->run("DROP TABLE inbox_payload");
    database->run("ALTER TABLE inbox_event ADD COLUMN payload TEXT NOT NULL DEFAULT ''");
    database->run("DELETE FROM schema_migration WHERE name = 'inbox_payload'");
    for (std::string const id : {"evt_1", "evt_2"})
        database->run(
            "INSERT INTO inbox_event (id, type, subject, payload, api_version, stripe_created_at, received_at, status,"
            " retry_count, next_retry_at, error) VALUES ('" +
            id + "', 'invoice.paid', 'cus_1', '{\"id\":\"" + id + "\"}', '', 1, 1000, 'pending', 0, 1000, '')");
    EXPECT_EQ(*migrate(database->address()), std::vector<std::string>{"inbox_payload"});
    auto const store = open_store(database->address());
    ASSERT_TRUE(is_ok(store));
    for (std::string const id : {"evt_1", "evt_2"}) {
        auto const event =
            (*store)->read_value(Scope::system(), [&](Reader& reader) { return find_event(reader, id); });
        ASSERT_TRUE(is_ok(event));
        EXPECT_EQ(event->value().payload, R"({"id":")" + id + R"("})");
    }
}

TEST(OpenStoreTest, names_what_is_wrong_with_the_address) {
    EXPECT_EQ(reason_of(open_store("/nonexistent/folder/billhook.db")), "database_not_migrated");
    EXPECT_EQ(reason_of(migrate("/nonexistent/folder/billhook.db")), "database_unavailable");
    EXPECT_EQ(reason_of(open_store("postgres://nobody@127.0.0.1:1/none")), "database_unavailable");
    EXPECT_EQ(reason_of(migrate("postgres://nobody@127.0.0.1:1/none")), "database_unavailable");
}

TEST(OpenStoreTest, leaves_a_file_of_another_kind_alone) {
    auto const database = make_test_database(DatabaseKind::sqlite);
    std::string const text = std::string(200, 'x') + "a letter, not a database";
    std::ofstream(database->address()) << text;
    EXPECT_EQ(reason_of(open_store(database->address())), "database_unavailable");
    EXPECT_EQ(reason_of(migrate(database->address())), "database_unavailable");
    std::stringstream kept;
    kept << std::ifstream(database->address()).rdbuf();
    EXPECT_EQ(kept.str(), text);
}

TEST(OpenStoreTest, a_new_file_is_its_owners_alone) {
    auto const database = make_test_database(DatabaseKind::sqlite);
    ASSERT_TRUE(is_ok(migrate(database->address())));
    EXPECT_EQ(std::filesystem::status(database->address()).permissions(), std::filesystem::perms(0600));
}

}  // namespace
}  // namespace billhook::store::migration_test
