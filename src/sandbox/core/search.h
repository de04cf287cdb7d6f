#pragma once
// Stripe's search language: field:'text' (exact), field~'part', field>1, -field:…, metadata['k']:'v', field:null,
// joined by AND or by OR, never both. Fields are looked up in the stored object.

#include <functional>
#include <string_view>

#include "sandbox/core/api_error.h"

namespace billhook::sandbox {

/// The judgement that a query stands for; refuses what does not parse.
Answer<std::function<bool(JsonObject const&)>> read_search(std::string_view query);

}  // namespace billhook::sandbox
