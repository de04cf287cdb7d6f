#pragma once
// Opens the database that an address names: "postgres://…" or "postgresql://…", else a path of a SQLite file.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace billhook::store {

struct StoreOptions {
    int readers = 4;       // connections that read at the same time
    int writers = 4;       // PostgreSQL only: connections that write at the same time (SQLite has one)
    int queue_max = 8192;  // submitted writes that may wait
    int batch_max = 256;   // writes that share one commit
    int retries_max = 50;  // of a transaction that the database asked to run again
    Duration wait_max = Duration::seconds(10);  // for a free connection, or for another process's lock
};

/// Errors: invalid "database_not_migrated" (run `billhook migrate`), "database_too_new"; unavailable otherwise.
Result<std::unique_ptr<Store>> open_store(std::string_view database, StoreOptions const& options = {});

/// Brings the database to this program's version; creates a missing SQLite file (readable by its owner only). Returns
/// the names of the migrations it applied. Safe to run in several processes at once. Refuses a database newer than the
/// program (invalid "database_too_new") and one whose applied migrations differ (invalid "migration_changed").
Result<std::vector<std::string>> migrate(std::string_view database);

}  // namespace billhook::store
