// Migrations: applied to an empty database once, by however many processes start at once, and never backwards; what was
// in an older one stays.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "store/inbox_store.h"
#include "store/migrations.h"
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

/// A database as an installation has it: on PostgreSQL its owner is no superuser, so that row-level security binds it.
class PlainOwner {
  public:
    explicit PlainOwner(TestDatabase& database) : database_(database), address_(database.address()) {
        if (!is_postgres()) return;
        // The two roles are the whole cluster's, and whoever has made them gives them to the owner.
        auto const other = make_test_database(DatabaseKind::postgres);
        EXPECT_TRUE(is_ok(migrate(other->address())));
        database.run(
            "DO $$ BEGIN CREATE ROLE billhook_plain_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            "GRANT billhook_app, billhook_worker TO billhook_plain_owner;"
            "ALTER DATABASE " +
            address_.substr(address_.rfind('/') + 1) + " OWNER TO billhook_plain_owner");
        auto const user = address_.find("//") + 2;
        address_.replace(user, address_.find('@') - user, "billhook_plain_owner");
    }

    std::string const& address() const { return address_; }
    void run(std::string const& sql) { is_postgres() ? run_postgres(address_, sql) : database_.run(sql); }
    /// The first steps, as a program that knew no more of them has applied them.
    void apply_until(int version) {
        run("CREATE TABLE schema_migration (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,"
            " applied_at BIGINT NOT NULL)");
        for (auto const& step : migrations) {
            if (step.version > version) break;
            run(std::string(is_postgres() ? step.postgres : step.sqlite));
            run("INSERT INTO schema_migration VALUES (" + std::to_string(step.version) + ", '" +
                std::string(step.name) + "', '" + std::string(step.checksum) + "', 1)");
        }
    }

  private:
    bool is_postgres() const { return address_.find("://") != std::string::npos; }

    TestDatabase& database_;
    std::string address_;
};

TEST_P(MigrationTest, what_was_scheduled_before_0004_keeps_the_quantity_that_was_held) {
    PlainOwner owner(*database);
    owner.apply_until(3);
    // Customer, plan's item, then the items held and the scheduled change of each.
    owner.run(R"(
        INSERT INTO customer VALUES ('acme', '', '', 'eur', 'cus_1', 1, 1, 1, 0), ('beta', '', '', 'eur', 'cus_2', 1, 1, 1, 0),
            ('gone', '', '', 'eur', 'cus_3', 1, 1, 1, 0);
        INSERT INTO subscription VALUES
            ('acme', 's', 'tier', 'pro', 'month', 'eur', 'active', 'sub_1', 'sched_1', 1, 2, NULL, 0, NULL, NULL, NULL,
             NULL, NULL, 'in_1', 'si_plan', 1, 1),
            ('beta', 's', 'tier', 'pro', 'month', 'eur', 'active', 'sub_2', 'sched_2', 1, 2, NULL, 0, NULL, NULL, NULL,
             NULL, NULL, 'in_2', 'si_plan', 1, 1),
            ('gone', 's', 'tier', 'pro', 'month', 'eur', 'canceled', 'sub_3', '', 1, 2, NULL, 0, NULL, 2, 2, NULL, NULL,
             'in_3', 'si_unknown', 1, 1);
        INSERT INTO subscription_item VALUES
            ('acme', 's', 'si_plan', 'price_1', '', 3, 0, 1, 2), ('acme', 's', 'si_addon', 'price_2', '', 9, 0, 1, 2),
            ('beta', 's', 'si_plan', 'price_1', '', 5, 0, 1, 2), ('gone', 's', 'si_plan', 'price_1', '', 7, 0, 1, 2);
        INSERT INTO scheduled_change VALUES
            ('acme', 'c1', 's', 'tier', 'pro', 'starter', 'month', 2, 'sched_1', 'scheduled', 1, NULL),
            ('beta', 'c2', 's', 'tier', 'pro', 'starter', 'month', 2, 'sched_2', 'scheduled', 1, NULL),
            ('beta', 'c1', 's', 'tier', 'max', 'pro', 'month', 1, 'sched_0', 'done', 1, 1),
            ('gone', 'c1', 's', 'tier', 'pro', 'starter', 'month', 2, 'sched_3', 'canceled', 1, 2);)");

    auto const steps = migrate(owner.address());
    ASSERT_TRUE(is_ok(steps));
    EXPECT_EQ(steps->at(0), "scheduled_quantity");
    EXPECT_TRUE(is_ok(open_store(owner.address())));
    // Of the plan's own item; 1 where no item is known as the plan's.
    std::vector<std::vector<std::string>> const expected = {{"acme", "c1", "starter", "3"},
                                                            {"beta", "c1", "pro", "5"},
                                                            {"beta", "c2", "starter", "5"},
                                                            {"gone", "c1", "starter", "1"}};
    EXPECT_EQ(
        database->run("SELECT customer_id, id, to_plan, to_quantity FROM scheduled_change ORDER BY customer_id, id"),
        expected);
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
    PlainOwner owner(*database);
    owner.apply_until(4);
    for (std::string const id : {"evt_1", "evt_2"})
        owner.run(
            "INSERT INTO inbox_event (id, type, subject, payload, api_version, stripe_created_at, received_at, status,"
            " retry_count, next_retry_at, error) VALUES ('" +
            id + "', 'invoice.paid', 'cus_1', '{\"id\":\"" + id + "\"}', '', 1, 1000, 'pending', 0, 1000, '')");
    auto const steps = migrate(owner.address());
    ASSERT_TRUE(is_ok(steps));
    EXPECT_EQ(steps->at(0), "inbox_payload");
    auto const store = open_store(owner.address());
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
