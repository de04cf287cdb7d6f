#pragma once
// Charges: one attempt on a card each, successful or not.

#include <string>

#include "sandbox/core/call.h"
#include "sandbox/payment/test_card.h"

namespace billhook::sandbox {

/// Attempts the amount of a payment intent and emits charge.succeeded or charge.failed. The charge's id.
std::string create_charge(Call& call, JsonObject const& intent, std::string const& method, ApiError const* failure,
                          bool was_challenged);

void add_charges(World& world);

}  // namespace billhook::sandbox
