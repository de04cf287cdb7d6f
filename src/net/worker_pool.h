#pragma once
// WorkerPool: a fixed number of threads and a queue with an end. What has waited too long is not begun: nobody waits
// for it any more, and it would keep those waiting who still do.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/timestamp.h"

namespace billhook::net {

class WorkerPool {
  public:
    using Task = std::move_only_function<void()>;

    WorkerPool(int threads, int queue_max, Duration wait_max);
    ~WorkerPool() { stop(); }

    /// False: full or stopped; the task is destroyed uncalled. It is also where it has waited for longer than wait_max.
    bool post(Task task);
    std::size_t queued() const;
    /// Waits for the running tasks and destroys the queued ones.
    void stop();

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Waiting {
        Task task;
        SteadyTime since;
    };
    void run();

    std::size_t const queue_max_;
    std::chrono::milliseconds const wait_max_;
    mutable std::mutex mutex_;
    std::condition_variable has_work_;
    std::deque<Waiting> queue_;
    bool is_stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace billhook::net
