#include <stdexcept>

#include "flow/outbox/worker.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::outbox_test {
namespace {

INBOX_SUITE(Outbox);

store::OutboxMessage a_message(std::string const& id, std::string const& subject, Timestamp at) {
    store::OutboxMessage message;
    message.id = id;
    message.kind = "a_kind";
    message.subject = subject;
    message.payload = "{}";
    message.created_at = at;
    message.next_retry_at = at;
    return message;
}

TEST_P(Outbox, DeliversRetriesAndBuries) {
    auto const enqueue = [&](std::string const& id, std::string const& subject) {
        ASSERT_TRUE(is_ok(write([&](store::Writer& writer) {
            return store::enqueue_message(writer, a_message(id, subject, clock.now()));
        })));
    };
    auto const status = [&](std::string const& id) -> std::string {
        auto const found = read([&](store::Reader& reader) { return store::find_message(reader, id); });
        return found && *found ? to_string((*found)->status) : "none";
    };
    enqueue("msg_good", "a");
    enqueue("msg_bad", "b");
    enqueue("msg_throws", "c");
    std::vector<std::string> delivered, dead;
    QueueWorkerSettings settings;
    settings.retries.retries_max = 2;
    OutboxWorker worker(
        *store, clock, random,
        [&](store::OutboxMessage const& message) -> Status {
            if (message.id == "msg_bad") return fail(unavailable("stripe_timeout", "Later."));
            if (message.id == "msg_throws") throw std::runtime_error("boom");
            delivered.push_back(message.id);
            return {};
        },
        [&](store::Writer&, store::OutboxMessage const& message, Error const& error, Timestamp) -> Status {
            dead.push_back(message.id + " " + error.reason);
            return {};
        },
        settings);

    auto const first = worker.run_once(clock.now());
    ASSERT_TRUE(is_ok(first));
    EXPECT_EQ(*first, (Progress{.done = 1, .failed = 2}));
    EXPECT_EQ(status("msg_good"), "done");
    EXPECT_EQ(status("msg_bad"), "failed");
    EXPECT_TRUE(worker.run_once(clock.now())->is_idle());
    pass(Duration::hours(1));
    EXPECT_EQ(worker.run_once(clock.now())->failed, 2);
    pass(Duration::hours(1));
    EXPECT_EQ(worker.run_once(clock.now())->dead, 2);
    EXPECT_EQ(status("msg_bad"), "dead");
    EXPECT_EQ(dead, (std::vector<std::string>{"msg_bad stripe_timeout", "msg_throws handler_threw"}));
    EXPECT_EQ(delivered, std::vector<std::string>{"msg_good"});

    ASSERT_TRUE(
        is_ok(write([&](store::Writer& writer) { return store::replay_message(writer, "msg_bad", clock.now()); })));
    EXPECT_EQ(worker.run_once(clock.now())->failed, 1);
}

TEST_P(Outbox, TakesOverWhatACommandDiedWith) {
    auto held = a_message("msg_1", "a", clock.now());
    held.status = store::QueueStatus::processing;
    held.locked_until = clock.now() + Duration::minutes(3);
    ASSERT_TRUE(is_ok(write([&](store::Writer& writer) { return store::enqueue_message(writer, held); })));
    int deliveries = 0;
    OutboxWorker worker(*store, clock, random,
                        [&](store::OutboxMessage const&) -> Status {
                            ++deliveries;
                            return {};
                        },
                        {});
    EXPECT_TRUE(worker.run_once(clock.now())->is_idle());
    pass(Duration::minutes(4));
    EXPECT_EQ(worker.run_once(clock.now())->done, 1);
    EXPECT_EQ(deliveries, 1);
    pass(Duration::days(1));
    EXPECT_TRUE(worker.run_once(clock.now())->is_idle());
}

}  // namespace
}  // namespace billhook::flow::outbox_test
