#pragma once
// Buying a line: through a Checkout Session, or as a trial that needs no card. At most one session is open per customer
// and line; a line that is held is refused before money moves.

#include "domain/subscription/compare.h"
#include "flow/command/context.h"
#include "flow/command/subscription_view.h"

namespace billhook::flow {

struct PurchaseRequest {
    Asker asker;
    subscription::Target target;
    std::string currency;              // lower case; empty: the customer's, else the catalog's
    bool is_separate_attempt = false;  // it came with an idempotency key of its own
    std::string success_url;           // empty: the setting
    std::string cancel_url;
};

struct CheckoutView {
    std::string url;
    std::string stripe_session_id;
    IntentId intent;
    Timestamp expires_at;
};

/// Errors: conflict "line_already_held", "first_payment_pending", "change_in_progress", "currency_fixed"; not_found
/// "unknown_plan", "unknown_customer"; invalid "plan", "interval", "quantity", "currency".
Result<CheckoutView> purchase(CommandContext const& context, PurchaseRequest const& request);

/// Only for plans whose trial needs no card. Errors as purchase(), and conflict "no_trial".
Result<SubscriptionView> start_trial(CommandContext const& context, PurchaseRequest const& request);

}  // namespace billhook::flow
