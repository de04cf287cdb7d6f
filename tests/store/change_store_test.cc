// What is under way: intents, scheduled changes, payment pages. Of each at most one, whatever races.

#include "store/change_preview_store.h"
#include "store/checkout_session_store.h"
#include "store/intent_store.h"
#include "store/scheduled_change_store.h"
#include "tests/store/at_once.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::change_store_test {
namespace {

using subscription::IntentKind;
using subscription::IntentStatus;
using subscription::ScheduledChangeStatus;
using Ids = std::vector<std::string>;

STORE_SUITE(IntentStoreTest);
STORE_SUITE(ScheduledChangeStoreTest);
STORE_SUITE(CheckoutSessionStoreTest);

Intent an_intent(std::string const& id, std::string const& line = "tier", std::int64_t at = 1000) {
    Intent intent;
    intent.id = IntentId(id);
    intent.customer = CustomerId("acme");
    intent.subscription = SubscriptionId("bsub_1");
    intent.line = line;
    intent.kind = IntentKind::upgrade;
    intent.parameters = {{"plan", "professional"}, {"proration_date", 1700000000}, {"nested", {{"a", nullptr}}}};
    intent.cause = "customer:acme";
    intent.created_at = {at};
    return intent;
}

TEST_P(IntentStoreTest, is_kept_updated_and_found) {
    add_customer("acme");
    Intent intent = an_intent("int_1");
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return insert_intent(writer, intent); })));
    auto const pending = [&] {
        return *read([](Reader& reader) { return find_pending_intent(reader, CustomerId("acme"), "tier"); });
    };
    EXPECT_EQ(pending(), intent);

    intent.status = IntentStatus::refused;
    intent.reason = "card_declined";
    intent.parameters["decline_code"] = "insufficient_funds";
    intent.ended_at = Timestamp{2000};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return update_intent(writer, intent); })));
    EXPECT_EQ(pending(), std::nullopt);
    EXPECT_EQ(*read([](Reader& reader) { return find_intent(reader, CustomerId("acme"), IntentId("int_1")); }), intent);
    EXPECT_EQ(reason_of(write([](Writer& writer) { return update_intent(writer, an_intent("int_none")); })),
              "not_found");
}

TEST_P(IntentStoreTest, one_change_at_a_time_whatever_races) {
    add_customer("acme");
    for (int round = 0; round < 25; ++round)
        EXPECT_EQ(1, succeed_at_once(4, [&](int i) {
                      std::string const id = "int_" + std::to_string(round) + "_" + std::to_string(i);
                      auto inserted = write([&](Writer& writer) {
                          return insert_intent(writer, an_intent(id, "line" + std::to_string(round)));
                      });
                      EXPECT_TRUE(inserted || reason_of(inserted) == "change_in_progress");
                      return inserted;
                  }));
}

TEST_P(IntentStoreTest, pending_ones_are_listed) {
    add_customer("acme");
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        TRY_VOID(insert_intent(writer, an_intent("int_2", "ai", 2000)));
        TRY_VOID(insert_intent(writer, an_intent("int_1", "tier", 1000)));
        Intent ended = an_intent("int_0", "tier", 500);
        ended.status = IntentStatus::confirmed;
        return insert_intent(writer, ended);
    })));
    auto const ids_of = [](std::vector<Intent> const& intents) {
        Ids ids;
        for (auto const& intent : intents) ids.push_back(intent.id.str());
        return ids;
    };
    EXPECT_EQ(ids_of(*read([](Reader& reader) { return list_pending_intents(reader, CustomerId("acme")); })),
              (Ids{"int_1", "int_2"}));
    auto const due = [&](std::int64_t now, std::int64_t made_by, int limit) {
        return ids_of(
            *read([&](Reader& reader) { return list_intents_to_follow_up(reader, {now}, {made_by}, limit); }));
    };
    EXPECT_EQ(due(2000, 1999, 10), Ids{"int_1"});
    EXPECT_EQ(due(2000, 2000, 10), (Ids{"int_1", "int_2"}));
    EXPECT_EQ(due(2000, 2000, 1), Ids{"int_1"});
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return set_intent_follow_up(writer, an_intent("int_1"), {3000}); })));
    EXPECT_EQ(due(2999, 2000, 10), Ids{"int_2"}) << "put off";
    EXPECT_EQ(due(3000, 2000, 10), (Ids{"int_2", "int_1"})) << "the one that waits longest first";
}

STORE_SUITE(ChangePreviewStoreTest);

TEST_P(ChangePreviewStoreTest, the_last_one_of_a_line_is_kept) {
    add_customer("acme");
    ChangePreview preview{.customer = CustomerId("acme"),
                          .line = "tier",
                          .target = {"pro", IntervalUnit::year, 3},
                          .effective = subscription::Effective::now,
                          .basis = "sub_1|si_1",
                          .quote = {.amount_due_now = 700, .credit = 300, .next_amount = 1000, .next_at = {5000}},
                          .created_at = {1000},
                          .expires_at = {2000}};
    auto const found = [&](std::string_view line) {
        return *read([&](Reader& reader) { return find_change_preview(reader, CustomerId("acme"), line); });
    };
    EXPECT_EQ(found("tier"), std::nullopt);
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_change_preview(writer, preview); })));
    EXPECT_EQ(found("tier"), preview);
    preview.target = {"max", IntervalUnit::month, 1};
    preview.effective = subscription::Effective::period_end;
    preview.quote.proration_date = Timestamp{1500};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_change_preview(writer, preview); })));
    EXPECT_EQ(found("tier"), preview);
    EXPECT_EQ(found("ai"), std::nullopt);
}

TEST_P(ScheduledChangeStoreTest, one_is_scheduled_per_subscription) {
    add_customer("acme");
    ScheduledChange change;
    change.id = ScheduledChangeId("chg_1");
    change.customer = CustomerId("acme");
    change.subscription = SubscriptionId("one");
    change.line = "tier";
    change.from_plan = "professional";
    change.to_plan = "starter";
    change.to_interval = IntervalUnit::year;
    change.to_quantity = 3;
    change.effective_at = {5000};
    change.stripe_schedule_id = "sub_sched_1";
    change.created_at = {1000};
    ScheduledChange second = change;
    second.id = ScheduledChangeId("chg_2");
    second.to_quantity = 7;
    second.created_at = {2000};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(save_subscription(writer, a_subscription("acme", "one")));
        TRY_VOID(insert_scheduled_change(writer, change));
        EXPECT_EQ(reason_of(insert_scheduled_change(writer, second)), "change_already_scheduled");
        return {};
    })));
    auto const scheduled = [&] {
        return *read(
            [](Reader& reader) { return find_scheduled_change(reader, CustomerId("acme"), SubscriptionId("one")); });
    };
    EXPECT_EQ(scheduled(), change);
    change.status = ScheduledChangeStatus::canceled;
    change.to_quantity = 2;
    change.ended_at = Timestamp{1500};
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(update_scheduled_change(writer, change));
        TRY_VOID(insert_scheduled_change(writer, second));
        EXPECT_EQ(reason_of(update_scheduled_change(writer,
                                                    [&] {
                                                        ScheduledChange again = change;
                                                        again.status = ScheduledChangeStatus::scheduled;
                                                        return again;
                                                    }())),
                  "change_already_scheduled");
        return {};
    })));
    EXPECT_EQ(scheduled(), second);
    EXPECT_EQ(*read([](Reader& reader) { return find_scheduled_change_by_stripe_id(reader, "sub_sched_1"); }), second);
    EXPECT_EQ(*read([](Reader& reader) { return list_scheduled_changes(reader, CustomerId("acme"), 10); }),
              (std::vector{second, change}));
    second.id = ScheduledChangeId("chg_none");
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return update_scheduled_change(writer, second); })), "not_found");
}

TEST_P(CheckoutSessionStoreTest, one_is_open_per_line) {
    add_customer("acme");
    CheckoutSession session{"chk_1",
                            CustomerId("acme"),
                            "tier",
                            "cs_1",
                            IntentId("int_1"),
                            "https://pay.example/1",
                            CheckoutSessionStatus::open,
                            {1000},
                            {9000}};
    CheckoutSession second = session;
    second.id = "chk_2";
    second.stripe_session_id = "cs_2";
    auto const save = [&](CheckoutSession const& each) {
        return reason_of(write([&](Writer& writer) { return save_checkout_session(writer, each); }));
    };
    auto const open = [&] {
        return *read([](Reader& reader) { return find_open_checkout_session(reader, CustomerId("acme"), "tier"); });
    };
    EXPECT_EQ(save(session), "");
    EXPECT_EQ(save(second), "checkout_already_open");
    EXPECT_EQ(open(), session);
    EXPECT_EQ(*read([](Reader& reader) { return list_checkout_sessions_expiring_before(reader, {9000}, 5); }),
              std::vector<CheckoutSession>{});
    EXPECT_EQ(*read([](Reader& reader) { return list_checkout_sessions_expiring_before(reader, {9001}, 5); }),
              std::vector{session});
    session.status = CheckoutSessionStatus::expired;
    EXPECT_EQ(save(session), "");
    EXPECT_EQ(save(second), "");
    EXPECT_EQ(open(), second);
    EXPECT_EQ(*read([](Reader& reader) { return find_checkout_session_by_stripe_id(reader, "cs_1"); }), session);
    EXPECT_EQ(*read([](Reader& reader) { return find_checkout_session(reader, CustomerId("acme"), "chk_2"); }), second);
}

}  // namespace
}  // namespace billhook::store::change_store_test
