#include <set>
#include <stdexcept>
#include <thread>

#include "store/setting_store.h"
#include "tests/webhook_inbox/inbox_fixture.h"

namespace billhook::flow::worker_test {
namespace {

INBOX_SUITE(Worker);

// What a handler would do: note the event, and write what it read in the transaction that finishes it.
struct Handlers {
    std::vector<std::string> prepared;
    std::map<std::string, int> failures_left;  // by event id; -1 is for ever
    std::vector<std::string> applied_fails;    // event ids whose write fails
    std::vector<Timestamp> moments;
    std::vector<std::string> dead;
    std::string failure = "stripe_timeout";

    // An event of "invoice.paid" reads its customer, unless that is read beside it.
    Result<EventWork> prepare(stripe::Event const& event, Timestamp moment, ReadObjects const& read_beside) {
        prepared.push_back(event.id);
        moments.push_back(moment);
        auto const object = string_or(Json(event.object), "customer");
        if (read_beside.contains(object)) return EventWork{.summary = "was read", .rests_on_others = true};
        if (event.type == "thrower.thrown") throw std::runtime_error("boom");
        if (event.type == "balance.available") return EventWork{"no handler", true, {}};
        auto& left = failures_left[event.id];
        if (left != 0) {
            if (left > 0) --left;
            return fail(unavailable(failure, "Stripe did not answer in time."));
        }
        return EventWork{"read", false,
                         [this, id = event.id](store::Writer& writer) -> Status {
                             TRY_VOID(store::save_setting(writer, "seen." + id, "yes", {1}));
                             if (std::ranges::find(applied_fails, id) != applied_fails.end())
                                 return fail(conflict("a_rule", "This cannot be."));
                             return {};
                         },
                         event.type == "invoice.paid" ? std::vector{object} : std::vector<std::string>{}};
    }
};

class WorkerHarness {
  public:
    WorkerHarness(store::Store& store, Clock const& clock, RandomSource& random, QueueWorkerSettings settings = {})
        : worker(
              store, clock, random,
              [this](stripe::Event const& event, Timestamp moment, ReadObjects const& read_beside) {
                  return handlers.prepare(event, moment, read_beside);
              },
              [this](store::Writer&, store::InboxEvent const& event, Error const&, Timestamp) -> Status {
                  handlers.dead.push_back(event.id);
                  return {};
              },
              settings) {}
    Handlers handlers;
    InboxWorker worker;
};

// Rounds until nothing is due.
Progress drain(InboxWorker& worker, Timestamp now) {
    Progress sum;
    while (true) {
        auto const progress = worker.run_once(now);
        EXPECT_TRUE(is_ok(progress));
        if (!progress || progress->is_idle()) return sum;
        sum.done += progress->done;
        sum.failed += progress->failed;
        sum.dead += progress->dead;
    }
}

bool was_applied(store::Reader& reader, std::string const& id) {
    auto const found = store::find_setting(reader, "seen." + id);
    return found && found->has_value();
}

TEST_P(Worker, FinishesAnEventTogetherWithItsEffects) {
    WorkerHarness harness(*store, clock, random);
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    ASSERT_TRUE(is_ok(receive(event_body("evt_2", "cus_1"))));
    ASSERT_TRUE(is_ok(receive(event_body("evt_3", "cus_2"))));
    auto const round = harness.worker.run_once(clock.now());
    ASSERT_TRUE(is_ok(round));
    EXPECT_EQ(round->done, 3);
    EXPECT_EQ(harness.handlers.prepared, (std::vector<std::string>{"evt_1", "evt_2", "evt_3"}));
    for (auto const* id : {"evt_1", "evt_2", "evt_3"}) {
        EXPECT_EQ(status(id), "done");
        EXPECT_TRUE(*read([&](store::Reader& reader) -> Result<bool> { return was_applied(reader, id); })) << id;
    }
    EXPECT_TRUE(harness.worker.run_once(clock.now())->is_idle());
}

TEST_P(Worker, EventsThatShareACommitAreDoneAtOneInstant) {
    StepClock const steps(clock.now(), Duration::seconds(1));
    Handlers handlers;
    InboxWorker worker(*store, steps, random,
                       [&](stripe::Event const& event, Timestamp moment, ReadObjects const& read_beside) {
                           return handlers.prepare(event, moment, read_beside);
                       },
                       {});
    for (auto const* id : {"evt_1", "evt_2", "evt_3"}) ASSERT_TRUE(is_ok(receive(event_body(id, id))));
    EXPECT_EQ(worker.run_once(steps.now())->done, 3);
    ASSERT_TRUE(event("evt_1").finished_at);
    for (auto const* id : {"evt_2", "evt_3"}) EXPECT_EQ(event(id).finished_at, event("evt_1").finished_at) << id;
}

TEST_P(Worker, OneReadServesTheEventsThatWereClaimedTogether) {
    WorkerHarness harness(*store, clock, random);
    for (auto const* id : {"evt_1", "evt_2", "evt_3"})
        ASSERT_TRUE(is_ok(receive(event_body(id, "cus_1", "invoice.paid"))));
    ASSERT_TRUE(is_ok(receive(event_body("evt_4", "cus_2", "invoice.paid"))));
    EXPECT_EQ(harness.worker.run_once(clock.now())->done, 4);
    std::map<std::string, bool> applied;
    for (auto const* id : {"evt_1", "evt_2", "evt_3", "evt_4"}) {
        EXPECT_EQ(status(id), "done") << id;
        applied[id] = *read([&](store::Reader& reader) -> Result<bool> { return was_applied(reader, id); });
    }
    EXPECT_EQ(applied,
              (std::map<std::string, bool>{{"evt_1", true}, {"evt_2", false}, {"evt_3", false}, {"evt_4", true}}));
}

TEST_P(Worker, WhereAReadIsNotWrittenThoseThatLeftItToThatReadForThemselves) {
    WorkerHarness harness(*store, clock, random);
    harness.handlers.failures_left["evt_1"] = 1;
    harness.handlers.applied_fails = {"evt_2"};
    for (auto const* id : {"evt_1", "evt_2", "evt_3"})
        ASSERT_TRUE(is_ok(receive(event_body(id, "cus_1", "invoice.paid"))));
    // The first one's read fails, so the second reads; that cannot be written, so the third reads in the end.
    EXPECT_EQ(*harness.worker.run_once(clock.now()), (Progress{.done = 1, .failed = 2}));
    EXPECT_EQ(harness.handlers.prepared, (std::vector<std::string>{"evt_1", "evt_2", "evt_3", "evt_3"}));
    EXPECT_EQ(status("evt_3"), "done");
    EXPECT_TRUE(*read([&](store::Reader& reader) -> Result<bool> { return was_applied(reader, "evt_3"); }));
    EXPECT_FALSE(*read([&](store::Reader& reader) -> Result<bool> { return was_applied(reader, "evt_2"); }));
    EXPECT_EQ(status("evt_1"), "failed");
    EXPECT_EQ(status("evt_2"), "failed");
}

TEST_P(Worker, AFailedWriteIsRolledBackAndTriedAgain) {
    WorkerHarness harness(*store, clock, random);
    harness.handlers.applied_fails = {"evt_1"};
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    EXPECT_EQ(drain(harness.worker, clock.now()).failed, 1);
    auto const failed = event("evt_1");
    EXPECT_EQ(failed.status, store::QueueStatus::failed);
    EXPECT_EQ(failed.retry_count, 1);
    EXPECT_EQ(failed.error, "a_rule: This cannot be.");
    EXPECT_GT(failed.next_retry_at, clock.now());
    EXPECT_FALSE(*read([&](store::Reader& reader) -> Result<bool> { return was_applied(reader, "evt_1"); }));

    harness.handlers.applied_fails.clear();
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 0);  // not due yet
    clock.set(failed.next_retry_at);
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 1);
    EXPECT_EQ(status("evt_1"), "done");
}

TEST_P(Worker, APoisonEventBlocksNobodyAndEndsAsADeadLetter) {
    QueueWorkerSettings settings;
    settings.retries.retries_max = 3;
    WorkerHarness harness(*store, clock, random, settings);
    harness.handlers.failures_left["evt_poison"] = -1;
    ASSERT_TRUE(is_ok(receive(event_body("evt_poison", "cus_1"))));
    ASSERT_TRUE(is_ok(receive(event_body("evt_throw", "cus_3", "thrower.thrown"))));
    pass(Duration::seconds(1));
    ASSERT_TRUE(is_ok(receive(event_body("evt_same_subject", "cus_1"))));
    ASSERT_TRUE(is_ok(receive(event_body("evt_other_subject", "cus_2"))));
    EXPECT_EQ(drain(harness.worker, clock.now()), (Progress{.done = 2, .failed = 2}));
    EXPECT_EQ(status("evt_same_subject"), "done");
    EXPECT_EQ(status("evt_other_subject"), "done");
    EXPECT_EQ(event("evt_throw").error, "handler_threw: boom");

    std::vector<Duration> waits;
    for (int round = 0; round < 3; ++round) {
        waits.push_back(event("evt_poison").next_retry_at - clock.now());
        pass(Duration::hours(1));
        drain(harness.worker, clock.now());
    }
    EXPECT_LT(waits[0], waits[2]);
    EXPECT_EQ(status("evt_poison"), "dead");
    EXPECT_EQ(event("evt_poison").error, "stripe_timeout: Stripe did not answer in time.");
    EXPECT_EQ(status("evt_throw"), "dead");
    EXPECT_EQ(std::set<std::string>(harness.handlers.dead.begin(), harness.handlers.dead.end()),
              (std::set<std::string>{"evt_poison", "evt_throw"}));
    pass(Duration::days(30));
    EXPECT_TRUE(harness.worker.run_once(clock.now())->is_idle());
}

// A crash runs no handler of errors: what is counted has to be counted before.
TEST_P(Worker, WhatEndsTheProcessIsBuriedAndNothingBesideIt) {
    for (auto const* name : {"one", "killer", "three"}) {
        ASSERT_TRUE(is_ok(receive(event_body("evt_" + std::string(name), "cus_" + std::string(name)))));
        pass(Duration::milliseconds(1));
    }
    struct Death {};
    QueueWorkerSettings const settings{.retries = {.retries_max = 3}};
    std::vector<std::string> dead;
    int deaths = 0;
    for (int round = 0; round < 10; ++round, pass(Duration{settings.lease.ms + 1000})) {
        InboxWorker worker(
            *store, clock, random,
            [](stripe::Event const& event, Timestamp, ReadObjects const&) -> Result<EventWork> {
                if (event.id == "evt_killer") throw Death();
                return EventWork{.summary = "read"};
            },
            [&](store::Writer&, store::InboxEvent const& event, Error const& error, Timestamp) -> Status {
                dead.push_back(event.id + " " + error.reason);
                return {};
            },
            settings);
        try {
            EXPECT_TRUE(is_ok(worker.run_once(clock.now())));
        } catch (Death const&) {
            ++deaths;
        }
        // Its neighbours wait for no more than the first who took them all.
        if (round >= 2) {
            EXPECT_EQ(status("evt_one"), "done");
            EXPECT_EQ(status("evt_three"), "done");
        }
    }
    EXPECT_EQ(deaths, 1 + 3) << "the first attempt and its retries";
    EXPECT_EQ(dead, std::vector<std::string>{"evt_killer interrupted"});
    EXPECT_EQ(status("evt_killer"), "dead");
}

TEST_P(Worker, AnOutageOfStripeBuriesNothing) {
    for (std::string const reason :
         {"stripe_circuit_open", "stripe_unreachable", "stripe_rate_limited", "stripe_key_refused"}) {
        QueueWorkerSettings settings;
        settings.retries.retries_max = 0;
        WorkerHarness harness(*store, clock, random, settings);
        harness.handlers.failure = reason;
        auto const id = "evt_" + reason;
        harness.handlers.failures_left[id] = -1;
        ASSERT_TRUE(is_ok(receive(event_body(id, "cus_1"))));
        for (int round = 0; round < 100; ++round) {
            EXPECT_EQ(drain(harness.worker, clock.now()), (Progress{.failed = 1})) << reason << " " << round;
            EXPECT_LE(event(id).next_retry_at, clock.now() + Duration::minutes(2));
            pass(Duration::hours(1));
        }
        EXPECT_EQ(status(id), "failed");
        EXPECT_EQ(event(id).retry_count, 0);
        harness.handlers.failures_left[id] = 0;
        EXPECT_EQ(drain(harness.worker, clock.now()).done, 1) << reason;
    }
}

TEST_P(Worker, AReplayAsksAnewOnTheRedactedRow) {
    QueueWorkerSettings settings;
    settings.retries.retries_max = 0;
    WorkerHarness harness(*store, clock, random, settings);
    harness.handlers.failures_left["evt_1"] = 1;
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    EXPECT_EQ(drain(harness.worker, clock.now()).dead, 1);
    // A read that began after the receipt covers it, whenever its turn comes.
    EXPECT_EQ(harness.handlers.moments.back(), event("evt_1").received_at);
    pass(Duration::days(3));
    int woken = 0;
    auto const replayed = replay(*store, "evt_1", clock.now(), [&] { ++woken; });
    ASSERT_TRUE(is_ok(replayed));
    EXPECT_EQ(replayed->retry_count, 0);
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 1);
    // A read between the receipt and the replay does not cover the replay.
    EXPECT_EQ(harness.handlers.moments.back(), clock.now());
    EXPECT_EQ(reason_of(replay(*store, "evt_9", clock.now())), "unknown_event");
    ASSERT_TRUE(is_ok(replay(*store, "evt_1", clock.now())));
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 1);
}

TEST_P(Worker, UnknownTypesAreKeptAndIgnored) {
    WorkerHarness harness(*store, clock, random);
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1", "balance.available"))));
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 1);
    EXPECT_EQ(status("evt_1"), "done");
    EXPECT_EQ(event("evt_1").type, "balance.available");
}

TEST_P(Worker, WhatAWorkerLeftBehindIsTakenOverAfterItsLease) {
    WorkerHarness harness(*store, clock, random);
    ASSERT_TRUE(is_ok(receive(event_body("evt_1", "cus_1"))));
    auto const claimed = store->write_value(store::Scope::system(), [&](store::Writer& writer) {
        return store::claim_due_events(writer, clock.now(), Duration::minutes(5), 8);
    });
    ASSERT_TRUE(is_ok(claimed));
    ASSERT_EQ(claimed->size(), 1u);
    EXPECT_TRUE(harness.worker.run_once(clock.now())->is_idle());
    pass(Duration::minutes(6));
    EXPECT_EQ(drain(harness.worker, clock.now()).done, 1);
    // The first one comes back late: it holds nothing any more, and writes nothing.
    EXPECT_EQ(reason_of(write(
                  [&](store::Writer& writer) { return store::finish_event(writer, claimed->front(), clock.now()); })),
              "lease_lost");
}

TEST_P(Worker, SeveralSideBySideHandleEachEventOnce) {
    constexpr int events = 60, subjects = 7;
    for (int i = 0; i < events; ++i)
        ASSERT_TRUE(is_ok(receive(event_body("evt_" + std::to_string(i), "cus_" + std::to_string(i % subjects)))));
    std::mutex mutex;
    std::multiset<std::string> handled;
    std::map<std::string, std::thread::id> busy;
    bool has_overlap = false;
    auto const prepare = [&](stripe::Event const& event, Timestamp, ReadObjects const&) -> Result<EventWork> {
        auto const subject = string_or(Json(event.object), "customer");
        {
            std::lock_guard const lock(mutex);
            auto const self = std::this_thread::get_id();
            has_overlap |= busy.emplace(subject, self).first->second != self;
        }
        std::this_thread::yield();
        return EventWork{"read", false, [&, subject, id = event.id](store::Writer& writer) -> Status {
                             // The claim keeps others off until the commit, whose news comes a moment after it.
                             std::lock_guard const lock(mutex);
                             busy.erase(subject);
                             writer.after_commit([&, id] {
                                 std::lock_guard const counting(mutex);
                                 handled.insert(id);
                             });
                             return {};
                         }};
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            InboxWorker worker(*store, clock, random, prepare, {}, {.batch_max = 2});
            for (int idle = 0; idle < 50;) {
                auto const progress = worker.run_once(clock.now());
                ASSERT_TRUE(is_ok(progress));
                idle = progress->is_idle() ? idle + 1 : 0;
                std::lock_guard const lock(mutex);
                if (handled.size() == events) break;
            }
        });
    threads.clear();
    EXPECT_FALSE(has_overlap);
    EXPECT_EQ(handled.size(), static_cast<std::size_t>(events));
    EXPECT_EQ(std::set<std::string>(handled.begin(), handled.end()).size(), static_cast<std::size_t>(events));
}

}  // namespace
}  // namespace billhook::flow::worker_test
