#pragma once
// What a command or a page shows of one line: the state that Stripe confirmed, and beside it what is still under way.

#include <optional>
#include <vector>

#include "domain/subscription/intent.h"
#include "domain/subscription/scheduled_change.h"
#include "domain/subscription/subscription.h"
#include "store/store.h"

namespace billhook::flow {

struct SubscriptionView {
    std::optional<subscription::Subscription> subscription;  // nullopt: nothing of the line is held
    std::optional<subscription::Intent> pending;
    std::optional<subscription::ScheduledChange> scheduled;
};

/// The live subscription of the line, else the one that ended last.
Result<SubscriptionView> view_line(store::Reader& reader, CustomerId const& customer, std::string_view line);
/// One view a line that was ever held or is being bought, by line.
Result<std::vector<SubscriptionView>> view_lines(store::Reader& reader, CustomerId const& customer);

}  // namespace billhook::flow
