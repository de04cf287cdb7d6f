#pragma once
// Giving money back for a subscription that ends. Amounts are Stripe's own: a preview of the cancellation, or all that
// an invoice was paid.

#include <optional>
#include <string>

#include "base/result.h"

namespace billhook::stripe {
class Client;
}

namespace billhook::flow {

/// What Stripe would credit if the subscription ended now, in minor units; 0 where nothing.
Result<std::int64_t> unused_amount(stripe::Client const& stripe, std::string const& stripe_subscription_id);

/// Refunds what the invoice was paid, at most `amount` where that is given. The refund's id, or "nothing_paid".
/// `operation` names the business operation: repeated, it refunds once.
Result<std::string> refund_latest_invoice(stripe::Client const& stripe, std::string const& stripe_invoice_id,
                                          std::optional<std::int64_t> amount, std::string const& operation);

/// Refunds in full every invoice that the subscription was paid.
Status refund_all_invoices(stripe::Client const& stripe, std::string const& stripe_subscription_id,
                           std::string const& operation);

}  // namespace billhook::flow
