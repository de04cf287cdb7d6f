#include "store/sqlite/sqlite_store.h"

#include <future>

#include "store/query/transaction.h"

namespace billhook::store {
namespace {

class SqliteReader : public Reader {
  public:
    explicit SqliteReader(SqliteConnection& connection) : connection_(connection) {}
    Result<Rows> query(Statement const& statement, Values const& values) override {
        return connection_.query(statement, values);
    }

  private:
    SqliteConnection& connection_;
};

Error closing() {
    return unavailable("shutting_down", "The server is shutting down. Try again shortly.");
}

}  // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(std::string const& path, StoreOptions const& options) {
    auto writer = TRY(SqliteConnection::open(path, SqliteConnection::Use::write, options.wait_max));
    return std::unique_ptr<Store>(new SqliteStore(path, options, std::move(writer)));
}

SqliteStore::SqliteStore(std::string const& path, StoreOptions const& options, std::unique_ptr<SqliteConnection> writer)
    : readers_(options.readers, options.wait_max,
               [path, options] { return SqliteConnection::open(path, SqliteConnection::Use::read, options.wait_max); }),
      writer_(std::move(writer), options.queue_max, options.batch_max) {}

Status SqliteStore::run_write(Scope const& scope, std::function<Status(Writer&)> const& work) {
    if (auto const written = writer_.write_at_once(work)) return *written;
    std::promise<Status> promise;
    QueuedWrite write{scope, [&work](Writer& writer) { return work(writer); },
                      [&promise](Status status) { promise.set_value(std::move(status)); }};
    if (!writer_.push(write, WorkQueue::Full::accept)) return fail(closing());
    return promise.get_future().get();
}

Status SqliteStore::run_submit(Scope scope, std::function<Status(Writer&)> work, std::function<void(Status)> done) {
    QueuedWrite write{std::move(scope), std::move(work), std::move(done)};
    if (!writer_.push(write, WorkQueue::Full::refuse))
        return fail(
            unavailable("write_queue_full", "More is being written than the database can take. Try again shortly."));
    return {};
}

Status SqliteStore::run_read(Scope const&, std::function<Status(Reader&)> const& work) {
    auto connection = TRY(readers_.lend());
    TRY(connection->execute(query::transaction::begin_read));
    SqliteReader reader(*connection);
    Status status = run_caught(work, reader);
    // SQLite ends the transaction by itself after an I/O error and where memory runs out.
    if (!connection->is_in_transaction()) {
        connection.discard();
        if (status)
            return fail(unavailable("database_unavailable", "The database could not be read. Try again later."));
        return status;
    }
    if (auto ended = connection->execute(query::transaction::rollback); !ended) {
        connection.discard();
        if (status) return fail(ended.error());
    }
    return status;
}

}  // namespace billhook::store
