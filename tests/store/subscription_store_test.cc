// Customers, their subscriptions with all items, and the history that only grows.

#include "tests/store/at_once.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::subscription_store_test {
namespace {

using Ids = std::vector<std::string>;

STORE_SUITE(CustomerStoreTest);
STORE_SUITE(SubscriptionStoreTest);

TEST_P(CustomerStoreTest, is_inserted_replaced_and_found) {
    customer::Customer customer{.id = CustomerId("acme"),
                                .name = "Acme",
                                .email = "a@example.com",
                                .currency = "eur",
                                .stripe_customer_id = "cus_1",
                                .has_payment_method = true,
                                .created_at = {1000},
                                .updated_at = {1000}};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_customer(writer, customer); })));
    auto const find = [&](std::string const& id) {
        return *read([&](Reader& reader) { return find_customer(reader, CustomerId(id)); });
    };
    EXPECT_EQ(find("acme"), customer);
    EXPECT_EQ(find("other"), std::nullopt);
    EXPECT_EQ(*read([](Reader& reader) { return find_customer_by_stripe_id(reader, "cus_1"); }), customer);
    EXPECT_EQ(*read([](Reader& reader) { return find_customer_by_stripe_id(reader, "cus_2"); }), std::nullopt);

    customer.name = "Acme & Sons";
    customer.has_payment_method = false;
    customer.updated_at = {2000};
    customer::Customer changed = customer;
    changed.created_at = {9999};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_customer(writer, changed); })));
    EXPECT_EQ(find("acme"), customer) << "created_at keeps its first value";
}

TEST_P(CustomerStoreTest, a_page_of_customers_comes_with_all_that_their_entitlements_follow_from) {
    for (auto id : {"a", "b", "c"}) add_customer(id);
    auto const scope = Scope::customer(CustomerId("b"));
    ASSERT_TRUE(
        is_ok(store->write_value(scope, [](Writer& tx) { return raise_entitlement_version(tx, CustomerId("b")); })));
    auto const versions = [&](std::string const& after) {
        return *read([&](Reader& reader) { return list_entitlement_versions(reader, CustomerId(after), 2); });
    };
    using Versions = std::vector<EntitlementVersion>;
    EXPECT_EQ(versions(""), (Versions{{CustomerId("a"), 0}, {CustomerId("b"), 1}}));
    EXPECT_EQ(versions("b"), (Versions{{CustomerId("c"), 0}}));
    EXPECT_EQ(versions("c"), Versions{});

    CustomerRange const of_b_and_c{CustomerId("a"), CustomerId("c")};
    for (auto const* customer : {"a", "b"}) {
        for (auto status : {subscription::Status::active, subscription::Status::canceled}) {
            auto held = a_subscription(customer, status == subscription::Status::active ? "live" : "ended");
            held.status = status;
            ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_subscription(writer, held); })));
        }
    }
    auto const live = *read([&](Reader& reader) { return list_live_subscriptions_of(reader, of_b_and_c); });
    ASSERT_EQ(live.size(), 1u);
    EXPECT_EQ(live[0].customer, CustomerId("b"));
    EXPECT_EQ(live[0].id, SubscriptionId("live"));
}

TEST_P(CustomerStoreTest, is_listed_page_by_page) {
    for (auto id : {"a", "b", "c"}) add_customer(id);
    auto const list = [&](std::optional<CustomerId> const& after) {
        std::string ids;
        auto const found = *read([&](Reader& reader) { return list_customers(reader, after, 2); });
        for (auto const& customer : found) ids += customer.id.str();
        return ids;
    };
    EXPECT_EQ(list(std::nullopt), "ab");
    EXPECT_EQ(list(CustomerId("b")), "c");
    EXPECT_EQ(list(CustomerId("c")), "");
}

TEST_P(SubscriptionStoreTest, is_kept_with_all_its_items) {
    add_customer("acme");
    Subscription subscription = a_subscription("acme", "one");
    subscription.interval = IntervalUnit::year;
    subscription.trial_end = Timestamp{3000};
    subscription.cancel_at_period_end = true;
    subscription.cancel_at = Timestamp{4000};
    subscription.canceled_at = Timestamp{1500};
    subscription.past_due_since = Timestamp{1600};
    subscription.pending_update_expires_at = Timestamp{1700};
    subscription.latest_invoice_id = "in_1";
    subscription.stripe_schedule_id = "sub_sched_1";
    subscription.items.push_back({"si_2", "price_2", "tokens", 0, true, {{1000}, {1500}}});
    auto const save = [&] {
        ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_subscription(writer, subscription); })));
    };
    auto const find = [&] {
        return *read(
            [](Reader& reader) { return find_subscription(reader, CustomerId("acme"), SubscriptionId("one")); });
    };
    save();
    EXPECT_EQ(find(), subscription);

    subscription.items.erase(subscription.items.begin());
    subscription.items[0].quantity = 7;
    subscription.trial_end.reset();
    subscription.status = subscription::Status::past_due;
    save();
    EXPECT_EQ(find(), subscription) << "the item set is replaced, not added to";
    EXPECT_EQ(*read([&](Reader& reader) {
        return find_subscription_by_stripe_id(reader, subscription.stripe_subscription_id);
    }),
              subscription);
    EXPECT_EQ(*read([](Reader& reader) { return find_live_subscription(reader, CustomerId("acme"), "tier"); }),
              subscription);
    EXPECT_EQ(*read([](Reader& reader) { return find_live_subscription(reader, CustomerId("acme"), "ai"); }),
              std::nullopt);
}

TEST_P(SubscriptionStoreTest, every_status_is_kept_and_only_ended_ones_free_the_line) {
    add_customer("acme");
    using subscription::Status;
    for (Status const status : {Status::incomplete, Status::incomplete_expired, Status::trialing, Status::active,
                                Status::past_due, Status::unpaid, Status::canceled, Status::paused}) {
        std::string const word = to_string(status);
        Subscription subscription = a_subscription("acme", word, word);
        subscription.status = status;
        Subscription second = a_subscription("acme", word + "_second", word);
        auto written = write([&](Writer& writer) -> billhook::Status {
            TRY_VOID(save_subscription(writer, subscription));
            return save_subscription(writer, second);
        });
        EXPECT_EQ(reason_of(written), has_ended(status) ? "" : "line_already_held") << word;
    }
}

TEST_P(SubscriptionStoreTest, a_line_is_held_once_whatever_races) {
    add_customer("acme");
    for (int round = 0; round < 25; ++round) {
        std::string const line = "line" + std::to_string(round);
        EXPECT_EQ(1, succeed_at_once(4, [&](int i) {
                      auto saved = write([&](Writer& writer) {
                          return save_subscription(writer,
                                                   a_subscription("acme", line + "_" + std::to_string(i), line));
                      });
                      EXPECT_TRUE(saved || reason_of(saved) == "line_already_held");
                      return saved;
                  }));
    }
}

TEST_P(SubscriptionStoreTest, lists_of_one_customer_and_of_all) {
    add_customer("a");
    add_customer("b");
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        for (auto [customer, id, line] : {std::tuple{"a", "2", "tier"}, {"a", "1", "ai"}, {"b", "3", "tier"}}) {
            Subscription subscription = a_subscription(customer, id, line);
            subscription.items.push_back({.stripe_item_id = "si_2", .stripe_price_id = id});
            TRY_VOID(save_subscription(writer, subscription));
        }
        return {};
    })));
    auto const ids_of = [](std::vector<Subscription> const& subscriptions) {
        std::string ids;
        for (auto const& subscription : subscriptions) {
            ids += subscription.id.str();
            EXPECT_EQ(subscription.items.size(), 2u);
            EXPECT_EQ(subscription.items.back().stripe_price_id, subscription.id.str());
        }
        return ids;
    };
    EXPECT_EQ(ids_of(*read([](Reader& reader) { return list_subscriptions(reader, CustomerId("a")); })), "12");
    auto const after = [&](std::optional<SubscriptionCursor> const& cursor) {
        return ids_of(*read([&](Reader& reader) { return list_subscriptions_after(reader, cursor, 2); }));
    };
    EXPECT_EQ(after(std::nullopt), "12");
    EXPECT_EQ(after(SubscriptionCursor{CustomerId("a"), SubscriptionId("1")}), "23");
    EXPECT_EQ(after(SubscriptionCursor{CustomerId("b"), SubscriptionId("3")}), "");
}

TEST_P(SubscriptionStoreTest, history_is_listed_from_new_to_old) {
    add_customer("acme");
    std::vector<HistoryEntry> entries;
    for (int i = 0; i < 5; ++i)
        entries.push_back({"hist_" + std::to_string(9 - i),
                           CustomerId("acme"),
                           SubscriptionId("one"),
                           "tier",
                           i == 0 ? "free" : "active",
                           "active",
                           "",
                           "starter",
                           "event:evt_1",
                           {1000}});
    // Another line's history lies between, and is no part of the pages.
    auto of_another_line = entries[0];
    of_another_line.line = "ai";
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(save_subscription(writer, a_subscription("acme", "one")));
        for (auto const& entry : entries) {
            TRY_VOID(append_history(writer, entry));
            of_another_line.id = entry.id + "_ai";
            TRY_VOID(append_history(writer, of_another_line));
        }
        return {};
    })));
    auto const list = [&](std::optional<Cursor> const& after) {
        return *read([&](Reader& reader) { return list_history(reader, CustomerId("acme"), "tier", after, 3); });
    };
    EXPECT_EQ(list(std::nullopt), (std::vector{entries[4], entries[3], entries[2]}));
    EXPECT_EQ(list(Cursor{entries[2].at, entries[2].id}), (std::vector{entries[1], entries[0]}));
}

TEST_P(SubscriptionStoreTest, history_cannot_be_rewritten) {
    add_customer("acme");
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        TRY_VOID(save_subscription(writer, a_subscription("acme", "one")));
        return append_history(writer,
                              {.id = "hist_1", .customer = CustomerId("acme"), .subscription = SubscriptionId("one")});
    })));
    for (auto sql : {"UPDATE subscription_history SET cause = 'nobody'", "DELETE FROM subscription_history"}) {
        std::string error;
        database->run(sql, &error);
        EXPECT_NE(error.find("append-only"), std::string::npos) << sql << ": " << error;
    }
    EXPECT_EQ(database->run("SELECT cause FROM subscription_history"), (std::vector<Ids>{{""}}));
}

}  // namespace
}  // namespace billhook::store::subscription_store_test
