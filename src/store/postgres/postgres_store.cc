#include "store/postgres/postgres_store.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "store/query/transaction.h"

namespace billhook::store {
namespace {

using Use = PostgresTransaction::Use;

/// Those that met must not meet again: each waits a little longer than before, and not as long as its neighbour.
void wait_before_repeating(int attempt, int backend_pid) {
    if (attempt == 0) return;
    int const step_us = 200 + 37 * (backend_pid % 17);
    std::this_thread::sleep_for(std::chrono::microseconds(step_us * std::min(attempt, 40)));
}

/// Whether one of the works that shared a transaction may be why it failed: a database that is away fails each of them,
/// and asking it for each would keep all the others waiting.
bool may_be_of_one(Error const& error) {
    return error.reason != "commit_unknown" && error.reason != "database_unavailable" &&
           error.reason != "database_busy";
}

}  // namespace

std::unique_ptr<Store> PostgresStore::open(std::string const& url, StoreOptions const& options) {
    return std::unique_ptr<Store>(new PostgresStore(url, options));
}

PostgresStore::PostgresStore(std::string const& url, StoreOptions const& options)
    : options_(options),
      apps_(options.readers + options.writers, options.wait_max,
            [url] { return PostgresConnection::open(url, PostgresRole::app); }),
      workers_(options.readers + options.writers, options.wait_max,
               [url] { return PostgresConnection::open(url, PostgresRole::worker); }),
      queue_(static_cast<std::size_t>(options.queue_max)) {
    for (int i = 0; i < options.writers; ++i) threads_.emplace_back([this] { run_submitted(); });
}

PostgresStore::~PostgresStore() {
    queue_.close();
    for (std::thread& thread : threads_) thread.join();
}

Status PostgresStore::run_repeatedly(Pool& pool, Use use, Attempt const& attempt) {
    // A server that was restarted leaves every pooled connection dead: each may be met once.
    int connections_left = options_.readers + options_.writers + 1;
    for (int count = 0;; ++count) {
        auto connection = TRY(pool.lend());
        int const backend_pid = connection->backend_pid();
        Status status;
        bool may_be_repeated = false;
        {
            PostgresTransaction transaction(*connection, use);
            status = attempt(transaction);
            if (status) return {};
            // Once: a second look sees what refused the row, and the work decides by it.
            may_be_repeated = transaction.may_be_repeated() || (count == 0 && transaction.may_have_met_an_unseen_row());
        }
        if (connection->is_broken()) {
            connection.discard();
            if (--connections_left == 0) return status;
        }
        if (!may_be_repeated || count >= options_.retries_max) return status;
        ++rerun_count_;
        wait_before_repeating(count, backend_pid);
    }
}

Status PostgresStore::commit(PostgresTransaction& transaction) {
    auto committed = transaction.commit();
    if (!committed && committed.error().reason == "commit_unknown") run_after_commit(transaction.take_doubts());
    return committed;
}

Status PostgresStore::run_and_commit(PostgresTransaction& transaction, std::function<Status(Writer&)> const& work,
                                     Actions& actions) {
    Status status = run_caught(work, transaction);
    // What the work made of a failed transaction does not count: it is over.
    if (transaction.failure()) return fail(*transaction.failure());
    TRY_VOID(status);
    TRY_VOID(commit(transaction));
    actions = transaction.take_actions();
    return {};
}

Status PostgresStore::run_write(Scope const& scope, std::function<Status(Writer&)> const& work) {
    Actions actions;
    TRY_VOID(run_repeatedly(pool_of(scope), Use::write, [&](PostgresTransaction& transaction) -> Status {
        transaction.set_scope(scope);
        return run_and_commit(transaction, work, actions);
    }));
    run_after_commit(actions);
    return {};
}

Status PostgresStore::run_turn(std::string_view turn, std::function<Status(Writer&)> const& work) {
    Actions actions;
    TRY_VOID(run_repeatedly(workers_, Use::turn, [&](PostgresTransaction& transaction) -> Status {
        transaction.await_turn(turn);
        return run_and_commit(transaction, work, actions);
    }));
    run_after_commit(actions);
    return {};
}

Status PostgresStore::run_read(Scope const& scope, std::function<Status(Reader&)> const& work) {
    return run_repeatedly(pool_of(scope), Use::read, [&](PostgresTransaction& transaction) -> Status {
        transaction.set_scope(scope);
        Status status = run_caught(work, static_cast<Reader&>(transaction));
        if (transaction.failure()) return fail(*transaction.failure());
        return status;
    });
}

Status PostgresStore::run_submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) {
    QueuedWrite write{std::move(scope), std::move(work), std::move(done)};
    if (!queue_.push(write, WorkQueue::Full::refuse))
        return fail(
            unavailable("write_queue_full", "More is being written than the database can take. Try again shortly."));
    return {};
}

void PostgresStore::run_submitted() {
    for (;;) {
        std::vector<QueuedWrite> writes = queue_.take(static_cast<std::size_t>(options_.batch_max));
        if (writes.empty()) return;
        // The two roles are two connections, hence two commits.
        auto const of_system = std::stable_partition(writes.begin(), writes.end(),
                                                     [](QueuedWrite const& write) { return !write.scope.is_system(); });
        std::vector<QueuedWrite> const system(std::make_move_iterator(of_system),
                                              std::make_move_iterator(writes.end()));
        writes.erase(of_system, writes.end());
        commit_together(writes);
        commit_together(system);
    }
}

void PostgresStore::commit_together(std::vector<QueuedWrite> const& writes) {
    if (writes.empty()) return;
    struct Outcome {
        Status status;
        std::vector<std::function<void()>> actions;
    };
    std::vector<Outcome> outcomes;
    Status const committed =
        run_repeatedly(pool_of(writes[0].scope), Use::write, [&](PostgresTransaction& transaction) -> Status {
            outcomes.clear();
            for (QueuedWrite const& write : writes) {
                transaction.set_scope(write.scope);
                transaction.begin_work();
                Status status = run_caught(write.work, transaction);
                transaction.end_work(status.has_value());
                if (transaction.failure()) return fail(*transaction.failure());
                outcomes.push_back({std::move(status), transaction.take_actions()});
            }
            return commit(transaction);
        });
    if (!committed && writes.size() > 1 && may_be_of_one(committed.error())) {
        // One of them spoils it for all, or they meet others too often: each on its own.
        for (QueuedWrite const& write : writes) answer(write, run_write(write.scope, write.work));
        return;
    }
    outcomes.resize(writes.size());
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (!committed) outcomes[i].status = committed;
        if (outcomes[i].status) run_after_commit(outcomes[i].actions);
        answer(writes[i], outcomes[i].status);
    }
}

}  // namespace billhook::store
