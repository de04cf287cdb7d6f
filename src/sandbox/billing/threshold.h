#pragma once
// Billing thresholds: usage is billed before the period ends once it is worth so much (of the subscription), or so many
// (of an item). Checked after each meter event (on a test clock when it moves
// next); not in a trial, nor in a period's last day. Source: Stripe,
// "Thresholds".

#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Keeps `billing_thresholds` of a subscription's parameters.
Answer<void> set_thresholds(JsonObject& subscription, JsonObject const& params);
/// Keeps `billing_thresholds` of an item's parameters.
void set_item_threshold(Call& call, std::string const& item, JsonObject const& params);

void add_thresholds(World& world);

}  // namespace billhook::sandbox
