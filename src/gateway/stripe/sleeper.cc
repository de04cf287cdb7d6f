#include "gateway/stripe/sleeper.h"

#include <chrono>
#include <thread>

namespace billhook::stripe {

bool ThreadSleeper::sleep(Duration duration) {
    std::this_thread::sleep_for(std::chrono::milliseconds(duration.ms));
    return true;
}

}  // namespace billhook::stripe
