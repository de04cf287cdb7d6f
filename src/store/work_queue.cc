#include "store/work_queue.h"

#include <exception>
#include <iterator>

#include "base/log.h"

namespace billhook::store {
namespace {

template <class Work, class Transaction>
Status call_caught(Work const& work, Transaction& transaction) {
    try {
        return work(transaction);
    } catch (std::exception const& exception) {
        log(LogLevel::error, "A transaction was rolled back by an exception", {{"what", exception.what()}});
        return fail(unavailable("internal_error", "The change was not made. Please try again later."));
    }
}

template <class Action, class... Arguments>
void call_logged(Action const& action, Arguments const&... arguments) {
    try {
        action(arguments...);
    } catch (std::exception const& exception) {
        log(LogLevel::error, "What follows a commit failed", {{"what", exception.what()}});
    }
}

}  // namespace

bool WorkQueue::push(QueuedWrite& write, Full when_full) {
    {
        std::lock_guard lock(mutex_);
        if (is_closed_ || (when_full == Full::refuse && writes_.size() >= capacity_)) return false;
        writes_.push_back(std::move(write));
    }
    filled_.notify_one();
    return true;
}

bool WorkQueue::await() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return is_closed_ || !writes_.empty(); });
    return !writes_.empty();
}

bool WorkQueue::is_empty() const {
    std::lock_guard const lock(mutex_);
    return writes_.empty();
}

std::vector<QueuedWrite> WorkQueue::take(std::size_t count_max) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return is_closed_ || !writes_.empty(); });
    auto const end = writes_.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, writes_.size()));
    std::vector<QueuedWrite> taken(std::make_move_iterator(writes_.begin()), std::make_move_iterator(end));
    writes_.erase(writes_.begin(), end);
    return taken;
}

void WorkQueue::close() {
    {
        std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    filled_.notify_all();
}

Status run_caught(std::function<Status(Writer&)> const& work, Writer& writer) {
    return call_caught(work, writer);
}

Status run_caught(std::function<Status(Reader&)> const& work, Reader& reader) {
    return call_caught(work, reader);
}

void run_after_commit(std::vector<std::function<void()>> const& actions) {
    for (auto const& action : actions) call_logged(action);
}

void answer(QueuedWrite const& write, Status const& status) {
    call_logged(write.done, status);
}

}  // namespace billhook::store
