#include "store/queue_claim.h"

#include "base/check.h"

namespace billhook::store {

Status require_lease(Result<std::int64_t> const& changed) {
    if (!changed) return fail(changed.error());
    if (*changed == 0) return fail(conflict("lease_lost", "Another worker has taken this over."));
    return {};
}

std::map<QueueStatus, std::int64_t> counts_of(Rows const& rows) {
    std::map<QueueStatus, std::int64_t> counts;
    for (QueueStatus const status : queue_statuses) counts[status] = 0;
    for (Row const& row : rows) {
        auto const status = parse_queue_status(row.text(0));
        CHECK(status.has_value());
        counts[*status] = row.integer(1);
    }
    return counts;
}

}  // namespace billhook::store
