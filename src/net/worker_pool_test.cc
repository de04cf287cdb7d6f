#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace billhook::net::worker_pool_test {
namespace {

// Its request was answered with a 503 meanwhile; carried out now it would do what its sender does again.
TEST(WorkerPool, WhatHasWaitedTooLongIsNotBegun) {
    constexpr Duration wait_max = Duration::milliseconds(50);
    WorkerPool pool(1, 8, wait_max);
    std::atomic<bool> may_end = false, old_has_run = false, young_has_run = false;
    ASSERT_TRUE(pool.post([&] { may_end.wait(false); }));
    ASSERT_TRUE(pool.post([&] { old_has_run = true; }));
    auto const posted_at = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - posted_at <= std::chrono::milliseconds(wait_max.ms))
        std::this_thread::yield();
    may_end = true;
    may_end.notify_one();
    while (pool.queued() > 0) std::this_thread::yield();
    ASSERT_TRUE(pool.post([&] {
        young_has_run = true;
        young_has_run.notify_one();
    }));
    young_has_run.wait(false);
    EXPECT_FALSE(old_has_run);
}

}  // namespace
}  // namespace billhook::net::worker_pool_test
