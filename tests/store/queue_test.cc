// Inbox and outbox: stored once, held by one worker at a time, retried, given up, replayed.

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "store/inbox_store.h"
#include "store/outbox_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::queue_test {
namespace {

STORE_SUITE(InboxTest);
STORE_SUITE(OutboxTest);

constexpr Duration lease = Duration::seconds(30);

InboxEvent an_event(std::string const& id, std::string const& subject, std::int64_t at = 1000) {
    InboxEvent event;
    event.id = id;
    event.type = "invoice.paid";
    event.subject = subject;
    event.payload = R"({"id":")" + id + R"("})";
    event.api_version = "2026-10-28.endive";
    event.stripe_created_at = {at};
    event.received_at = {at};
    event.next_retry_at = {at};
    return event;
}

OutboxMessage a_message(std::string const& id, std::string const& subject, std::int64_t at = 1000) {
    OutboxMessage message;
    message.id = id;
    message.kind = "stripe_call";
    message.customer = CustomerId("acme");
    message.subject = subject;
    message.payload = "{}";
    message.next_retry_at = {at};
    message.created_at = {at};
    return message;
}

std::vector<std::string> ids_of(auto const& rows) {
    std::vector<std::string> ids;
    for (auto const& row : rows) ids.push_back(row.id);
    return ids;
}
using Ids = std::vector<std::string>;

void finish_all(Store& store, std::vector<InboxEvent> const& claimed) {
    for (auto const& event : claimed)
        EXPECT_TRUE(
            is_ok(store.write(Scope::system(), [&](Writer& writer) { return finish_event(writer, event, {9001}); })));
}

/// Four workers work a queue of many subjects off, each row once; how often a transaction was run again meanwhile.
std::int64_t work_off_side_by_side(Store& store, int events) {
    std::atomic<int> finished = 0;
    auto const before = store.rerun_count();
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i)
            workers.emplace_back([&] {
                while (finished < events) {
                    auto const claimed = store.take_turn(
                        "inbox", [&](Writer& writer) { return claim_due_events(writer, {9000}, lease, 8); });
                    ASSERT_TRUE(is_ok(claimed));
                    finish_all(store, *claimed);
                    finished += static_cast<int>(claimed->size());
                }
            });
    }
    EXPECT_EQ(finished, events);
    return store.rerun_count() - before;
}

class Inbox {
  public:
    explicit Inbox(Store& store) : store_(store) {}
    bool insert(InboxEvent const& event) {
        return *store_.write_value(Scope::system(), [&](Writer& writer) { return insert_event(writer, event); });
    }
    std::vector<InboxEvent> claim(std::int64_t now, int limit = 10) {
        auto claimed = store_.write_value(
            Scope::system(), [&](Writer& writer) { return claim_due_events(writer, {now}, lease, limit); });
        EXPECT_TRUE(is_ok(claimed));
        return claimed.value_or(std::vector<InboxEvent>{});
    }
    InboxEvent find(std::string const& id) {
        return **store_.read_value(Scope::system(), [&](Reader& reader) { return find_event(reader, id); });
    }

  private:
    Store& store_;
};

TEST_P(InboxTest, an_event_is_stored_once) {
    Inbox inbox(*store);
    InboxEvent const event = an_event("evt_1", "cus_1");
    EXPECT_TRUE(inbox.insert(event));
    InboxEvent again = event;
    again.payload = "{}";
    EXPECT_FALSE(inbox.insert(again));
    EXPECT_EQ(inbox.find("evt_1"), event);
}

TEST_P(InboxTest, many_deliveries_of_one_event_store_it_once) {
    std::atomic<int> stored = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n) stored += Inbox(*store).insert(an_event("evt_" + std::to_string(n), "cus_1"));
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(stored, 20);
}

TEST_P(InboxTest, claimers_take_turns) {
    constexpr int events = 200;
    for (int i = 0; i < events; ++i)
        Inbox(*store).insert(an_event("evt_" + std::to_string(i), "cus_" + std::to_string(i % 50), 1000 + i));
    auto const before = store->rerun_count();
    std::vector<std::string> claimed;
    std::mutex mutex;
    {
        std::vector<std::jthread> claimers;
        for (int i = 0; i < 4; ++i)
            claimers.emplace_back([&] {
                for (int round = 0; round < 10; ++round) {
                    auto const taken = store->take_turn(
                        "inbox", [&](Writer& writer) { return claim_due_events(writer, {9000}, lease, 2); });
                    ASSERT_TRUE(is_ok(taken));
                    std::lock_guard const lock(mutex);
                    for (auto const& event : *taken) claimed.push_back(event.subject);
                }
            });
    }
    EXPECT_EQ(claimed.size(), 50u) << "each subject is held once";
    EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), 50u);
    EXPECT_EQ(store->rerun_count(), before) << "a claim is never run again because of another";
}

TEST_P(InboxTest, four_workers_finish_every_event_once) {
    constexpr int events = 400;
    for (int i = 0; i < events; ++i)
        Inbox(*store).insert(an_event("evt_" + std::to_string(i), "cus_" + std::to_string(i % 97), 1000 + i));
    RecordProperty("reruns", static_cast<int>(work_off_side_by_side(*store, events)));
    auto const counts = store->read_value(Scope::system(), [](Reader& reader) { return count_events(reader); });
    ASSERT_TRUE(is_ok(counts));
    EXPECT_EQ(counts->at(QueueStatus::done), events);
}

TEST_P(InboxTest, what_was_done_long_ago_is_purged_and_dead_letters_stay) {
    Inbox inbox(*store);
    for (auto const* id : {"evt_1", "evt_2", "evt_3", "evt_dead"}) inbox.insert(an_event(id, id));
    std::int64_t done_at = 6000;
    for (auto const& event : inbox.claim(5000))
        ASSERT_TRUE(is_ok(write([&](Writer& writer) {
            return event.id == "evt_dead" ? bury_event(writer, event, "no", {6000})
                                          : finish_event(writer, event, {done_at++});
        })));
    inbox.insert(an_event("evt_new", "cus_1"));
    auto const purge = [&](std::int64_t before, int limit) {
        auto const count = store->write_value(
            Scope::system(), [&](Writer& writer) { return purge_done_events(writer, {before}, limit); });
        EXPECT_TRUE(is_ok(count));
        return count.value_or(-1);
    };
    EXPECT_EQ(purge(5999, 10), 0);
    EXPECT_EQ(purge(6001, 1), 1) << "the oldest first";
    EXPECT_EQ(purge(6001, 10), 1);
    EXPECT_EQ(purge(9000, 10), 1);
    EXPECT_EQ(inbox.find("evt_dead").status, QueueStatus::dead);
    EXPECT_EQ(inbox.find("evt_new").status, QueueStatus::pending);
    EXPECT_EQ(database->run("SELECT event_id FROM inbox_payload ORDER BY event_id"),
              (std::vector<std::vector<std::string>>{{"evt_dead"}, {"evt_new"}}));
}

TEST_P(InboxTest, claims_what_is_due_of_subjects_that_nobody_holds) {
    Inbox inbox(*store);
    inbox.insert(an_event("evt_late", "cus_1", 3000));
    inbox.insert(an_event("evt_first", "cus_1", 1000));
    inbox.insert(an_event("evt_other", "cus_2", 2000));
    inbox.insert(an_event("evt_future", "cus_3", 9000));

    auto const has_due = [&](std::int64_t now) {
        return *read([&](Reader& reader) { return has_due_events(reader, {now}); });
    };
    EXPECT_FALSE(has_due(999));
    EXPECT_TRUE(has_due(1000));
    auto claimed = inbox.claim(5000, 2);
    EXPECT_EQ(ids_of(claimed), (Ids{"evt_first", "evt_other"}));
    EXPECT_EQ(claimed[0].status, QueueStatus::processing);
    EXPECT_EQ(claimed[0].locked_until, Timestamp{5000} + lease);
    EXPECT_EQ(inbox.find("evt_first"), claimed[0]);

    EXPECT_EQ(ids_of(inbox.claim(5000)), Ids{}) << "both subjects are held";
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return finish_event(writer, claimed[0], {5001}); })));
    inbox.insert(an_event("evt_later", "cus_1", 3001));
    auto const both = inbox.claim(5000);
    EXPECT_EQ(ids_of(both), (Ids{"evt_late", "evt_later"}));
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return finish_event(writer, both[0], {5001}); })));
    inbox.insert(an_event("evt_last", "cus_1", 3002));
    EXPECT_EQ(ids_of(inbox.claim(5000)), Ids{}) << "its subject is held until the last of those that were claimed ends";
    EXPECT_FALSE(has_due(3001));
    EXPECT_EQ(ids_of(inbox.claim(9000)), Ids{"evt_future"});
}

TEST_P(InboxTest, a_limit_bounds_the_claim_and_a_busy_subject_hides_no_other) {
    Inbox inbox(*store);
    for (int i = 0; i < 100; ++i) inbox.insert(an_event("evt_busy_" + std::to_string(i), "cus_busy", 1000 + i));
    inbox.insert(an_event("evt_other", "cus_other", 2000));
    EXPECT_EQ(ids_of(inbox.claim(5000, 1)), Ids{"evt_busy_0"});
    EXPECT_EQ(ids_of(inbox.claim(5000, 1)), Ids{"evt_other"});
    EXPECT_EQ(ids_of(inbox.claim(5000, 1)), Ids{});
}

TEST_P(InboxTest, a_failed_event_waits_without_holding_up_its_subject) {
    Inbox inbox(*store);
    inbox.insert(an_event("evt_1", "cus_1", 1000));
    inbox.insert(an_event("evt_2", "cus_1", 2000));
    auto const claimed = inbox.claim(5000, 1);
    ASSERT_TRUE(
        is_ok(write([&](Writer& writer) { return reschedule_event(writer, claimed[0], {8000}, "Stripe was away"); })));
    InboxEvent const failed = inbox.find("evt_1");
    EXPECT_EQ(failed.status, QueueStatus::failed);
    EXPECT_EQ(failed.retry_count, 1);
    EXPECT_EQ(failed.error, "Stripe was away");
    EXPECT_EQ(failed.locked_until, std::nullopt);
    EXPECT_EQ(ids_of(inbox.claim(5000)), Ids{"evt_2"});
    EXPECT_EQ(ids_of(inbox.claim(8000)), Ids{}) << "its subject is held now";
    EXPECT_EQ(ids_of(inbox.claim(5000 + lease.ms, 1)), Ids{"evt_1"});
}

TEST_P(InboxTest, a_lease_that_ran_out_is_lost_to_the_next) {
    Inbox inbox(*store);
    inbox.insert(an_event("evt_1", "cus_1", 1000));
    auto const first = inbox.claim(5000);
    EXPECT_EQ(ids_of(inbox.claim(5000 + lease.ms - 1)), Ids{});
    auto const second = inbox.claim(5000 + lease.ms);
    EXPECT_EQ(ids_of(second), Ids{"evt_1"});
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return finish_event(writer, first[0], {1}); })), "lease_lost");
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return bury_event(writer, first[0], "", {1}); })), "lease_lost");
    EXPECT_TRUE(is_ok(write([&](Writer& writer) { return finish_event(writer, second[0], {1}); })));
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return finish_event(writer, second[0], {1}); })), "lease_lost");
}

TEST_P(InboxTest, dead_letters_are_replayed) {
    Inbox inbox(*store);
    inbox.insert(an_event("evt_1", "cus_1", 1000));
    auto const replay = [&](std::string const& id) {
        return write([&](Writer& writer) { return replay_event(writer, id, {7000}); });
    };
    auto const claimed = inbox.claim(5000);
    EXPECT_EQ(reason_of(replay("evt_1")), "event_in_progress");
    EXPECT_EQ(reason_of(replay("evt_none")), "not_found");
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return bury_event(writer, claimed[0], "given up", {6000}); })));
    EXPECT_EQ(inbox.find("evt_1").status, QueueStatus::dead);
    EXPECT_EQ(inbox.find("evt_1").finished_at, Timestamp{6000});
    EXPECT_EQ(ids_of(inbox.claim(99999)), Ids{});
    EXPECT_TRUE(is_ok(replay("evt_1")));
    InboxEvent const replayed = inbox.find("evt_1");
    EXPECT_EQ(replayed.status, QueueStatus::pending);
    EXPECT_EQ(replayed.retry_count, 0);
    EXPECT_EQ(replayed.error, "");
    EXPECT_EQ(ids_of(inbox.claim(7000)), Ids{"evt_1"});
}

TEST_P(InboxTest, lists_filters_and_counts) {
    Inbox inbox(*store);
    for (int i = 0; i < 5; ++i) inbox.insert(an_event("evt_" + std::to_string(i), "cus_1", 1000 + i / 2));
    InboxEvent other = an_event("evt_x", "cus_2", 5000);
    other.type = "price.created";
    inbox.insert(other);
    auto const list = [&](InboxFilter const& filter, std::optional<Cursor> const& after = {}, int limit = 10) {
        return ids_of(*read([&](Reader& reader) { return list_events(reader, filter, after, limit); }));
    };
    EXPECT_EQ(list({}), (Ids{"evt_x", "evt_4", "evt_3", "evt_2", "evt_1", "evt_0"}));
    EXPECT_EQ(list({}, std::nullopt, 2), (Ids{"evt_x", "evt_4"}));
    EXPECT_EQ(list({}, Cursor{{1002}, "evt_4"}, 2), (Ids{"evt_3", "evt_2"}));
    EXPECT_EQ(list({.type = "price.created"}), Ids{"evt_x"});
    EXPECT_EQ(list({.status = QueueStatus::dead}), Ids{});
    EXPECT_EQ(list({.status = QueueStatus::pending, .subject = "cus_2"}), Ids{"evt_x"});

    auto counts = read([](Reader& reader) { return count_events(reader); });
    EXPECT_EQ(counts->size(), 5u);
    EXPECT_EQ(counts->at(QueueStatus::pending), 6);
    EXPECT_EQ(*read([](Reader& reader) { return oldest_unfinished_event(reader); }), Timestamp{1000});
}

TEST_P(InboxTest, an_empty_inbox_has_no_oldest_event) {
    EXPECT_EQ(*read([](Reader& reader) { return oldest_unfinished_event(reader); }), std::nullopt);
}

// Many workers, few subjects: no event is worked on twice and no subject by two at a time.
TEST_P(InboxTest, workers_never_meet_on_a_subject) {
    constexpr int subjects = 7, events = 140;
    for (int i = 0; i < events; ++i)
        Inbox(*store).insert(an_event("evt_" + std::to_string(i), "cus_" + std::to_string(i % subjects), 1000 + i));
    std::mutex mutex;
    std::set<std::string> held, finished;
    std::vector<std::thread> workers;
    for (int i = 0; i < 6; ++i)
        workers.emplace_back([&] {
            for (;;) {
                auto const claimed = Inbox(*store).claim(5000, 3);
                {
                    std::lock_guard lock(mutex);
                    if (finished.size() == events) return;
                    std::set<std::string> taken;
                    for (auto const& event : claimed) {
                        taken.insert(event.subject);
                        EXPECT_TRUE(finished.insert(event.id).second) << event.id << " is worked on twice";
                    }
                    for (auto const& subject : taken)
                        EXPECT_TRUE(held.insert(subject).second) << subject << " is held twice";
                }
                {
                    std::lock_guard lock(mutex);
                    for (auto const& event : claimed) held.erase(event.subject);
                }
                for (auto const& event : claimed) {
                    EXPECT_TRUE(is_ok(write([&](Writer& writer) { return finish_event(writer, event, {5001}); })));
                }
            }
        });
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(finished.size(), static_cast<std::size_t>(events));
    EXPECT_EQ(read([](Reader& reader) { return count_events(reader); })->at(QueueStatus::done), events);
}

TEST_P(OutboxTest, keeps_what_was_promised) {
    OutboxMessage const message = a_message("msg_1", "sub_1");
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return enqueue_message(writer, message); })));
    EXPECT_EQ(*read([](Reader& reader) { return find_message(reader, "msg_1"); }), message);
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return enqueue_message(writer, message); })), "unique_violation");
}

TEST_P(OutboxTest, hands_out_retries_and_buries) {
    auto const claim = [&](std::int64_t now) {
        return *store->write_value(Scope::system(),
                                   [&](Writer& writer) { return claim_due_messages(writer, {now}, lease, 10); });
    };
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        TRY_VOID(enqueue_message(writer, a_message("msg_1", "sub_1", 1000)));
        TRY_VOID(enqueue_message(writer, a_message("msg_2", "sub_1", 2000)));
        return enqueue_message(writer, a_message("msg_3", "sub_3", 3000));
    })));
    auto const first = claim(5000);
    ASSERT_EQ(ids_of(first), (Ids{"msg_1", "msg_3"}));
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return reschedule_message(writer, first[0], {6000}, "later"); })));
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return bury_message(writer, first[1], "never", {5001}); })));
    auto const second = claim(5000);
    ASSERT_EQ(ids_of(second), Ids{"msg_2"});
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return finish_message(writer, second[0], {5002}); })));
    auto const third = claim(6000);
    ASSERT_EQ(ids_of(third), Ids{"msg_1"});
    EXPECT_EQ(third[0].retry_count, 1);
    auto counts = *read([](Reader& reader) { return count_messages(reader); });
    EXPECT_EQ(counts[QueueStatus::dead], 1);
    EXPECT_EQ(counts[QueueStatus::done], 1);
    EXPECT_EQ(counts[QueueStatus::processing], 1);
    EXPECT_EQ(reason_of(write([](Writer& writer) { return replay_message(writer, "msg_1", {6001}); })),
              "message_in_progress");
    EXPECT_EQ(reason_of(write([](Writer& writer) { return replay_message(writer, "msg_0", {6001}); })), "not_found");
    EXPECT_TRUE(is_ok(write([](Writer& writer) { return replay_message(writer, "msg_3", {6001}); })));
    EXPECT_EQ(ids_of(claim(6001)), Ids{"msg_3"});
}

TEST_P(OutboxTest, a_message_may_be_born_held) {
    auto const claim = [&](std::int64_t now) {
        return ids_of(*store->write_value(
            Scope::system(), [&](Writer& writer) { return claim_due_messages(writer, {now}, lease, 10); }));
    };
    OutboxMessage message = a_message("msg_1", "sub_1", 1000);
    message.status = QueueStatus::processing;
    message.locked_until = Timestamp{31000};
    OutboxMessage orphan = message;
    orphan.id = "msg_2";
    orphan.subject = "sub_2";
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        TRY_VOID(enqueue_message(writer, message));
        return enqueue_message(writer, orphan);
    })));
    EXPECT_EQ(claim(30999), Ids{}) << "the command that enqueued them carries them out";
    EXPECT_TRUE(is_ok(write([&](Writer& writer) { return finish_message(writer, message, {1001}); })));
    EXPECT_EQ(claim(31000), Ids{"msg_2"}) << "its command died";
    EXPECT_EQ(reason_of(write([&](Writer& writer) { return finish_message(writer, orphan, {1001}); })), "lease_lost");
}

TEST_P(OutboxTest, lists_and_filters) {
    ASSERT_TRUE(is_ok(write([](Writer& writer) -> Status {
        for (int i = 0; i < 4; ++i) {
            OutboxMessage message = a_message("msg_" + std::to_string(i), "sub_" + std::to_string(i), 1000 + i);
            if (i == 2) message.kind = "mail";
            TRY_VOID(enqueue_message(writer, message));
        }
        return {};
    })));
    auto const list = [&](OutboxFilter const& filter, std::optional<Cursor> const& after = {}, int limit = 10) {
        return ids_of(*read([&](Reader& reader) { return list_messages(reader, filter, after, limit); }));
    };
    EXPECT_EQ(list({}), (Ids{"msg_3", "msg_2", "msg_1", "msg_0"}));
    EXPECT_EQ(list({.kind = "mail"}), Ids{"msg_2"});
    EXPECT_EQ(list({.status = QueueStatus::done}), Ids{});
    EXPECT_EQ(list({}, Cursor{{1002}, "msg_2"}, 1), Ids{"msg_1"});
}

}  // namespace
}  // namespace billhook::store::queue_test
