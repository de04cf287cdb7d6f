#include "base/clock.h"

#include <algorithm>

namespace billhook {

void ShiftedClock::advance_to(Timestamp target) {
    std::int64_t shift = shift_ms_.load();
    std::int64_t wanted = 0;
    do {
        wanted = std::max(shift, target.ms - source_.now().ms);
    } while (!shift_ms_.compare_exchange_weak(shift, wanted));
}

}  // namespace billhook
