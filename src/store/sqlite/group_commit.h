#pragma once
// GroupCommit: the one writer of a SQLite file. Writes that wait together share one commit and thus one write to disk;
// each runs in a savepoint of its own, so that one that fails takes nothing of the others with it. All are answered
// after the commit, in the order they came.

#include <memory>
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
    /// Waiting for a write on the thread that carries it out would wait for ever.
    bool is_own_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

  private:
    void run();
    /// The number of writes that were dealt with: fewer than all where the database gave the transaction up.
    std::size_t commit_together(std::span<QueuedWrite const> writes);

    std::unique_ptr<SqliteConnection> connection_;
    std::size_t const batch_max_;
    WorkQueue queue_;
    std::thread thread_;
};

}  // namespace billhook::store
