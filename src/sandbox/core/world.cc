#include "sandbox/core/world.h"

namespace billhook::sandbox {

std::int64_t World::now(std::string_view clock_id) const {
    if (clock_id == root_clock) return root_instant ? *root_instant : clock.now().seconds();
    auto const* test_clock = store.find("test_helpers.test_clock", clock_id);
    return test_clock ? test_clock->at("frozen_time").as_int64() : clock.now().seconds();
}

}  // namespace billhook::sandbox
