#include "flow/operator_notice.h"
#include "flow/retention.h"
#include "store/idempotency_store.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::notice_test {
namespace {

INBOX_SUITE(Notice);
INBOX_SUITE(Retention);

std::vector<store::OperatorNotice> unseen(store::Store& store) {
    auto const found = store.read_value(store::Scope::system(), [](store::Reader& reader) {
        return store::list_notices(reader, store::NoticeFilter::unseen, std::nullopt, 10);
    });
    EXPECT_TRUE(is_ok(found));
    return found.value_or(std::vector<store::OperatorNotice>{});
}

TEST_P(Notice, ADeadEventIsToldEachTimeItDies) {
    int told = 0;
    InboxWorker worker(*store, clock, random,
                       [](stripe::Event const&, Timestamp, ReadObjects const&) -> Result<EventWork> {
                           return fail(unavailable("stripe_timeout", "Stripe did not answer in time."));
                       },
                       tell_of_dead_events([&] { ++told; }), {.retries = {.retries_max = 0}});
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    EXPECT_EQ(worker.run_once(clock.now())->dead, 1);
    ASSERT_EQ(unseen(*store).size(), 1u);
    auto const notice = unseen(*store).front();
    EXPECT_EQ(notice.kind, "dead_event");
    EXPECT_EQ(notice.subject, "evt_1");
    EXPECT_NE(notice.text.find("billhook events replay evt_1"), std::string::npos);
    EXPECT_NE(notice.text.find("stripe_timeout"), std::string::npos);
    EXPECT_EQ(told, 1);

    pass(Duration::minutes(1));
    ASSERT_TRUE(is_ok(replay(*store, "evt_1", clock.now())));
    EXPECT_EQ(worker.run_once(clock.now())->dead, 1);
    EXPECT_EQ(unseen(*store).size(), 2u);
    EXPECT_EQ(told, 2);

    EXPECT_TRUE(is_ok(mark_seen(*store, notice.id, clock.now())));
    EXPECT_EQ(reason_of(mark_seen(*store, notice.id, clock.now())), "unknown_notice");
    EXPECT_EQ(unseen(*store).size(), 1u);
}

TEST_P(Notice, IsOfTheInstantAtWhichTheEventDied) {
    StepClock const steps(clock.now(), Duration::seconds(1));
    InboxWorker worker(*store, steps, random,
                       [](stripe::Event const&, Timestamp, ReadObjects const&) -> Result<EventWork> {
                           return fail(unavailable("stripe_timeout", "Stripe did not answer in time."));
                       },
                       tell_of_dead_events([] {}), {.retries = {.retries_max = 0}});
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    EXPECT_EQ(worker.run_once(steps.now())->dead, 1);
    ASSERT_EQ(unseen(*store).size(), 1u);
    EXPECT_EQ(event("evt_1").finished_at, unseen(*store).front().created_at);
}

TEST_P(Notice, ADeadMessageIsToldWithItsCustomer) {
    ASSERT_TRUE(is_ok(write([&](store::Writer& writer) {
        return store::enqueue_message(writer, {.id = "msg_1",
                                               .kind = "a_kind",
                                               .customer = CustomerId("acme"),
                                               .subject = "acme/tier",
                                               .payload = "{}",
                                               .next_retry_at = clock.now(),
                                               .created_at = clock.now()});
    })));
    OutboxWorker worker(
        *store, clock, random,
        [](store::OutboxMessage const&) -> Status { return fail(unavailable("stripe_timeout", "Later.")); },
        tell_of_dead_messages([] {}), {.retries = {.retries_max = 0}});
    EXPECT_EQ(worker.run_once(clock.now())->dead, 1);
    ASSERT_EQ(unseen(*store).size(), 1u);
    EXPECT_EQ(unseen(*store).front().customer, CustomerId("acme"));
    EXPECT_EQ(unseen(*store).front().kind, "dead_message");
}

TEST_P(Retention, WhatIsPastItGoesInBatches) {
    InboxWorker worker(
        *store, clock, random,
        [](stripe::Event const&, Timestamp, ReadObjects const&) -> Result<EventWork> { return EventWork{"read"}; }, {});
    for (auto const* id : {"evt_1", "evt_2", "evt_3"}) ASSERT_TRUE(is_ok(receive(event_body(id, id))));
    EXPECT_EQ(worker.run_once(clock.now())->done, 3);
    ASSERT_TRUE(is_ok(store->write_value(store::Scope::system(), [&](store::Writer& writer) {
        return store::claim_idempotency_key(
            writer, {.caller = "c", .key = "k", .expires_at = clock.now() + Duration::hours(24)}, clock.now());
    })));
    auto const purge = [&] {
        auto const progress = purge_expired(*store, clock.now(), {.batch_max = 2});
        EXPECT_TRUE(is_ok(progress));
        return progress.value_or(Progress{});
    };
    EXPECT_EQ(purge(), Progress{});
    pass(Duration::hours(25));
    EXPECT_EQ(purge(), Progress{.done = 1}) << "the idempotency key";
    pass(Duration::days(90));
    EXPECT_EQ(purge(), (Progress{.done = 2, .has_more = true}));
    EXPECT_EQ(purge(), Progress{.done = 1});
    EXPECT_EQ(purge(), Progress{});
}

}  // namespace
}  // namespace billhook::flow::notice_test
