#pragma once
// A subscription that is to end in the middle of a period: the time after its end is credited, and given back when the
// end is called off.

#include <string>

#include "sandbox/billing/change_plan.h"
#include "sandbox/core/call.h"

namespace billhook::sandbox {

/// Brings the items' current periods in line with the subscription's cancel_at.
Answer<void> cut_periods(Call& call, std::string const& subscription, ProrationBehavior proration);

}  // namespace billhook::sandbox
