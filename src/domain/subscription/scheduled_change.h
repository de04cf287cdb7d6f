#pragma once
// ScheduledChange: another plan, rhythm or quantity from the period end on. Stripe's subscription schedule executes it
// exactly once; this row is how a customer sees it. At most one is scheduled per subscription.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/subscription/compare.h"
#include "domain/subscription/subscription.h"

namespace billhook {

using ScheduledChangeId = Id<struct ScheduledChangeTag>;  // "chg_…"

namespace subscription {

enum class ScheduledChangeStatus { scheduled, done, canceled, superseded };
char const* to_string(ScheduledChangeStatus status);
std::optional<ScheduledChangeStatus> parse_scheduled_change_status(std::string_view word);

struct ScheduledChange {
    ScheduledChangeId id;
    CustomerId customer;
    SubscriptionId subscription;
    std::string line;
    std::string from_plan;
    std::string to_plan;
    IntervalUnit to_interval = IntervalUnit::month;
    std::int64_t to_quantity = 1;
    Timestamp effective_at;
    std::string stripe_schedule_id;
    ScheduledChangeStatus status = ScheduledChangeStatus::scheduled;
    Timestamp created_at;
    std::optional<Timestamp> ended_at;
    auto operator<=>(ScheduledChange const&) const = default;
};

/// Whether it brings exactly this.
bool brings(ScheduledChange const& change, Target const& target);

}  // namespace subscription
}  // namespace billhook
