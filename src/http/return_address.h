#pragma once
// Return addresses of Checkout and Portal: only within the configured origins, so that a link of ours never leads a
// customer to a stranger's page.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace billhook::http {

/// The address itself, or the first allowed origin where none is given. `field` is named in the error.
Result<std::string> check_return_address(std::string_view address, std::vector<std::string> const& allowed_origins,
                                         std::string_view field);

}  // namespace billhook::http
