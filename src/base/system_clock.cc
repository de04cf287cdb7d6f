#include <chrono>

#include "base/clock.h"

namespace billhook {

Timestamp SystemClock::now() const {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace billhook
