#pragma once

#include <string_view>

namespace billhook {

/// A boundary at which the process may stop for good: between a store write and an outside call, or the other way
/// round. It does nothing here. A program that tests crashes brings its own definition, which the linker then takes
/// instead of ours: it stops the process, or throws, when the name is the one asked for. Names read "flow.boundary",
/// are unique, and stand as literals at the call, so that they can be listed.
void crash_point(std::string_view name);

}  // namespace billhook
