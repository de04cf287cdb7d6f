#pragma once
// WorkQueue: the writes that wait for a thread of the store. Bounded for those who must not wait; thread-safe.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "store/store.h"

namespace billhook::store {

struct QueuedWrite {
    Scope scope;
    std::function<Status(Writer&)> work;
    std::function<void(Status)> done;  // called exactly once
};

class WorkQueue {
  public:
    explicit WorkQueue(std::size_t capacity) : capacity_(capacity) {}

    enum class Full { refuse, accept };
    /// False where it is full (and that matters) or closed; `write` is then left as it was.
    bool push(QueuedWrite& write, Full when_full);
    /// Waits for at least one. False: closed and drained.
    bool await();
    bool is_empty() const;
    /// Waits for at least one; then takes what is there, at most `count_max`. Empty: closed and drained.
    std::vector<QueuedWrite> take(std::size_t count_max);
    /// Nothing is accepted any more; what is queued is still handed out.
    void close();

  private:
    std::size_t const capacity_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<QueuedWrite> writes_;
    bool is_closed_ = false;
};

/// Runs the work; what it throws is logged and becomes `unavailable` "internal_error", so that it rolls back.
Status run_caught(std::function<Status(Writer&)> const& work, Writer& writer);
Status run_caught(std::function<Status(Reader&)> const& work, Reader& reader);
/// Runs what was to follow the commit; an exception there is logged.
void run_after_commit(std::vector<std::function<void()>> const& actions);
void answer(QueuedWrite const& write, Status const& status);

}  // namespace billhook::store
