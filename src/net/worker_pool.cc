#include "net/worker_pool.h"

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "net/server_thread.h"

namespace billhook::net {

WorkerPool::WorkerPool(int threads, int queue_max, Duration wait_max)
    : queue_max_(static_cast<std::size_t>(std::max(queue_max, 1))), wait_max_(wait_max.ms) {
    for (int i = 0; i < std::max(threads, 1); ++i) threads_.push_back(start_server_thread([this] { run(); }));
}

bool WorkerPool::post(Task task) {
    {
        std::lock_guard lock(mutex_);
        if (is_stopped_ || queue_.size() >= queue_max_) return false;
        queue_.push_back({std::move(task), std::chrono::steady_clock::now()});
    }
    has_work_.notify_one();
    return true;
}

std::size_t WorkerPool::queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

void WorkerPool::stop() {
    std::deque<Waiting> abandoned;
    {
        std::lock_guard lock(mutex_);
        is_stopped_ = true;
        abandoned.swap(queue_);
    }
    has_work_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void WorkerPool::run() {
    for (;;) {
        Waiting next;
        {
            std::unique_lock lock(mutex_);
            has_work_.wait(lock, [&] { return is_stopped_ || !queue_.empty(); });
            if (is_stopped_) return;
            next = std::move(queue_.front());
            queue_.pop_front();
        }
        if (std::chrono::steady_clock::now() - next.since > wait_max_) continue;
        try {
            next.task();
        } catch (std::exception const& exception) {
            log(LogLevel::error, "a task of the pool threw", {{"what", exception.what()}});
        }
    }
}

}  // namespace billhook::net
