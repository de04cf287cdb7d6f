#pragma once
// The time of a test clock while it advances. Its operations are in test_clock.cc.

#include <cstdint>
#include <string>

namespace billhook::sandbox {

class Call;
struct World;

std::int64_t advance_target(World& world, std::string const& clock);
/// Never goes back: work that is overdue runs at the clock's present time.
void set_frozen_time(World& world, std::string const& clock, std::int64_t time);
/// Brings the clock to its target and says that it is ready.
void finish_advance(Call& call, std::string const& clock);

}  // namespace billhook::sandbox
