#pragma once
// RewindableStore: the SQLite store within one transaction that never ends, so that it can go back to any moment that
// was marked, at the price of what was written since. For one thread; a crash test has no use for it.

#include <memory>
#include <string>

#include "store/sqlite/sqlite_connection.h"

namespace billhook::simulation {

class RewindableStore : public store::Store {
  public:
    /// On a migrated file, which stays as it is.
    static Result<std::unique_ptr<RewindableStore>> open(std::string const& path);

    using Mark = int;
    Mark mark();
    /// All is as it was at the mark. It is gone then, and with it all that were made since.
    void rewind(Mark mark);

    std::int64_t rerun_count() const override { return 0; }

  private:
    explicit RewindableStore(std::unique_ptr<store::SqliteConnection> connection)
        : connection_(std::move(connection)) {}

    Status run_write(store::Scope const& scope, std::function<Status(store::Writer&)> const& work) override;
    Status run_turn(std::string_view turn, std::function<Status(store::Writer&)> const& work) override;
    Status run_submit(store::Scope scope, std::function<Status(store::Writer&)> work,
                      std::function<void(Status)> done) override;
    Status run_read(store::Scope const& scope, std::function<Status(store::Reader&)> const& work) override;
    void run_script(std::string const& sql);

    std::unique_ptr<store::SqliteConnection> connection_;
    Mark marks_ = 0;
};

}  // namespace billhook::simulation
