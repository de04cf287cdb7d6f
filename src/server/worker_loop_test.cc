#include "server/worker_loop.h"

#include <gtest/gtest.h>

#include <atomic>

namespace billhook::server::worker_loop_test {
namespace {

constexpr Duration for_ever = Duration::minutes(60);

void wait_until(std::atomic<int> const& count, int value) {
    for (int now = count; now < value; now = count) count.wait(now);
}

TEST(WorkerLoop, RunsAgainForWhateverCameAfterItsLastRunBegan) {
    std::atomic<int> given = 0, seen = 0;
    WorkerLoop loop("test", for_ever, [&]() -> Result<Progress> {
        seen = given.load();
        seen.notify_all();
        return Progress::idle;
    });
    loop.start();
    // Some wakes meet it at rest, some at work and some while it gathers: none may be lost.
    for (int i = 1; i <= 20; ++i) {
        given = i;
        loop.wake();
        if (i % 3 != 0) wait_until(seen, i);
    }
    wait_until(seen, 20);
}

TEST(WorkerLoop, RestsOnlyWhenNothingIsWaiting) {
    std::atomic<int> runs = 0;
    WorkerLoop loop("test", for_ever, [&]() -> Result<Progress> {
        bool const has_more = ++runs < 5;
        runs.notify_all();
        return has_more ? Progress::busy : Progress::done;
    });
    loop.start();
    wait_until(runs, 5);
    loop.stop();
    EXPECT_EQ(runs, 5);
}

}  // namespace
}  // namespace billhook::server::worker_loop_test
