#pragma once
// A trial that ends without a payment method: what trial_settings.end_behavior.missing_payment_method wants then.

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Whether the end of this trial cancels or pauses the subscription, because nothing could be charged.
bool stops_at_trial_end(Call& call, JsonObject const& subscription);
/// Cancels or pauses it.
void stop_at_trial_end(Call& call, std::string const& subscription);

}  // namespace billhook::sandbox
