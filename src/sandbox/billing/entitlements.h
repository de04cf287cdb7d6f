#pragma once
// Active entitlements: the features that a customer's running subscriptions bring. Source: Stripe, "Entitlements".

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Brings the customer's active entitlements in line with its subscriptions, and tells of a change.
void refresh_entitlements(Call& call, std::string const& customer);

/// The ids of the features that a product brings now. An item keeps them from one period to the next.
JsonArray features_of_product(Call& call, std::string_view product);

void add_active_entitlements(World& world);

}  // namespace billhook::sandbox
