#include "tests/simulation/rewindable_store.h"

#include "base/check.h"
#include "store/query/transaction.h"
#include "store/work_queue.h"

namespace billhook::simulation {
namespace {

namespace transaction = store::query::transaction;

class OneWriter : public store::Writer {
  public:
    explicit OneWriter(store::SqliteConnection& connection) : connection_(connection) {}

    Result<store::Rows> query(store::Statement const& statement, store::Values const& values) override {
        return connection_.query(statement, values);
    }
    Result<std::int64_t> execute(store::Statement const& statement, store::Values const& values) override {
        return connection_.execute(statement, values);
    }
    void after_commit(std::function<void()> action) override { actions_.push_back(std::move(action)); }

    std::vector<std::function<void()>> const& actions() const { return actions_; }

  private:
    store::SqliteConnection& connection_;
    std::vector<std::function<void()>> actions_;
};

std::string name_of(RewindableStore::Mark mark) {
    return "mark_" + std::to_string(mark);
}

}  // namespace

Result<std::unique_ptr<RewindableStore>> RewindableStore::open(std::string const& path) {
    std::unique_ptr<RewindableStore> store(new RewindableStore(
        TRY(store::SqliteConnection::open(path, store::SqliteConnection::Use::write, Duration::seconds(1)))));
    // What a savepoint keeps to go back to stays in memory.
    store->run_script("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536");
    TRY(store->connection_->execute(transaction::begin_write));
    return store;
}

RewindableStore::Mark RewindableStore::mark() {
    run_script("SAVEPOINT " + name_of(++marks_));
    return marks_;
}

void RewindableStore::rewind(Mark mark) {
    CHECK(mark <= marks_);
    run_script("ROLLBACK TO " + name_of(mark) + "; RELEASE " + name_of(mark));
    marks_ = mark - 1;
}

void RewindableStore::run_script(std::string const& sql) {
    CHECK(connection_->run_script(sql).has_value());
}

Status RewindableStore::run_write(store::Scope const&, std::function<Status(store::Writer&)> const& work) {
    TRY(connection_->execute(transaction::savepoint_work));
    OneWriter writer(*connection_);
    Status const status = store::run_caught(work, writer);
    CHECK(connection_->is_in_transaction());
    if (!status) TRY(connection_->execute(transaction::rollback_work));
    TRY(connection_->execute(transaction::release_work));
    if (status) store::run_after_commit(writer.actions());
    return status;
}

Status RewindableStore::run_turn(std::string_view, std::function<Status(store::Writer&)> const& work) {
    return run_write(store::Scope::system(), work);
}

Status RewindableStore::run_submit(store::Scope scope, std::function<Status(store::Writer&)> work,
                                   std::function<void(Status)> done) {
    done(run_write(scope, work));
    return {};
}

Status RewindableStore::run_read(store::Scope const&, std::function<Status(store::Reader&)> const& work) {
    OneWriter reader(*connection_);
    return store::run_caught(work, static_cast<store::Reader&>(reader));
}

}  // namespace billhook::simulation
