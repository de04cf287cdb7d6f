#pragma once
// RetrySchedule: when what failed is tried again. The wait doubles with each failure up to a bound, and half of it is
// chance, so that what failed together does not come back together.

#include <optional>

#include "base/random.h"
#include "base/timestamp.h"

namespace billhook::flow {

struct RetrySchedule {
    int retries_max = 20;
    Duration wait_min = Duration::seconds(2);
    Duration wait_max = Duration::hours(1);
    Duration outage_wait_max = Duration::minutes(2);  // so soon all goes on when an outage has ended

    /// The wait after the failure of an attempt that `retries_made` retries preceded; nothing where it was the last.
    std::optional<Duration> next_wait(int retries_made, RandomSource& random) const;
    /// The wait where Stripe answers nobody: as long again as a quarter of what it has waited, within bounds.
    Duration wait_in_outage(Duration waited, RandomSource& random) const;
};

}  // namespace billhook::flow
