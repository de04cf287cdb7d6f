#pragma once
// What time does to a subscription. Each has one entry in the due queue, for the earliest of all that may happen to it;
// what falls on one instant happens in the order of schedule phase, expiry, end, trial end, renewal, notices.

#include <string>

#include "sandbox/billing/period.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// To be called after whatever moves a period, a trial, an end or a status: plans what time does next, and brings the
/// customer's entitlements in line.
void follow_up(Call& call, std::string const& subscription);
/// Sends customer.subscription.trial_will_end unless it was sent for this trial end.
void announce_trial_end(Call& call, std::string const& subscription);

void add_subscription_time(World& world);

}  // namespace billhook::sandbox
