#include "flow/retry_schedule.h"

#include <algorithm>

namespace billhook::flow {
namespace {

Duration half_by_chance(std::int64_t wait_ms, RandomSource& random) {
    auto const half_ms = wait_ms / 2;
    return {half_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(wait_ms - half_ms) + 1))};
}

}  // namespace

std::optional<Duration> RetrySchedule::next_wait(int retries_made, RandomSource& random) const {
    if (retries_made >= retries_max) return std::nullopt;
    auto const doublings = std::min(retries_made, 30);
    auto const wait_ms = std::min(wait_min.ms << doublings, wait_max.ms);
    return half_by_chance(wait_ms, random);
}

Duration RetrySchedule::wait_in_outage(Duration waited, RandomSource& random) const {
    return half_by_chance(std::clamp(waited.ms / 4, wait_min.ms, outage_wait_max.ms), random);
}

}  // namespace billhook::flow
