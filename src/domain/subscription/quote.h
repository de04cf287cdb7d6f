#pragma once
// Quote: what a change was said to cost. ChangePreview: a quote that the customer has seen; while it holds, the change
// costs exactly what it said (PRODUCT 2.4: preview first).

#include <cstdint>
#include <optional>
#include <string>

#include "domain/subscription/compare.h"

namespace billhook::subscription {

/// Amounts are minor units of the subscription's currency.
struct Quote {
    std::int64_t amount_due_now = 0;
    std::int64_t credit = 0;       // of what was paid and is not used
    std::int64_t next_amount = 0;  // of the first regular invoice after the change
    Timestamp next_at;
    std::optional<Timestamp> proration_date;  // nullopt: nothing is prorated
    auto operator<=>(Quote const&) const = default;
};

/// Long enough to think it over and to ask a colleague; what the clock takes meanwhile is ours.
constexpr Duration preview_validity = Duration::hours(1);

/// At most one per customer and line: the one that was shown last.
struct ChangePreview {
    CustomerId customer;
    std::string line;
    Target target;
    Effective effective = Effective::now;
    std::string basis;
    Quote quote;
    Timestamp created_at;
    Timestamp expires_at;
    auto operator<=>(ChangePreview const&) const = default;
};

/// What a quote was reckoned from, in a text that changes with any of it: the item that bears the plan, its price,
/// quantity and period, and the latest invoice.
std::string basis_of(Subscription const& held);

/// Whether the change that is asked for now is the one that was previewed, from the same state, in time.
bool still_holds(ChangePreview const& preview, Subscription const& held, Target const& target, Effective effective,
                 Timestamp now);

}  // namespace billhook::subscription
