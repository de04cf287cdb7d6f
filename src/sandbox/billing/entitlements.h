#pragma once
// Active entitlements: the features that a customer's running subscriptions bring. Source: Stripe, "Entitlements".

#include <string>

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Brings the customer's active entitlements in line with its subscriptions, and tells of a change.
void refresh_entitlements(Call& call, std::string const& customer);

void add_active_entitlements(World& world);

}  // namespace billhook::sandbox
