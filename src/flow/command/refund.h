#pragma once
// Giving money back for a subscription that ends. Amounts are Stripe's own: a preview of the cancellation, or all that
// its invoices were paid.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace billhook::stripe {
class Client;
struct Subscription;
}  // namespace billhook::stripe

namespace billhook::flow {

/// What Stripe would credit if the subscription ended now, in minor units; 0 where nothing.
Result<std::int64_t> unused_amount(stripe::Client const& stripe, std::string const& stripe_subscription_id);

/// Refunds what was paid since the subscription's period began, its renewal and the changes since: from the latest
/// invoice backwards up to `amount`, in minor units, where that is given. The refunds' ids; none where nothing was
/// paid. `operation` names the business operation: repeated, it refunds once.
Result<std::vector<std::string>> refund_period(stripe::Client const& stripe, stripe::Subscription const& subscription,
                                               std::optional<std::int64_t> amount, std::string const& operation);

/// Refunds in full every invoice that the subscription was paid.
Status refund_all_invoices(stripe::Client const& stripe, std::string const& stripe_subscription_id,
                           std::string const& operation);

}  // namespace billhook::flow
