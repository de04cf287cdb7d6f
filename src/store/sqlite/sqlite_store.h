#pragma once
// SqliteStore: the store in one file. One writer at a time (GroupCommit) and a few connections that read beside it; a
// read sees everything that was answered before it began.

#include "store/connection_pool.h"
#include "store/open_store.h"
#include "store/sqlite/group_commit.h"

namespace billhook::store {

class SqliteStore : public Store {
  public:
    static Result<std::unique_ptr<Store>> open(std::string const& path, StoreOptions const& options);
    std::int64_t rerun_count() const override { return 0; }

  private:
    SqliteStore(std::string const& path, StoreOptions const& options, std::unique_ptr<SqliteConnection> writer);

    Status run_write(Scope const& scope, std::function<Status(Writer&)> const& work) override;
    /// The one writer gives turns by itself.
    Status run_turn(std::string_view, std::function<Status(Writer&)> const& work) override {
        return run_write(Scope::system(), work);
    }
    Status run_submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) override;
    Status run_read(Scope const& scope, std::function<Status(Reader&)> const& work) override;

    ConnectionPool<SqliteConnection> readers_;
    GroupCommit writer_;
};

}  // namespace billhook::store
