#pragma once
// PostgresStore: the store on PostgreSQL, shared by many processes. Two bounded pools: requests run as billhook_app,
// where row-level security shows the scope's customer alone, the system's work as billhook_worker. Submitted writes are
// taken by a few threads that let those which wait together share a commit.

#include <atomic>
#include <thread>
#include <vector>

#include "store/connection_pool.h"
#include "store/open_store.h"
#include "store/postgres/postgres_transaction.h"
#include "store/work_queue.h"

namespace billhook::store {

class PostgresStore : public Store {
  public:
    static std::unique_ptr<Store> open(std::string const& url, StoreOptions const& options);
    ~PostgresStore() override;
    std::int64_t rerun_count() const override { return rerun_count_; }

  private:
    PostgresStore(std::string const& url, StoreOptions const& options);

    Status run_write(Scope const& scope, std::function<Status(Writer&)> const& work) override;
    Status run_turn(std::string_view turn, std::function<Status(Writer&)> const& work) override;
    Status run_submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) override;
    Status run_read(Scope const& scope, std::function<Status(Reader&)> const& work) override;

    using Pool = ConnectionPool<PostgresConnection>;
    using Actions = std::vector<std::function<void()>>;
    using Attempt = std::function<Status(PostgresTransaction&)>;
    Pool& pool_of(Scope const& scope) { return scope.is_system() ? workers_ : apps_; }
    /// Runs the attempt on a connection of the pool, again as long as the database asks for it.
    Status run_repeatedly(Pool& pool, PostgresTransaction::Use use, Attempt const& attempt);
    void run_submitted();
    static Status commit(PostgresTransaction& transaction);
    static Status run_and_commit(PostgresTransaction& transaction, std::function<Status(Writer&)> const& work,
                                 Actions& actions);
    void commit_together(std::vector<QueuedWrite> const& writes);

    StoreOptions const options_;
    Pool apps_;
    Pool workers_;
    WorkQueue queue_;
    std::atomic<std::int64_t> rerun_count_ = 0;
    std::vector<std::thread> threads_;
};

}  // namespace billhook::store
