#include "sandbox/clock/foresight.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view type = "test_helpers.test_clock";

}  // namespace

Foresight::Foresight(Call& call, std::int64_t at)
    : call_(call), before_(call.now()), root_instant_before_(call.world().root_instant) {
    if (call.clock() == root_clock)
        call.world().root_instant = at;
    else
        call.edit(type, call.clock())["frozen_time"] = at;
}

Foresight::~Foresight() {
    if (call_.clock() == root_clock)
        call_.world().root_instant = root_instant_before_;
    else
        call_.edit(type, call_.clock())["frozen_time"] = before_;
}

}  // namespace billhook::sandbox
