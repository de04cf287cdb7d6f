#pragma once
// What the inbox and the outbox share when they hand out and take back what a worker holds.

#include <cstdint>
#include <map>
#include <string_view>

#include "store/queue_status.h"
#include "store/store.h"

namespace billhook::store {

/// The error of an item whose lease ran out: whoever held it died, or was too slow to come to it.
inline constexpr std::string_view interrupted = "the worker that held it did not finish";

/// How many due messages a claim looks at: more than it takes, since of each subject it takes one.
inline int looked_at_max(int limit) {
    return limit * 8;
}

/// Conflict "lease_lost" where no row was changed: the lease has run out and another worker has the row.
Status require_lease(Result<std::int64_t> const& changed);

/// From rows of status and count; every status is present.
std::map<QueueStatus, std::int64_t> counts_of(Rows const& rows);

}  // namespace billhook::store
