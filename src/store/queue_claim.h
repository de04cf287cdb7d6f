#pragma once
// What the inbox and the outbox share when they hand out and take back what a worker holds.

#include <cstdint>
#include <map>

#include "store/queue_status.h"
#include "store/store.h"

namespace billhook::store {

/// How many due messages a claim looks at: more than it takes, since of each subject it takes one.
inline int looked_at_max(int limit) {
    return limit * 8;
}

/// Conflict "lease_lost" where no row was changed: the lease has run out and another worker has the row.
Status require_lease(Result<std::int64_t> const& changed);

/// From rows of status and count; every status is present.
std::map<QueueStatus, std::int64_t> counts_of(Rows const& rows);

}  // namespace billhook::store
