#include "sandbox/clock/foresight.h"

#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {}  // namespace

Foresight::Foresight(Call& call, std::int64_t at)
    : call_(call), before_(call.now()), root_instant_before_(call.world().root_instant) {
    if (call.clock() == root_clock)
        call.world().root_instant = at;
    else
        call.edit(object_type::test_helpers_test_clock, call.clock())["frozen_time"] = at;
}

Foresight::~Foresight() {
    if (call_.clock() == root_clock)
        call_.world().root_instant = root_instant_before_;
    else
        call_.edit(object_type::test_helpers_test_clock, call_.clock())["frozen_time"] = before_;
}

}  // namespace billhook::sandbox
