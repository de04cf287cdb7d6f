#pragma once
// StoreTest: a migrated, empty store, once on SQLite and once on PostgreSQL. STORE_TEST(suite) names a suite.

#include <gtest/gtest.h>

#include "store/customer_store.h"
#include "store/subscription_store.h"
#include "tests/store/test_database.h"

namespace billhook::store {

class StoreTest : public testing::TestWithParam<DatabaseKind> {
  protected:
    void SetUp() override {
        database = make_test_database(GetParam());
        ASSERT_TRUE(database);
        auto applied = migrate(database->address());
        ASSERT_TRUE(applied) << applied.error().detail;
        reopen();
    }
    void reopen(StoreOptions const& options = {}) {
        store.reset();
        auto opened = open_store(database->address(), options);
        ASSERT_TRUE(opened) << opened.error().detail;
        store = std::move(*opened);
    }
    void TearDown() override { store.reset(); }

    bool is_postgres() const { return GetParam() == DatabaseKind::postgres; }

    Status write(std::function<Status(Writer&)> const& work) { return store->write(Scope::system(), work); }
    template <class Work>
    auto read(Work work) {
        return store->read_value(Scope::system(), work);
    }
    void add_customer(std::string const& id) {
        auto saved = write([&](Writer& writer) {
            return save_customer(writer, {.id = CustomerId(id), .name = id, .created_at = {1}, .updated_at = {1}});
        });
        ASSERT_TRUE(saved) << saved.error().detail;
    }

    std::unique_ptr<TestDatabase> database;
    std::unique_ptr<Store> store;
};

inline std::string kind_name(testing::TestParamInfo<DatabaseKind> const& info) {
    return info.param == DatabaseKind::sqlite ? "sqlite" : "postgres";
}

#define STORE_SUITE(name)             \
    class name : public StoreTest {}; \
    INSTANTIATE_TEST_SUITE_P(Store, name, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres), kind_name)

inline testing::AssertionResult is_ok(auto const& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().reason << ": " << result.error().detail;
}
inline std::string reason_of(auto const& result) {
    return result ? "" : result.error().reason;
}

inline subscription::Subscription a_subscription(std::string const& customer, std::string const& id,
                                                 std::string const& line = "tier") {
    subscription::Subscription subscription;
    subscription.customer = CustomerId(customer);
    subscription.id = SubscriptionId(id);
    subscription.line = line;
    subscription.plan = "starter";
    subscription.currency = "eur";
    subscription.status = subscription::Status::active;
    subscription.stripe_subscription_id = "sub_" + customer + "_" + id;
    subscription.current_period = {{1000}, {2000}};
    subscription.plan_item_id = "si_1";
    subscription.items = {{.stripe_item_id = "si_1", .stripe_price_id = "price_1", .period = {{1000}, {2000}}}};
    subscription.created_at = {1000};
    subscription.observed_at = {1000};
    return subscription;
}

}  // namespace billhook::store
