#include "server/worker_loop.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/log.h"

namespace billhook::server {
namespace {

constexpr std::size_t thread_name_max = 15;  // Linux takes no longer one
constexpr int short_rests = 20;
constexpr Duration long_rest = Duration::milliseconds(200);
// What wakes a loop is seldom alone: the events of a renewal come together, and worked off together they share a read
// of Stripe's and a commit.
constexpr Duration gathering = Duration::milliseconds(20);

}  // namespace

WorkerLoop::WorkerLoop(std::string name, Duration rest, Work work)
    : name_(std::move(name)), rest_(rest), work_(std::move(work)) {}

WorkerLoop::~WorkerLoop() {
    stop();
}

void WorkerLoop::start() {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), name_.substr(0, thread_name_max).c_str());
}

void WorkerLoop::wake() {
    if (is_woken_.exchange(true)) return;
    // Whoever was about to rest has seen it or waits by now.
    {
        std::lock_guard const lock(mutex_);
    }
    changed_.notify_one();
}

void WorkerLoop::tell_to_stop() {
    {
        std::lock_guard const lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_one();
}

void WorkerLoop::stop() {
    tell_to_stop();
    if (thread_.joinable()) thread_.join();
}

bool WorkerLoop::rest_or_stop() {
    std::unique_lock lock(mutex_);
    // The first rests are short: what was done a moment ago often leaves something to do a moment later.
    bool const is_long = ++idle_turns_ > short_rests;
    Duration const rest = is_long ? std::max(rest_, long_rest) : rest_;
    changed_.wait_for(lock, std::chrono::milliseconds(rest.ms), [this] { return is_woken_ || is_stopping_; });
    if (is_woken_) {
        idle_turns_ = 0;
        changed_.wait_for(lock, std::chrono::milliseconds(gathering.ms), [this] { return is_stopping_; });
        is_woken_ = false;
    }
    return is_stopping_;
}

bool WorkerLoop::is_stopping() {
    std::lock_guard const lock(mutex_);
    return is_stopping_;
}

void WorkerLoop::run() {
    std::string last_reason;
    for (;;) {
        Result<Progress> progress = Progress::idle;
        try {
            progress = work_();
        } catch (std::exception const& exception) {
            progress = fail(unavailable("exception", exception.what()));
        }
        std::string const reason = progress ? "" : progress.error().reason;
        if (reason != last_reason && !reason.empty())
            log(LogLevel::error, "a worker failed and will try again",
                {{"worker", name_}, {"reason", reason}, {"detail", progress.error().detail}});
        last_reason = reason;
        if (progress && *progress != Progress::idle) idle_turns_ = 0;
        bool const rests = !progress || *progress != Progress::busy;
        if (rests ? rest_or_stop() : is_stopping()) return;
    }
}

}  // namespace billhook::server
