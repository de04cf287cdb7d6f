#pragma once
// Endpoint: where a call goes, as a template and the ids that fill it. The template is what metrics and logs see.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace billhook::stripe {

struct Endpoint {
    std::string_view pattern;      // "/v1/subscriptions/{id}"; a literal, outlives the call
    std::vector<std::string> ids;  // one for each brace pair, in order
};

/// The path, ids percent-encoded. An empty id is `invalid`: it would turn "one of them" into "all of them".
Result<std::string> to_path(Endpoint const& endpoint);

}  // namespace billhook::stripe
