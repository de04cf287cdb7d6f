#pragma once
// Runs what is due, one piece at a time and in time order: on the sandbox's own clock up to the present (or up to the
// time to which clock_sandbox is being advanced), and on each test clock that is advancing.

#include <functional>

#include "base/timestamp.h"

namespace billhook::sandbox {

class Call;
struct World;

/// Does one piece; false when there was nothing to do. `move_root` moves the sandbox's own clock.
bool run_next(World& world, std::function<void(Timestamp)> const& move_root, std::function<void(Call&)> const& commit);

}  // namespace billhook::sandbox
