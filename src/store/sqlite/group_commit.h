#pragma once
// GroupCommit: the one writer of a SQLite file. Writes that wait together share one commit and thus one write to disk;
// each runs in a savepoint of its own, so that one that fails takes nothing of the others with it. All are answered
// after the commit, in the order they came. A thread that waits for its write anyway carries it out itself where nobody
// else writes: that spares a quiet server two changes of thread a write.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "store/sqlite/sqlite_connection.h"
#include "store/work_queue.h"

namespace billhook::store {

class GroupCommit {
  public:
    GroupCommit(std::unique_ptr<SqliteConnection> connection, int queue_max, int batch_max);
    /// Commits what is queued, then ends the thread.
    ~GroupCommit();

    bool push(QueuedWrite& write, WorkQueue::Full when_full) { return queue_.push(write, when_full); }
    /// Carries the work out on the caller's thread; nothing where others write or wait to: push() it then. A work that
    /// writes through the store instead of its Writer would wait for itself, so that is a bug (CHECK).
    std::optional<Status> write_at_once(std::function<Status(Writer&)> const& work);

  private:
    void run();
    /// The number of writes that were dealt with: fewer than all where the database gave the transaction up.
    std::size_t commit_together(std::span<QueuedWrite const> writes);

    std::mutex turn_;  // of whoever uses the connection
    std::atomic<std::thread::id> writing_thread_;
    std::unique_ptr<SqliteConnection> connection_;
    std::size_t const batch_max_;
    WorkQueue queue_;
    std::thread thread_;
};

}  // namespace billhook::store
