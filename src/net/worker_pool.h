#pragma once
// WorkerPool: a fixed number of threads and a queue with an end.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace billhook::net {

class WorkerPool {
  public:
    using Task = std::move_only_function<void()>;

    WorkerPool(int threads, int queue_max);
    ~WorkerPool() { stop(); }

    /// False: full or stopped; the task is destroyed uncalled.
    bool post(Task task);
    std::size_t queued() const;
    /// Waits for the running tasks and destroys the queued ones.
    void stop();

  private:
    void run();

    std::size_t const queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable has_work_;
    std::deque<Task> queue_;
    bool is_stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace billhook::net
