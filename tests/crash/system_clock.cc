// Time that runs ahead by the seconds in CRASH_AHEAD, so that leases of a dead process run out without waiting.

#include <chrono>
#include <cstdlib>

#include "base/clock.h"

namespace billhook {

Timestamp SystemClock::now() const {
    using namespace std::chrono;
    static char const* const ahead = std::getenv("CRASH_AHEAD");
    static std::int64_t const shift_ms = ahead ? std::atoll(ahead) * 1000 : 0;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + shift_ms};
}

}  // namespace billhook
