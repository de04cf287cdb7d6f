#pragma once
// What a record that Stripe has confirmed means for the wishes that were waiting for it: an intent is confirmed,
// refused or superseded, a scheduled change is done, called off or superseded.

#include <optional>
#include <string>

#include "domain/subscription/intent.h"
#include "domain/subscription/scheduled_change.h"

namespace billhook::subscription {

struct IntentOutcome {
    IntentStatus status = IntentStatus::confirmed;
    std::string reason;  // empty where confirmed
    auto operator<=>(IntentOutcome const&) const = default;
};

/// nullopt: the record does not decide it yet. `record` is of the intent's line.
std::optional<IntentOutcome> outcome_of(Intent const& pending, Subscription const& record);

/// Of one whose invoice is void: withdrawn by whoever wished it, or never paid.
IntentOutcome outcome_of_unpaid(Intent const& pending);

/// The status that the change has come to; nullopt: it is still scheduled.
std::optional<ScheduledChangeStatus> outcome_of(ScheduledChange const& scheduled, Subscription const& record);

}  // namespace billhook::subscription
