#pragma once
// Doors: how the oracle reaches what it judges. Everything is read, nothing written.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/timestamp.h"

namespace billhook::oracle {

struct Doors {
    /// GET at the sandbox, as Stripe's API; null where it answers with an error.
    std::function<Json(std::string const& target)> stripe;
    /// GET at the engine, for a customer or, with an empty one, as the operator; null where it answers with an error.
    std::function<Json(std::string const& path, std::string const& customer)> engine;
    /// Rows of the engine's database; `types` has a letter for each column: t text, i integer.
    std::function<std::vector<std::vector<Json>>(std::string_view sql, std::string_view types)> rows;
    std::function<Timestamp()> now;
};

}  // namespace billhook::oracle
