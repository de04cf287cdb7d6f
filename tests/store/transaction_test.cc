// What a transaction promises: all or nothing, serial order, an answer after the commit and not before.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/setting_store.h"
#include "tests/store/store_fixture.h"

namespace billhook::store::transaction_test {
namespace {

STORE_SUITE(TransactionTest);

std::string setting(StoreTest&, Store& store, std::string const& name) {
    auto value = store.read_value(Scope::system(), [&](Reader& reader) { return find_setting(reader, name); });
    return value && *value ? **value : "";
}

/// Waits until `count` answers have come.
class Answers {
  public:
    std::function<void(Status)> collect(int number) {
        return [this, number](Status status) {
            std::lock_guard lock(mutex_);
            order_.push_back(number);
            failed_ += !status;
            changed_.notify_all();
        };
    }
    std::vector<int> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return order_.size() >= count; }));
        return order_;
    }
    int failed() {
        std::lock_guard lock(mutex_);
        return failed_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<int> order_;
    int failed_ = 0;
};

TEST_P(TransactionTest, an_error_rolls_everything_back) {
    auto status = write([](Writer& writer) -> Status {
        TRY_VOID(save_setting(writer, "a", "1", {1}));
        return fail(conflict("no", "No."));
    });
    EXPECT_EQ(reason_of(status), "no");
    EXPECT_EQ(setting(*this, *store, "a"), "");
}

TEST_P(TransactionTest, an_exception_rolls_back_and_becomes_an_error) {
    auto status = write([](Writer& writer) -> Status {
        TRY_VOID(save_setting(writer, "a", "1", {1}));
        throw std::runtime_error("broken");
    });
    EXPECT_EQ(reason_of(status), "internal_error");
    EXPECT_EQ(setting(*this, *store, "a"), "");
    EXPECT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "2", {1}); })));
    EXPECT_EQ(setting(*this, *store, "a"), "2");
}

TEST_P(TransactionTest, what_was_answered_is_read_and_survives_reopening) {
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
    EXPECT_EQ(setting(*this, *store, "a"), "1");
    reopen();
    EXPECT_EQ(setting(*this, *store, "a"), "1");
}

TEST_P(TransactionTest, follow_ups_run_after_the_commit_and_only_then) {
    std::string seen = "not called";
    auto const look = [&] { seen = setting(*this, *store, "a"); };
    ASSERT_TRUE(is_ok(write([&](Writer& writer) -> Status {
        writer.after_commit(look);
        return save_setting(writer, "a", "1", {1});
    })));
    EXPECT_EQ(seen, "1");

    seen = "not called";
    ASSERT_FALSE(write([&](Writer& writer) -> Status {
        writer.after_commit(look);
        return fail(conflict("no", "No."));
    }));
    EXPECT_EQ(seen, "not called");
}

TEST_P(TransactionTest, a_refused_row_leaves_the_transaction_usable) {
    add_customer("acme");
    auto status = write([](Writer& writer) -> Status {
        TRY_VOID(save_subscription(writer, a_subscription("acme", "one")));
        EXPECT_EQ(reason_of(save_subscription(writer, a_subscription("acme", "two"))), "line_already_held");
        EXPECT_EQ(reason_of(save_subscription(writer, a_subscription("nobody", "three"))), "missing_reference");
        return save_setting(writer, "a", "still here", {1});
    });
    EXPECT_TRUE(is_ok(status));
    EXPECT_EQ(setting(*this, *store, "a"), "still here");
    EXPECT_EQ(database->run("SELECT id FROM subscription").size(), 1u);
}

TEST_P(TransactionTest, text_is_what_both_databases_can_hold) {
    for (std::string const& text : {std::string("a\0b", 3), std::string("\xff"), std::string("\xed\xa0\x80"),
                                    std::string("\xc0\xaf"), std::string("cut \xe2\x82")})
        EXPECT_EQ(reason_of(write([&](Writer& writer) { return save_setting(writer, "a", text, {1}); })),
                  "invalid_text");
    std::string const good = "Grüße, 漢字, 🙂, 'quoted', \\ and \x7f";
    ASSERT_TRUE(is_ok(write([&](Writer& writer) { return save_setting(writer, "a", good, {1}); })));
    EXPECT_EQ(setting(*this, *store, "a"), good);
}

// Read, decide, write: what SQLite's single writer gives by itself, PostgreSQL has to run again for.
TEST_P(TransactionTest, concurrent_read_modify_write_loses_nothing) {
    constexpr int threads_count = 8, rounds = 40;
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "sum", "0", {1}); })));
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round)
                EXPECT_TRUE(is_ok(write([](Writer& writer) -> Status {
                    int const before = std::stoi(*TRY(find_setting(writer, "sum")));
                    return save_setting(writer, "sum", std::to_string(before + 1), {1});
                })));
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(setting(*this, *store, "sum"), std::to_string(threads_count * rounds));
}

// A unique index counts rows that are committed after our snapshot: whoever is refused by one is shown it.
TEST_P(TransactionTest, a_row_that_refuses_another_can_be_seen_by_it) {
    add_customer("acme");
    std::atomic<int> inserted = 0, seen = 0;
    for (int round = 0; round < 30; ++round) {
        std::string const line = "line" + std::to_string(round);
        auto const insert = [&](std::string const& id) {
            auto status = write([&](Writer& writer) -> Status {
                auto saved = save_subscription(writer, a_subscription("acme", id + line, line));
                if (saved) return {};
                bool const is_there = TRY(find_live_subscription(writer, CustomerId("acme"), line)).has_value();
                return fail(conflict(is_there ? "seen" : "unseen", "Another one is there."));
            });
            inserted += status.has_value();
            seen += reason_of(status) == "seen";
        };
        std::thread one([&] { insert("one"); });
        std::thread two([&] { insert("two"); });
        one.join();
        two.join();
    }
    EXPECT_EQ(inserted, 30);
    EXPECT_EQ(seen, 30);
}

// Each sees that the other has not begun, and begins: write skew, which only serial order forbids.
TEST_P(TransactionTest, two_that_exclude_each_other_never_both_succeed) {
    for (int round = 0; round < 30; ++round) {
        std::string const left = "left" + std::to_string(round), right = "right" + std::to_string(round);
        std::atomic<int> begun = 0;
        auto const begin_unless = [&](std::string const& mine, std::string const& other) {
            auto status = write([&](Writer& writer) -> Status {
                if (TRY(find_setting(writer, other))) return fail(conflict("taken", "Taken."));
                return save_setting(writer, mine, "1", {1});
            });
            begun += status.has_value();
        };
        std::thread one([&] { begin_unless(left, right); });
        std::thread two([&] { begin_unless(right, left); });
        one.join();
        two.join();
        ASSERT_EQ(begun, 1) << "round " << round;
    }
}

TEST_P(TransactionTest, submitted_writes_are_answered_after_their_commit) {
    constexpr int count = 500;
    Answers answers;
    for (int i = 0; i < count; ++i)
        ASSERT_TRUE(is_ok(store->submit(
            Scope::system(),
            [i](Writer& writer) -> Status {
                TRY_VOID(save_setting(writer, "key" + std::to_string(i), "1", {1}));
                if (i % 10 == 3) return fail(conflict("no", "No."));
                return {};
            },
            answers.collect(i))));
    std::vector<int> order = answers.wait(count);
    EXPECT_EQ(answers.failed(), count / 10);
    EXPECT_EQ(database->run("SELECT COUNT(*) FROM setting")[0][0], std::to_string(count - count / 10));
    if (!is_postgres()) {
        EXPECT_TRUE(std::ranges::is_sorted(order)) << "SQLite answers in the order of submission";
    }
}

TEST_P(TransactionTest, an_answer_means_that_it_can_be_read) {
    std::atomic<int> seen = 0;
    Answers answers;
    for (int i = 0; i < 50; ++i) {
        std::string const name = "key" + std::to_string(i);
        ASSERT_TRUE(is_ok(store->submit(
            Scope::system(),
            [&, name](Writer& writer) -> Status {
                writer.after_commit([&, name] { seen += setting(*this, *store, name) == "1"; });
                return save_setting(writer, name, "1", {1});
            },
            answers.collect(i))));
    }
    answers.wait(50);
    EXPECT_EQ(seen, 50);
}

TEST_P(TransactionTest, a_full_queue_refuses_at_once) {
    reopen({.writers = 1, .queue_max = 2, .batch_max = 1});
    std::mutex gate;
    std::unique_lock closed(gate);
    std::atomic<bool> has_begun = false;
    Answers answers;
    ASSERT_TRUE(is_ok(store->submit(
        Scope::system(),
        [&](Writer& writer) -> Status {
            has_begun = true;
            std::lock_guard wait(gate);
            return save_setting(writer, "a", "1", {1});
        },
        answers.collect(0))));
    while (!has_begun) std::this_thread::yield();
    auto const small = [](Writer& writer) { return save_setting(writer, "b", "1", {1}); };
    EXPECT_TRUE(is_ok(store->submit(Scope::system(), small, answers.collect(1))));
    EXPECT_TRUE(is_ok(store->submit(Scope::system(), small, answers.collect(2))));
    EXPECT_EQ(reason_of(store->submit(Scope::system(), small, answers.collect(3))), "write_queue_full");
    closed.unlock();
    EXPECT_EQ(answers.wait(3).size(), 3u);
    EXPECT_EQ(answers.failed(), 0);
}

TEST_P(TransactionTest, closing_carries_out_what_was_queued) {
    Answers answers;
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(is_ok(store->submit(
            Scope::system(), [i](Writer& writer) { return save_setting(writer, "key" + std::to_string(i), "1", {1}); },
            answers.collect(i))));
    store.reset();
    EXPECT_EQ(answers.wait(200).size(), 200u);
    EXPECT_EQ(database->run("SELECT COUNT(*) FROM setting")[0][0], "200");
}

TEST_P(TransactionTest, a_submitted_exception_harms_no_neighbour) {
    Answers answers;
    ASSERT_TRUE(is_ok(store->submit(
        Scope::system(), [](Writer&) -> Status { throw std::runtime_error("broken"); }, answers.collect(0))));
    ASSERT_TRUE(is_ok(store->submit(
        Scope::system(), [](Writer& writer) { return save_setting(writer, "a", "1", {1}); }, answers.collect(1))));
    answers.wait(2);
    EXPECT_EQ(answers.failed(), 1);
    EXPECT_EQ(setting(*this, *store, "a"), "1");
}

TEST_P(TransactionTest, readers_and_writers_side_by_side) {
    std::atomic<bool> is_done = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 6; ++i)
        readers.emplace_back([&] {
            while (!is_done)
                EXPECT_TRUE(is_ok(read([](Reader& reader) -> Result<int> {
                    // One snapshot: both are written together, so both are seen or neither.
                    bool const first = TRY(find_setting(reader, "first")).has_value();
                    bool const second = TRY(find_setting(reader, "second")).has_value();
                    EXPECT_EQ(first, second);
                    return 0;
                })));
        });
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(is_ok(write([](Writer& writer) -> Status {
            TRY_VOID(save_setting(writer, "first", "1", {1}));
            return save_setting(writer, "second", "1", {1});
        })));
        EXPECT_TRUE(is_ok(write([](Writer& writer) -> Status {
            TRY_VOID(remove_setting(writer, "second"));
            return remove_setting(writer, "first");
        })));
    }
    is_done = true;
    for (auto& reader : readers) reader.join();
}

TEST_P(TransactionTest, a_second_process_may_write_too) {
    auto other = open_store(database->address());
    ASSERT_TRUE(is_ok(other));
    std::vector<std::thread> threads;
    for (Store* each : {store.get(), other->get()})
        threads.emplace_back([&, each] {
            for (int i = 0; i < 50; ++i)
                EXPECT_TRUE(is_ok(each->write(Scope::system(), [&](Writer& writer) -> Status {
                    auto const before = TRY(find_setting(writer, "sum"));
                    return save_setting(writer, "sum", std::to_string(std::stoi(before.value_or("0")) + 1), {1});
                })));
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(setting(*this, *store, "sum"), "100");
}

TEST_P(TransactionTest, lost_connections_are_replaced) {
    if (!is_postgres()) return;  // a file has no connections to lose
    ASSERT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "1", {1}); })));
    EXPECT_EQ(setting(*this, *store, "a"), "1");
    database->run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'billhook'");
    EXPECT_EQ(setting(*this, *store, "a"), "1");
    EXPECT_TRUE(is_ok(write([](Writer& writer) { return save_setting(writer, "a", "2", {1}); })));

    Answers answers;
    database->run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'billhook'");
    ASSERT_TRUE(is_ok(store->submit(
        Scope::system(), [](Writer& writer) { return save_setting(writer, "a", "3", {1}); }, answers.collect(0))));
    answers.wait(1);
    EXPECT_EQ(answers.failed(), 0);
    EXPECT_EQ(setting(*this, *store, "a"), "3");
}

}  // namespace
}  // namespace billhook::store::transaction_test
