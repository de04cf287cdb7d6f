#pragma once
// Waits for what another thread brings about: no longer than it takes, and gives up after half a minute or so.

#include <chrono>
#include <thread>

namespace billhook::net::testing {

template <class Condition>
bool comes_true(Condition const& condition) {
    for (int i = 0; i < 30'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
}

}  // namespace billhook::net::testing
