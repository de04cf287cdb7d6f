#pragma once
// Scheduled changes: plan changes that take effect at period end. At most one is scheduled per subscription.

#include <optional>
#include <string_view>
#include <vector>

#include "domain/subscription/scheduled_change.h"
#include "store/store.h"

namespace billhook::store {

using subscription::ScheduledChange;

/// Conflict "change_already_scheduled" where the subscription has one; the transaction stays usable.
Status insert_scheduled_change(Writer& writer, ScheduledChange const& change);
/// Writes what may change (target, effective_at, schedule id, status, ended_at). not_found where there is none.
Status update_scheduled_change(Writer& writer, ScheduledChange const& change);
/// The one whose status is `scheduled`.
Result<std::optional<ScheduledChange>> find_scheduled_change(Reader& reader, CustomerId const& customer,
                                                             SubscriptionId const& subscription);
/// The newest with that schedule, whatever its status. Across customers: under the system's scope only.
Result<std::optional<ScheduledChange>> find_scheduled_change_by_stripe_id(Reader& reader,
                                                                          std::string_view stripe_schedule_id);
/// All of the customer's, newest first.
Result<std::vector<ScheduledChange>> list_scheduled_changes(Reader& reader, CustomerId const& customer, int limit);

}  // namespace billhook::store
