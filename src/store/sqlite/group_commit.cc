#include "store/sqlite/group_commit.h"

#include "base/check.h"
#include "store/query/transaction.h"

namespace billhook::store {
namespace {

class SqliteWriter : public Writer {
  public:
    explicit SqliteWriter(SqliteConnection& connection) : connection_(connection) {}

    Result<Rows> query(Statement const& statement, Values const& values) override {
        return connection_.query(statement, values);
    }
    Result<std::int64_t> execute(Statement const& statement, Values const& values) override {
        return connection_.execute(statement, values);
    }
    void after_commit(std::function<void()> action) override { actions_.push_back(std::move(action)); }

    std::vector<std::function<void()>> const& actions() const { return actions_; }

  private:
    SqliteConnection& connection_;
    std::vector<std::function<void()>> actions_;
};

struct Outcome {
    Status status;
    std::vector<std::function<void()>> actions;
};

/// Marks whose turn it is to write.
class Writing {
  public:
    explicit Writing(std::atomic<std::thread::id>& thread) : thread_(thread) { thread_ = std::this_thread::get_id(); }
    ~Writing() { thread_ = std::thread::id(); }
    Writing(Writing const&) = delete;

  private:
    std::atomic<std::thread::id>& thread_;
};

Error lost_transaction() {
    return unavailable("database_unavailable", "The database could not keep the change. Try again later.");
}

/// A work that shares its commit with nobody needs no savepoint.
Outcome run_alone(SqliteConnection& connection, std::function<Status(Writer&)> const& work) {
    if (auto begun = connection.execute(query::transaction::begin_write); !begun) return {fail(begun.error()), {}};
    SqliteWriter writer(connection);
    Status status = run_caught(work, writer);
    if (!connection.is_in_transaction()) return {fail(lost_transaction()), {}};
    if (status) {
        if (auto committed = connection.execute(query::transaction::commit); !committed)
            status = fail(committed.error());
    }
    // Not all failures of a commit end the transaction; the next write needs a clean start.
    if (!status && connection.is_in_transaction()) (void)connection.execute(query::transaction::rollback);
    return {std::move(status), writer.actions()};
}

/// One work in its savepoint.
Outcome run_in_savepoint(SqliteConnection& connection, QueuedWrite const& write) {
    if (auto begun = connection.execute(query::transaction::savepoint_work); !begun) return {fail(begun.error()), {}};
    SqliteWriter writer(connection);
    Status status = run_caught(write.work, writer);
    if (!connection.is_in_transaction()) return {fail(lost_transaction()), {}};
    if (!status) {
        if (auto undone = connection.execute(query::transaction::rollback_work); !undone) {
            // Half of the work may still be there: none of the batch can be kept.
            if (connection.is_in_transaction()) (void)connection.execute(query::transaction::rollback);
            return {fail(undone.error()), {}};
        }
        if (!connection.is_in_transaction()) return {fail(lost_transaction()), {}};
    }
    if (auto released = connection.execute(query::transaction::release_work); !released)
        status = fail(released.error());
    return {std::move(status), writer.actions()};
}

}  // namespace

GroupCommit::GroupCommit(std::unique_ptr<SqliteConnection> connection, int queue_max, int batch_max)
    : connection_(std::move(connection)),
      batch_max_(static_cast<std::size_t>(batch_max)),
      queue_(static_cast<std::size_t>(queue_max)),
      thread_([this] { run(); }) {}

GroupCommit::~GroupCommit() {
    queue_.close();
    thread_.join();
}

std::optional<Status> GroupCommit::write_at_once(std::function<Status(Writer&)> const& work) {
    CHECK(writing_thread_.load() != std::this_thread::get_id());
    std::unique_lock const turn(turn_, std::try_to_lock);
    // Whoever came first and waits goes first, and together.
    if (!turn || !queue_.is_empty()) return std::nullopt;
    Writing const writing(writing_thread_);
    Outcome const outcome = run_alone(*connection_, work);
    if (outcome.status) run_after_commit(outcome.actions);
    return outcome.status;
}

void GroupCommit::run() {
    while (queue_.await()) {
        std::lock_guard const turn(turn_);
        Writing const writing(writing_thread_);
        std::vector<QueuedWrite> const batch = queue_.take(batch_max_);
        std::span<QueuedWrite const> rest = batch;
        while (!rest.empty()) rest = rest.subspan(commit_together(rest));
    }
}

std::size_t GroupCommit::commit_together(std::span<QueuedWrite const> writes) {
    if (writes.size() == 1) {
        Outcome const outcome = run_alone(*connection_, writes[0].work);
        if (outcome.status) run_after_commit(outcome.actions);
        answer(writes[0], outcome.status);
        return 1;
    }
    std::vector<Outcome> outcomes;
    auto begun = connection_->execute(query::transaction::begin_write);
    for (QueuedWrite const& write : writes) {
        outcomes.push_back(begun ? run_in_savepoint(*connection_, write) : Outcome{fail(begun.error()), {}});
        if (begun && !connection_->is_in_transaction()) break;
    }

    Status committed;
    if (!connection_->is_in_transaction()) {
        committed = fail(begun ? lost_transaction() : begun.error());
    } else if (auto result = connection_->execute(query::transaction::commit); !result) {
        committed = fail(result.error());
        // Not all failures end the transaction; the next batch needs a clean start.
        if (connection_->is_in_transaction()) (void)connection_->execute(query::transaction::rollback);
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        // Even a refusal may rest on what another write of the batch did, so it falls with the batch.
        if (!committed) outcomes[i].status = committed;
        if (outcomes[i].status) run_after_commit(outcomes[i].actions);
        answer(writes[i], outcomes[i].status);
    }
    return outcomes.size();
}

}  // namespace billhook::store
