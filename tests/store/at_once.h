#pragma once
// Races on purpose.

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "base/result.h"

namespace billhook::store {

/// Runs the same write on several threads at once; how many succeeded.
inline int succeed_at_once(int threads_count, std::function<Status(int)> const& write) {
    std::atomic<int> ready = 0, succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i)
        threads.emplace_back([&, i] {
            ++ready;
            while (ready < threads_count) std::this_thread::yield();
            succeeded += write(i).has_value();
        });
    for (auto& thread : threads) thread.join();
    return succeeded;
}

}  // namespace billhook::store
