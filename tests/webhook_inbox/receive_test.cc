#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::receive_test {
namespace {

INBOX_SUITE(Receive);

TEST_P(Receive, StoresOnceAndRedacted) {
    auto const body = event_body("evt_1", "cus_1");
    auto const first = receive(body);
    ASSERT_TRUE(is_ok(first));
    EXPECT_TRUE(first->is_new);
    EXPECT_EQ(first->type, "customer.subscription.updated");
    EXPECT_EQ(wakes, 1);

    auto const stored = event("evt_1");
    EXPECT_EQ(stored.subject, "cus_1");
    EXPECT_EQ(stored.status, store::QueueStatus::pending);
    EXPECT_EQ(stored.received_at, clock.now());
    EXPECT_EQ(stored.api_version, "2026-10-28.endive");
    EXPECT_EQ(stored.payload.find("Ada"), std::string::npos);
    EXPECT_NE(stored.payload.find(R"("billhook_customer":"acme")"), std::string::npos);
    EXPECT_NE(stored.payload.find(R"("status":"active")"), std::string::npos);

    pass(Duration::seconds(60));
    auto const second = receive(body);
    ASSERT_TRUE(is_ok(second));
    EXPECT_FALSE(second->is_new);
    EXPECT_EQ(wakes, 1);
    EXPECT_EQ(event("evt_1"), stored);
}

TEST_P(Receive, RefusesWithoutATrace) {
    auto const good = event_body("evt_1", "cus_1");
    struct {
        char const* name;
        std::string body;
        std::string header;
        char const* reason;
    } const cases[] = {
        {"no header", good, "", "signature_missing"},
        {"another secret", good, sign("whsec_other", good, clock.now()), "signature_mismatch"},
        {"another body", good + " ", sign(secret, good, clock.now()), "signature_mismatch"},
        {"old", good, sign(secret, good, clock.now() - Duration::minutes(6)), "signature_too_old"},
        {"no JSON", "evt_1", sign(secret, "evt_1", clock.now()), "invalid_json"},
        {"empty", "", sign(secret, "", clock.now()), "invalid_json"},
        {"no event", "[]", sign(secret, "[]", clock.now()), "event_not_understood"},
        {"no object", R"({"id":"evt_1","type":"a.b"})", sign(secret, R"({"id":"evt_1","type":"a.b"})", clock.now()),
         "event_not_understood"},
        {"twice the same key", R"({"id":"evt_1","id":"evt_2"})",
         sign(secret, R"({"id":"evt_1","id":"evt_2"})", clock.now()), "invalid_json"},
        {"too large", std::string((1 << 20) + 1, ' '), sign(secret, "", clock.now()), "body_too_large"},
    };
    for (auto const& c : cases)
        EXPECT_EQ(reason_of(receiver().receive(c.body, c.header, clock.now())), c.reason) << c.name;
    auto const counts = read([](store::Reader& reader) { return store::count_events(reader); });
    ASSERT_TRUE(is_ok(counts));
    EXPECT_EQ(counts->at(store::QueueStatus::pending), 0);
    EXPECT_EQ(wakes, 0);
}

TEST_P(Receive, FindsASecretThatAnotherProcessStored) {
    auto const body = event_body("evt_1", "cus_1");
    auto const header = [&] { return sign("whsec_new", body, clock.now()); };
    EXPECT_EQ(reason_of(receiver().receive(body, header(), clock.now())), "signature_mismatch");
    auto const save = [&](std::vector<StoredSecret> stored) {
        ASSERT_TRUE(is_ok(write([&](store::Writer& writer) { return save_secrets(writer, stored, clock.now()); })));
    };
    save({{"we_2", "whsec_new", std::nullopt}, {"we_1", "whsec_old", clock.now() + Duration::hours(24)}});
    // A flood of bad signatures does not ask the database each time.
    EXPECT_EQ(reason_of(receiver().receive(body, header(), clock.now())), "signature_mismatch");
    pass(Duration::seconds(6));
    EXPECT_TRUE(is_ok(receiver().receive(body, header(), clock.now())));
    auto const old_body = event_body("evt_2", "cus_1");
    EXPECT_TRUE(is_ok(receiver().receive(old_body, sign("whsec_old", old_body, clock.now()), clock.now())));
    pass(Duration::hours(25));
    EXPECT_EQ(reason_of(receiver().receive(old_body, sign("whsec_old", old_body, clock.now()), clock.now())),
              "signature_mismatch");
    EXPECT_TRUE(is_ok(receiver().receive(body, header(), clock.now())));
}

TEST_P(Receive, FromTheEventLoop) {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Result<Receipt>> answers;
    auto const done = [&](Result<Receipt> receipt) {
        std::lock_guard const lock(mutex);
        answers.push_back(std::move(receipt));
        changed.notify_all();
    };
    auto door = receiver();
    auto const body = event_body("evt_1", "cus_1");
    door.submit(body, "t=1,v1=0", clock.now(), done);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(reason_of(answers[0]), "signature_mismatch");
    answers.clear();

    door.submit(body, sign(secret, body, clock.now()), clock.now(), done);
    door.submit(body, sign(secret, body, clock.now()), clock.now(), done);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return answers.size() == 2; }));
    ASSERT_TRUE(is_ok(answers[0]));
    ASSERT_TRUE(is_ok(answers[1]));
    EXPECT_NE(answers[0]->is_new, answers[1]->is_new);
    EXPECT_EQ(wakes, 1);
    EXPECT_EQ(status("evt_1"), "pending");
}

TEST_P(Receive, ManyAtOnceAreOne) {
    auto const body = event_body("evt_1", "cus_1");
    std::atomic<int> is_new = 0, failed = 0;
    auto door = WebhookReceiver(*store, secrets, {}, {});
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            auto const receipt = door.receive(body, sign(secret, body, clock.now()), clock.now());
            if (!receipt) ++failed;
            if (receipt && receipt->is_new) ++is_new;
        });
    threads.clear();
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(is_new, 1);
}

}  // namespace
}  // namespace billhook::flow::receive_test
