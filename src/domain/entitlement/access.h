#pragma once
// One table from what Stripe says of a subscription to what the customer may use. Everything that gates asks here.

#include <optional>
#include <string_view>

#include "domain/entitlement/snapshot.h"

namespace billhook::entitlement {

struct GracePolicy {
    Duration grace = Duration::days(7);  // past_due: all features stay
    Duration soft = Duration::days(7);   // then soft features are off, then all
};

struct AccessDecision {
    Access access = Access::locked;
    std::string_view reason;              // "active", "trial", "past_due_grace", "past_due_soft", "payment_required", …
    std::optional<Timestamp> changes_at;  // decide again from then on, without any news from Stripe
    bool operator==(AccessDecision const&) const = default;
};

AccessDecision decide_access(subscription::Subscription const& held, GracePolicy const& policy, Timestamp now);

}  // namespace billhook::entitlement
