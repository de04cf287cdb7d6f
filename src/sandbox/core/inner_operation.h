#pragma once
// One operation of the API carried out inside another call, as a hosted page does: the same parameters, the same
// refusals, one transaction.

#include <string_view>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// perform(call, "POST", "/v1/subscriptions", {{"customer", …}}). Parameters as a form would carry them (texts) or
/// typed as text. A refusal leaves nothing behind.
Answer<Json> perform(Call& outer, std::string_view method, std::string_view path, JsonObject const& parameters);

}  // namespace billhook::sandbox
