#pragma once
// The known name that a mistyped one was probably meant to be, for the hints beside "unknown …".

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace billhook {

/// Empty where no known name is close: at most one edit for every three characters, a swap of neighbours being one.
std::string nearest_name(std::string_view mistyped, std::span<std::string_view const> known);
std::string nearest_name(std::string_view mistyped, std::vector<std::string> const& known);

/// "; did you mean 'listen'?", or nothing where no known name is close.
std::string nearest_name_hint(std::string_view mistyped, std::span<std::string_view const> known);

}  // namespace billhook
