#pragma once
// WorkerLoop: one thread that calls a worker again and again. A worker does what is due in a bounded batch and says
// whether more is waiting; the loop rests only when none is. An error rests too, and is logged once per
// change of its reason, so that a database that is away for an hour does not fill the log.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/timestamp.h"

namespace billhook::server {

/// Nothing was to do; all that was due is done; more is waiting.
enum class Progress { idle, done, busy };

class WorkerLoop {
  public:
    using Work = std::function<Result<Progress>()>;

    WorkerLoop(std::string name, Duration rest, Work work);
    ~WorkerLoop();
    WorkerLoop(WorkerLoop const&) = delete;

    void start();
    /// There may be something to do: do not wait for the rest to end, but a moment for what comes along. Thread-safe
    /// and cheap, so that each of a thousand events a second may call it.
    void wake();
    /// Begins no further batch; does not wait. Of several, all are told before one is waited for.
    void tell_to_stop();
    /// Lets the batch in hand finish, then joins. Safe to call twice.
    void stop();

  private:
    void run();
    bool rest_or_stop();
    bool is_stopping();

    std::string name_;
    Duration const rest_;
    int idle_turns_ = 0;  // since something was done or the loop was woken
    Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> is_woken_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace billhook::server
