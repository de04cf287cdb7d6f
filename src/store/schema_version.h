#pragma once
// How far a database's schema is, judged by the rows of schema_migration (id, name, checksum).

#include "store/store.h"

namespace billhook::store {

/// How many of this program's migrations are applied. Errors: "database_too_new", "migration_changed".
Result<std::size_t> count_applied(Rows const& applied);
/// Error "database_not_migrated" where some are missing.
Status check_is_current(Rows const& applied);

}  // namespace billhook::store
